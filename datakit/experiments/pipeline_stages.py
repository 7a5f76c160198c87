"""Batches that take as long to read and to decode as they are told to: what `bottleneck.py` loads."""

from __future__ import annotations

import hashlib
import time

import torch
from torch import Tensor
from torch.utils.data import Dataset

BLOCK = bytes(2**16)  # takes about a tenth of a millisecond to hash


class Stages(Dataset[Tensor]):
    """Batches that take a given time to load, and hold how long they really took.

    Args:
        n: how many batches.
        read: seconds to sleep for each.
        decode: seconds of computing for each.
    """

    def __init__(self, n: int, read: float, decode: float) -> None:
        self.n = n
        self.read = read
        self.decode = decode

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Tensor:
        """Return the seconds that reading and decoding took, float64 [2]."""
        start = time.perf_counter()
        time.sleep(self.read)
        middle = time.perf_counter()
        use_a_core(self.decode)
        return torch.tensor([middle - start, time.perf_counter() - middle], dtype=torch.float64)


def use_a_core(seconds: float) -> None:
    """Compute until this thread has had a core for so long, however long others keep it waiting.

    It hashes, because that leaves Python's lock to other threads, as decoders do.
    """
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        hashlib.sha256(BLOCK).digest()
