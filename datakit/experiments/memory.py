"""How much memory a thing holds, counted, and how much the process has, asked."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

from torch import Tensor

from datakit._errors import missing_package

MIB = 2**20


def tensor_bytes(holder: object) -> int:
    """Count the bytes of all tensors that an object holds in its attributes, lists, tuples and dicts."""
    if isinstance(holder, Tensor):
        return holder.untyped_storage().nbytes()
    if isinstance(holder, dict):
        return sum(tensor_bytes(value) for value in holder.values())
    if isinstance(holder, list | tuple):
        return sum(tensor_bytes(value) for value in holder)
    return sum(tensor_bytes(value) for value in getattr(holder, "__dict__", {}).values())


def resident_bytes() -> int:
    """Ask the operating system how much memory this process has.

    Raises:
        ModuleNotFoundError: if psutil is not installed.
    """
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise missing_package("psutil", "resident_bytes()") from error
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def give_back_freed_memory() -> None:
    """Return memory that was freed to the operating system.

    The C library keeps it for later. What is allocated next then comes from there, and the process doesn't grow,
    however much is held. Only Linux's C library can be asked; elsewhere nothing happens.

    Source: malloc_trim(3), Linux manual page.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
