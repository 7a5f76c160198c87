"""Five ways to share a dataset among ranks and workers: what `coverage_grid.py` compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from torch.utils.data import Dataset, IterableDataset

from datakit.datasets.worker_split import Reader, current_worker
from datakit.loader import DataLoader
from datakit.samplers import DistributedSampler

AS_IT_IS, BY_WORKER, BY_BOTH = "stream as it is", "stream, split by worker", "stream, split by rank and worker"
SAMPLER, DROP_LAST = "DistributedSampler", "DistributedSampler, drop_last"
WAYS = (AS_IT_IS, BY_WORKER, BY_BOTH, SAMPLER, DROP_LAST)
BATCH_SIZE = 2


class Stream(IterableDataset[tuple[int, int]]):
    """The numbers 0 to n - 1, each with the worker that it is read in.

    Args:
        n: how many numbers.
        way: ``AS_IT_IS``, ``BY_WORKER`` or ``BY_BOTH``.
        rank: this rank.
        ranks: how many there are.
    """

    def __init__(self, n: int, way: str, rank: int, ranks: int) -> None:
        self.n = n
        self.way = way
        self.rank = rank
        self.ranks = ranks

    def __iter__(self) -> Iterator[tuple[int, int]]:
        worker, workers = current_worker()
        reader = Reader(self.rank, self.ranks, worker, workers)
        first, step = {AS_IT_IS: (0, 1), BY_WORKER: (worker, workers), BY_BOTH: (reader.number, reader.count)}[self.way]
        return ((sample, worker) for sample in range(first, self.n, step))


class Numbers(Dataset[tuple[int, int]]):
    """The numbers 0 to n - 1 by index, each with the worker that it is read in."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> tuple[int, int]:
        return index, current_worker()[0]


def rank_loader(
    way: str, n: int, rank: int, ranks: int, workers: int, kind: Literal["process", "thread"], context: str | None
) -> DataLoader:
    """Make a rank's loader.

    Args:
        way: one of ``WAYS``.
        n: the number of samples.
        rank: this rank.
        ranks: how many there are.
        workers: how many workers each has.
        kind: what they are.
        context: how processes start; see :class:`datakit.DataLoader`.

    Returns:
        A loader whose batches are samples, int64 [B], and the workers that read them, int64 [B].
    """
    if way in (SAMPLER, DROP_LAST):
        dataset: Numbers | Stream = Numbers(n)
        sampler = DistributedSampler(Numbers(n), ranks, rank, shuffle=False, drop_last=way == DROP_LAST)
    else:
        dataset, sampler = Stream(n, way, rank, ranks), None
    return DataLoader(
        dataset,
        BATCH_SIZE,
        sampler=sampler,
        num_workers=workers,
        workers=kind,
        multiprocessing_context=context,
    )
