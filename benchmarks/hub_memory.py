"""How much memory processes take of which many share pages: the kernel's own count, in MiB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

MIB = 2**20


@dataclass(frozen=True)
class Memory:
    """Memory of one process, or of several together, in MiB.

    Attributes:
        pss: its own pages, and of each shared one its part. What all processes take together is the sum of these.
        uss: its own pages alone: what is free again when it ends.
    """

    pss: float
    uss: float


def memory_of(processes: Iterable[psutil.Process]) -> Memory:
    """Add up what processes take; who has ended meanwhile takes nothing."""
    pss = uss = 0.0
    for process in processes:
        try:
            full = process.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        pss += full.pss / MIB
        uss += full.uss / MIB
    return Memory(round(pss, 1), round(uss, 1))
