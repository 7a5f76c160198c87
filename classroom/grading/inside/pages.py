"""Make forking cheap: a fork copies an entry for each page in use, and a large page is one instead of 512."""

from __future__ import annotations

import ctypes
from pathlib import Path

LARGE = 2 << 20  # bytes
COLLAPSE = 25  # MADV_COLLAPSE of madvise(2), since Linux 6.1
FROM_THE_START = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""A program's variable by which the C library asks for large pages at once: less is left to gather."""


def use_large_pages() -> None:
    """Gather what this process holds in memory into large pages; where the system can't, it stays as it is."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *_, owner = [*line.split(maxsplit=5), ""][:6]
        if rights == "rw-p" and owner in ("", "[heap]"):
            begin, end = (int(address, 16) for address in addresses.split("-"))
            begin, end = -(-begin // LARGE) * LARGE, end // LARGE * LARGE
            if begin < end:
                madvise(begin, end - begin, COLLAPSE)
