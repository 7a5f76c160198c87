"""Numbers of several rounds → medians and ratios with their spread. Pure functions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing.

    Attributes:
        median: half of them are above it.
        least: the smallest.
        most: the largest.
    """

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}–{self.most:.2f})"


def spread(values: Sequence[float]) -> Spread:
    """Summarise values.

    Raises:
        ValueError: if there are none.

    Example:
        >>> spread([3.0, 1.0, 2.0])
        Spread(median=2.0, least=1.0, most=3.0)
    """
    if not values:
        raise ValueError("spread: no values arrived. Measure at least one round.")
    return Spread(statistics.median(values), min(values), max(values))


def gain(ours: Sequence[float], theirs: Sequence[float], higher_is_better: bool) -> Spread:
    """Compare two peers round by round: above 1, ours is better.

    A slow moment of the machine lasts longer than one measurement, so it mostly touches both of a pair. That's why the
    ratio is formed in each round, and the median of the ratios is taken, not the ratio of the medians.

    Args:
        ours: one number a round.
        theirs: one number for each of the same rounds.
        higher_is_better: ``True`` for samples a second, ``False`` for seconds.

    Raises:
        ValueError: if there are no rounds, or not the same number of each.

    Example:
        >>> gain([200.0, 100.0, 300.0], [100.0, 50.0, 100.0], higher_is_better=True)
        Spread(median=2.0, least=2.0, most=3.0)
    """
    if len(ours) != len(theirs):
        raise ValueError(f"gain: {len(ours)} rounds of ours and {len(theirs)} of theirs arrived; they must be pairs.")
    pairs = zip(ours, theirs, strict=True)
    return spread([mine / other if higher_is_better else other / mine for mine, other in pairs])
