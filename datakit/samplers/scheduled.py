"""Batches whose size changes from epoch to epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from datakit._errors import check_bool, check_positive
from datakit.samplers.batch import BatchSampler
from datakit.samplers.epochs import EpochCounter


class ScheduledBatchSampler(EpochCounter):
    """Batches of a size that a schedule gives for each epoch.

    A batch that grows while training goes on calms the gradient as a falling learning rate does, and keeps the
    hardware busier.

    Args:
        sampler: any iterable of indices; each epoch loops over it once.
        schedule: called with the epoch's number, from 0; returns the batch size.
        drop_last: whether to leave out the last batch of an epoch if it is smaller than the others.

    Attributes:
        epoch: the number of the next loop; see :meth:`set_epoch`.

    Raises:
        ValueError: as the loop begins, if ``schedule`` returns anything but a positive integer; at once, if
            ``drop_last`` is not a bool.

    Source: "Don't Decay the Learning Rate, Increase the Batch Size" (Smith et al., 2018).

    Example:
        >>> batches = ScheduledBatchSampler(range(4), schedule=lambda epoch: 2**epoch)
        >>> [list(batches) for epoch in range(3)]
        [[[0], [1], [2], [3]], [[0, 1], [2, 3]], [[0, 1, 2, 3]]]
    """

    def __init__(self, sampler: Iterable[int], schedule: Callable[[int], int], drop_last: bool = False) -> None:
        super().__init__()
        check_bool(drop_last, "drop_last", "ScheduledBatchSampler")
        self.sampler = sampler
        self.schedule = schedule
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches_of(self._begin_epoch()))

    def __len__(self) -> int:
        """How many batches the next loop has; the sampler must know its own length."""
        return len(self._batches_of(self.epoch))

    def _batches_of(self, epoch: int) -> BatchSampler:
        size = self.schedule(epoch)
        check_positive(size, f"schedule({epoch})", "ScheduledBatchSampler")
        return BatchSampler(self.sampler, size, self.drop_last)
