"""Batches of as many samples as a budget allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from torch import Tensor

from datakit._errors import check_bool, check_positive
from datakit.samplers.sizes import checked_sizes


class DynamicBatchSampler:
    """Batches that hold few large samples or many small ones: the padded batch stays within a budget.

    A batch is padded to its largest sample, so it costs (number of samples) × (size of the largest): tokens for
    sentences, pixels for images. It is closed when one more sample would cost more than the budget.

    Args:
        sampler: any iterable of indices; each epoch loops over it once.
        sizes: the size of each sample of the dataset, in tokens, pixels or whatever the budget counts.
        budget: what a padded batch may cost at most.
        min_batch_size: the fewest samples a batch has, the last one of an epoch excepted.
        max_batch_size: the most samples a batch has; by default only the budget counts.
        drop_last: whether to leave out the last batch if it has fewer than ``min_batch_size`` samples.

    Raises:
        ValueError: if ``min_batch_size`` of the largest sample cost more than the budget, or an argument is out of
            range.
        IndexError: in the loop, if the sampler yields an index that has no size.

    There is no ``len()``: how many batches there are depends on the order of the samples.

    Source: "Attention Is All You Need", section 5.1: batches of about 25,000 tokens.

    Example:
        >>> lengths = [2, 9, 3, 3, 1, 8]
        >>> list(DynamicBatchSampler(range(6), lengths, budget=10))
        [[0], [1], [2, 3, 4], [5]]
    """

    def __init__(
        self,
        sampler: Iterable[int],
        sizes: Tensor | Sequence[int],
        budget: int,
        min_batch_size: int = 1,
        max_batch_size: int | None = None,
        drop_last: bool = False,
    ) -> None:
        check_positive(budget, "budget", "DynamicBatchSampler")
        check_positive(min_batch_size, "min_batch_size", "DynamicBatchSampler")
        if max_batch_size is not None:
            check_positive(max_batch_size, "max_batch_size", "DynamicBatchSampler")
            if max_batch_size < min_batch_size:
                raise ValueError(
                    f"DynamicBatchSampler: max_batch_size={max_batch_size} is below min_batch_size={min_batch_size}. "
                    "Exchange them."
                )
        check_bool(drop_last, "drop_last", "DynamicBatchSampler")
        self.sampler = sampler
        self.sizes = checked_sizes(sizes, "DynamicBatchSampler")
        self.budget = budget
        self.min_batch_size = min_batch_size
        self.max_batch_size = max_batch_size
        self.drop_last = drop_last
        self._check_budget()

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        largest = 0
        for index in self.sampler:
            size = self.sizes[index]
            too_dear = max(largest, size) * (len(batch) + 1) > self.budget
            if batch and (too_dear or len(batch) == self.max_batch_size):
                yield batch
                batch, largest = [], 0
            batch.append(index)
            largest = max(largest, size)
        if batch and (len(batch) >= self.min_batch_size or not self.drop_last):
            yield batch

    def _check_budget(self) -> None:
        largest = max(self.sizes)
        cost = largest * self.min_batch_size
        if cost > self.budget:
            raise ValueError(
                f"DynamicBatchSampler: sample {self.sizes.index(largest)} has size {largest}, and "
                f"{self.min_batch_size} of that size cost {cost}, above the budget of {self.budget}. "
                "Raise the budget, lower min_batch_size, or leave out or cut the largest samples."
            )
