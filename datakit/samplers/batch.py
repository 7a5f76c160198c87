"""Indices → lists of indices of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from torch import Tensor

from datakit._errors import check_bool, check_positive


class BatchSampler:
    """Group the indices of another sampler into lists.

    Args:
        sampler: any iterable of indices; each epoch loops over it once.
        batch_size: how many indices a batch has.
        drop_last: whether to leave out the last batch if it is smaller than the others.

    Raises:
        ValueError: if ``batch_size`` is not a positive integer or ``drop_last`` not a bool.

    Example:
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        check_positive(batch_size, "batch_size", "BatchSampler")
        check_bool(drop_last, "drop_last", "BatchSampler")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def draw(self) -> Iterator[Tensor]:
        """Loop once, like ``iter``, but over int64 tensors [B], cut from a whole epoch that the sampler draws at once.

        No Python number is made, which is most of the work where a batch is one ``index_select``.

        Raises:
            AttributeError: if the sampler has no method ``draw``.
        """
        order = self.sampler.draw()  # type: ignore[attr-defined]  # see above
        if self.drop_last:
            order = order[: len(order) - len(order) % self.batch_size]
        if len(order):  # even nothing would be split into one batch
            yield from order.split(self.batch_size)

    def __len__(self) -> int:
        """How many batches an epoch has; the sampler must know its own length."""
        n = len(self.sampler)  # type: ignore[arg-type]  # an iterable without a length fails here, with Python's message
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
