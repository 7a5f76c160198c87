"""Memory that two processes share: a file that has no name and lies in no folder.

A process makes the file, both map it, and both close it. From then on the mappings alone keep the memory, so whatever
becomes of the processes, nothing is left behind: there is no name to forget in ``/dev/shm``, no file descriptor that
runs out when thousands of batches are held, and on Linux not even the size of ``/dev/shm`` is a limit.

Source: "memfd_create(2)", Linux manual page.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def nameless_file(size: int) -> int:
    """Make a file of ``size`` bytes, all zero, that only its descriptor leads to; the caller closes it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("datakit batch")
    else:
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)  # noqa: PTH108  # a path in this form is what mkstemp gave
    os.truncate(descriptor, size)
    return descriptor


def mapped(descriptor: int, size: int) -> Bytes:
    """Map the first ``size`` bytes of a file; the descriptor can be closed afterwards."""
    # Python's own mmap would keep a descriptor open for each mapping.
    return torch.from_file(f"/dev/fd/{descriptor}", shared=True, size=size, dtype=torch.uint8).numpy()


def lend(memory: Bytes, give_back: Callable[[Any], object], name: object) -> Bytes:
    """Return a view of ``memory``; as soon as nothing uses the view any more, ``give_back(name)`` is called.

    Whatever is made of the view with ``torch.frombuffer`` keeps it in use. The call comes from whichever thread lets go
    last, at any moment.
    """
    view = memory[:]
    weakref.finalize(view, give_back, name).atexit = False
    return view
