"""How often each sample was drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from datakit._errors import check_not_negative


@dataclass(frozen=True)
class Draws:
    """What an epoch drew from a dataset of N samples.

    Attributes:
        counts: int64 [N], how often each sample was drawn.
    """

    counts: Tensor

    @property
    def total(self) -> int:
        """How many draws there were."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """How many different samples came; no more data than this was seen."""
        return int(self.counts.count_nonzero())

    @property
    def repeats(self) -> int:
        """How many draws brought a sample that had come before."""
        return self.total - self.distinct

    @property
    def never(self) -> int:
        """How many samples did not come."""
        return len(self.counts) - self.distinct

    def __str__(self) -> str:
        return (
            f"{self.total} draws: {self.distinct} distinct samples of {len(self.counts)}, "
            f"{self.repeats} repeats, {self.never} never drawn"
        )


def count_draws(sampler: Iterable[int | list[int]], num_samples: int) -> Draws:
    """Loop over a sampler, or a batch sampler, once, and count.

    Args:
        sampler: indices, or lists of indices. An epoch of it is used up.
        num_samples: the dataset's length.

    Raises:
        IndexError: if an index is not one of the dataset's; negative ones are not.
        ValueError: if ``num_samples`` is not an integer, or is negative.

    Example:
        >>> from datakit import WeightedRandomSampler
        >>> print(count_draws(WeightedRandomSampler([0, 0, 1.0], num_samples=5), 3))
        5 draws: 1 distinct samples of 3, 4 repeats, 2 never drawn
    """
    check_not_negative(num_samples, "num_samples", "count_draws")
    drawn = [i for entry in sampler for i in (entry if isinstance(entry, list) else [entry])]
    strange = [i for i in drawn if not 0 <= i < num_samples]
    if strange:
        raise IndexError(
            f"count_draws: the sampler drew index {strange[0]}, but the dataset has {num_samples} samples, numbered "
            "from 0. Was the sampler made for another dataset?"
        )
    return Draws(torch.bincount(torch.tensor(drawn, dtype=torch.int64), minlength=num_samples))
