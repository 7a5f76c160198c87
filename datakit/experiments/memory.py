"""How much memory a thing holds, counted, and how much the process has, asked."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from types import FunctionType, ModuleType

import numpy as np
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


def count_objects(holder: object) -> int:
    """Count the Python objects that an object holds, at any depth, each once; itself, its class and functions left out.

    Each has a reference count, to which Python writes when it looks at the object. A tensor or a NumPy array is one
    object, however many numbers it has; an array of objects is one and those in it.

    Example:
        >>> count_objects(["one", "two"]), count_objects((np.arange(1000),))
        (2, 1)
    """
    found: dict[int, object] = {}
    waiting = [holder]
    while waiting:
        for item in _inside(waiting.pop()):
            if id(item) not in found and not isinstance(item, type | ModuleType | FunctionType):
                found[id(item)] = item
                waiting.append(item)
    found.pop(id(holder), None)
    return len(found)


def _inside(thing: object) -> list[object]:
    # NumPy doesn't tell Python's garbage collector what an array of objects holds.
    if isinstance(thing, np.ndarray) and thing.dtype.hasobject:
        return list(thing.flat)
    if isinstance(thing, dict):  # whose keys it doesn't tell, if they are texts
        return [*thing.keys(), *thing.values()]
    return gc.get_referents(thing)


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
