"""Who reads which part of a stream: ranks × workers, so that nothing is repeated and nothing is lost.

A map-style dataset leaves that to a sampler. A stream has none: each rank, and each worker within it, has its own copy
of the stream and would read all of it. So each must know who it is and skip what belongs to others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import distributed
from torch.utils.data import get_worker_info

_current: ContextVar[tuple[int, int] | None] = ContextVar("the worker that this code runs in", default=None)


@dataclass(frozen=True)
class Reader:
    """One of those that read a stream together: worker ``worker`` of rank ``rank``.

    Attributes:
        rank: the training process, ``0 <= rank < world_size``.
        world_size: how many training processes there are.
        worker: the loader's worker within the rank, ``0 <= worker < num_workers``.
        num_workers: workers a rank; 1 where the loader has none and reads by itself.

    Example:
        >>> reader = Reader(rank=1, world_size=2, worker=0, num_workers=3)
        >>> (reader.number, reader.count)
        (3, 6)
    """

    rank: int
    world_size: int
    worker: int
    num_workers: int

    @property
    def number(self) -> int:
        """This reader's number among all: the workers of rank 0 first, then those of rank 1, and so on."""
        return self.rank * self.num_workers + self.worker

    @property
    def count(self) -> int:
        """How many readers there are."""
        return self.world_size * self.num_workers

    def __str__(self) -> str:
        return f"worker {self.worker} of {self.num_workers} in rank {self.rank} of {self.world_size}"


def current_worker() -> tuple[int, int]:
    """Say which worker this code runs in: the one place where streams ask.

    Returns:
        The worker's number and how many workers there are; ``(0, 1)`` outside any worker.

    Source: "torch.utils.data", PyTorch documentation, get_worker_info.
    """
    own = _current.get()
    if own is not None:
        return own
    info = get_worker_info()
    return (0, 1) if info is None else (info.id, info.num_workers)


@contextmanager
def working_as(worker: int, num_workers: int) -> Iterator[None]:
    """Make the code inside the ``with`` block, in this thread, the work of one worker.

    PyTorch keeps one answer a process, so it can't tell two threads apart. A loader whose workers are threads says here
    which one each is. What must be inside is ``iter(stream)``: the iterator remembers.

    Args:
        worker: this worker's number.
        num_workers: how many workers there are.

    Example:
        >>> with working_as(1, num_workers=4):
        ...     current_worker()
        (1, 4)
    """
    token = _current.set((worker, num_workers))
    try:
        yield
    finally:
        _current.reset(token)


def rank_and_world_size(rank: int | None, world_size: int | None, owner: str) -> tuple[int, int]:
    """Check the two, or find them out where both are ``None``.

    Found out means: from PyTorch's process group if there is one, else from the environment variables ``RANK`` and
    ``WORLD_SIZE`` that ``torchrun`` sets, else a single process. A worker process has no process group, so this is
    asked when a stream is made, not when it is read.

    Args:
        rank: this training process, or ``None``.
        world_size: how many training processes there are, or ``None``.
        owner: the class that has the arguments.

    Raises:
        ValueError: if only one of the two is given, or ``rank`` is not in ``0 .. world_size - 1``.
    """
    if rank is None and world_size is None:
        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_rank(), distributed.get_world_size()
        if "RANK" in os.environ and "WORLD_SIZE" in os.environ:
            return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        return 0, 1
    if rank is None or world_size is None:
        raise ValueError(
            f"{owner}: rank={rank!r} and world_size={world_size!r} arrived. Pass both, or neither: "
            "they are then taken from torch.distributed or from torchrun's environment."
        )
    if not 0 <= rank < world_size:
        raise ValueError(
            f"{owner}: rank={rank} and world_size={world_size} arrived. "
            "Ranks count from 0, so rank must be at least 0 and below world_size."
        )
    return rank, world_size
