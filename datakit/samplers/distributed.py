"""A different part of the dataset for each process of a distributed run."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch

from datakit._errors import check_bool, check_not_negative, check_positive


class DistributedSampler:
    """Every sample on one rank, as PyTorch's sampler shares them out: rank r of R takes every R-th place, from r on.

    All ranks must make the same number of steps, or the last one waits forever. So where the dataset can't be shared
    evenly, the first samples of the order come **twice** (:attr:`repeats` tells how many), or, with ``drop_last``, some
    don't come at all (:attr:`left_out`). Repeats do no harm in training; a score on the test split must leave them out:
    they are the last :attr:`repeats_here` indices of this rank.

    The order is a function of ``seed + epoch``. Each epoch begins with ``set_epoch(epoch)``, or it repeats the one
    before; unlike datakit's own samplers this one does not count by itself, because PyTorch's doesn't.

    Args:
        dataset: only its length matters; the same on all ranks.
        num_replicas: the number of ranks, R; by default that of the running process group.
        rank: which of them this is; by default that of this process.
        shuffle: whether to draw a new random order each epoch.
        seed: the same on all ranks.
        drop_last: whether to leave samples out instead of repeating some.

    Attributes:
        epoch: the epoch of the next loop.
        num_samples: how many indices each rank has.
        total_size: how many indices all ranks have together.

    Raises:
        RuntimeError: if ``num_replicas`` or ``rank`` is left out and no process group is running.
        ValueError: if there is nothing to share out, or an argument is out of range.

    Source: "torch.utils.data.distributed", PyTorch documentation, DistributedSampler.

    Example:
        >>> ranks = [DistributedSampler(range(5), num_replicas=2, rank=r, shuffle=False) for r in range(2)]
        >>> [list(sampler) for sampler in ranks]
        [[0, 2, 4], [1, 3, 0]]
        >>> ranks[1].repeats_here
        1
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        self.num_replicas = _from_process_group("num_replicas") if num_replicas is None else num_replicas
        self.rank = _from_process_group("rank") if rank is None else rank
        check_positive(self.num_replicas, "num_replicas", "DistributedSampler")
        check_not_negative(self.rank, "rank", "DistributedSampler")
        if self.rank >= self.num_replicas:
            raise ValueError(
                f"DistributedSampler: rank {self.rank} arrived with num_replicas={self.num_replicas}. "
                f"Ranks are numbered from 0 to {self.num_replicas - 1}."
            )
        check_bool(shuffle, "shuffle", "DistributedSampler")
        check_not_negative(seed, "seed", "DistributedSampler")
        check_bool(drop_last, "drop_last", "DistributedSampler")
        self.dataset = dataset
        self.shuffle = shuffle
        self.seed = seed
        self.drop_last = drop_last
        self.epoch = 0
        n = len(dataset)
        self.num_samples = n // self.num_replicas if drop_last else -(-n // self.num_replicas)
        self.total_size = self.num_samples * self.num_replicas
        if self.num_samples == 0:
            raise ValueError(
                f"DistributedSampler: {n} samples can't be shared among {self.num_replicas} ranks with "
                f"drop_last={drop_last}: every epoch would be empty. Use more samples or fewer ranks."
            )

    def set_epoch(self, epoch: int) -> None:
        """Make the next loop epoch number ``epoch``.

        Raises:
            ValueError: if ``epoch`` is not an integer, or is negative.
        """
        check_not_negative(epoch, "epoch", "DistributedSampler.set_epoch")
        self.epoch = epoch

    @property
    def repeats(self) -> int:
        """How many of all ranks' indices bring a sample that another has brought already."""
        return max(0, self.total_size - len(self.dataset))

    @property
    def repeats_here(self) -> int:
        """How many of this rank's indices, the last ones, do so."""
        return sum(place % self.num_replicas == self.rank for place in range(len(self.dataset), self.total_size))

    @property
    def left_out(self) -> int:
        """How many samples no rank gets in an epoch: a different few each epoch, where the order is random."""
        return max(0, len(self.dataset) - self.total_size)

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        order = list(range(n))
        if self.shuffle:
            generator = torch.Generator().manual_seed(self.seed + self.epoch)
            order = torch.randperm(n, generator=generator).tolist()
        # Past its end the order begins again: these are the repeats.
        return iter([order[place % n] for place in range(self.rank, self.total_size, self.num_replicas)])

    def __len__(self) -> int:
        return self.num_samples


def _from_process_group(what: str) -> int:
    from torch import distributed

    if not distributed.is_available() or not distributed.is_initialized():
        raise RuntimeError(
            f"DistributedSampler: {what} was left out, and no process group is running that could tell. "
            "Call torch.distributed.init_process_group() first, or pass num_replicas and rank."
        )
    return distributed.get_world_size() if what == "num_replicas" else distributed.get_rank()
