"""A time series as samples: a window of the past, and the horizon that follows it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import isclose
from typing import SupportsIndex

from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import check_not_negative, check_positive, kind_of
from datakit.datasets.indexing import position


class TimeSeriesDataset(Dataset[tuple[Tensor, Tensor]]):
    """Sliding windows: sample ``i`` begins at step ``i * stride`` of the series.

    ::

        steps      0 1 2 3 4 5 6 7 8 9       window=3, horizon=2, stride=2
        sample 0   x x x y y
        sample 1       x x x y y
        sample 2           x x x y y

    Windows are views of the series: however many there are, and however much they overlap, no step is stored twice.
    That also means that a change of a window in place changes the series.

    Neighbouring windows share most of their steps, so a random split puts nearly every test answer into the training
    set. Use :func:`datakit.temporal_split`.

    Args:
        series: [T], or [T, C] with C variables a step; any dtype.
        window: how many steps a sample shows.
        horizon: how many steps after the window are to be predicted.
        stride: steps from the beginning of one sample to the next.
        targets: [T] or [T, K], where the horizon is read, aligned with ``series``; by default the series itself. With
            ``targets=series[:, :1]`` all variables are shown and the first is predicted.

    Attributes:
        series: the steps that windows are read from.
        targets: the steps that horizons are read from.

    Raises:
        TypeError: if ``series`` or ``targets`` is not a tensor.
        ValueError: if a number is not a positive integer, a tensor has the wrong shape, lengths differ, or the series
            is too short for one sample.

    Example:
        >>> import torch
        >>> dataset = TimeSeriesDataset(torch.arange(10), window=3, horizon=2, stride=2)
        >>> len(dataset)
        3
        >>> dataset[1]
        (tensor([2, 3, 4]), tensor([5, 6]))
    """

    def __init__(
        self, series: Tensor, window: int, horizon: int = 1, stride: int = 1, *, targets: Tensor | None = None
    ) -> None:
        for name, value in (("window", window), ("horizon", horizon), ("stride", stride)):
            check_positive(value, name, "TimeSeriesDataset")
        targets = series if targets is None else targets
        _check_steps(series, "series")
        _check_steps(targets, "targets")
        if len(series) != len(targets):
            raise ValueError(
                f"TimeSeriesDataset: series has {len(series)} steps and targets {len(targets)}. "
                "They must cover the same steps: pass all of both, windows and horizons are cut here."
            )
        if len(series) < window + horizon:
            raise ValueError(
                f"TimeSeriesDataset: a sample takes window + horizon = {window} + {horizon} steps, but the series has "
                f"only {len(series)}. Use a longer series, or a shorter window or horizon."
            )
        self.series = series
        self.targets = targets
        self.window = window
        self.horizon = horizon
        self.stride = stride

    def __len__(self) -> int:
        return (len(self.series) - self.window - self.horizon) // self.stride + 1

    def __getitem__(self, index: SupportsIndex) -> tuple[Tensor, Tensor]:
        """Return one sample.

        Returns:
            The window, [window] or [window, C], and the horizon, [horizon] or [horizon, K]; both are views.

        Raises:
            IndexError: if there is no such sample.
        """
        begin = position(index, len(self), "TimeSeriesDataset") * self.stride
        now = begin + self.window
        return self.series[begin:now], self.targets[now : now + self.horizon]


def temporal_split(dataset: TimeSeriesDataset, lengths: Sequence[int | float], gap: int = 0) -> list[TimeSeriesDataset]:
    """Split a time series into parts that follow one another in time, so that no part knows the answers of a later one.

    Every step that a part reads, in windows and horizons, comes before every target of the parts after it. The windows
    of a later part may look back at steps of an earlier one: when a forecast is made, its past is known.

    ::

        steps     0 1 2 3 4 5 6 7 8 9 …        lengths=[6, 8], gap=1, window=3, horizon=2
        part 0    x x x y y
                    x x x y y
        part 1            x x x y y            (6 is the gap: a target of neither part)
                            x x x y y …

    Fit statistics on the first part alone: its ``series`` holds the training steps and no other.

    Args:
        dataset: the whole series.
        lengths: for each part, earliest first, how many steps it gets: integers that sum to T, or fractions that sum
            to 1.
        gap: how many steps at the beginning of each part but the first are no target. With ``gap=window`` no step is
            read by two parts; other values keep targets apart that depend on their neighbours, as moving averages do.

    Returns:
        One dataset for each part, over views of the same series. Windows are counted from each part's first step.

    Raises:
        ValueError: if the lengths don't add up, ``gap`` is not an integer ≥ 0, or a part is too short for a sample.

    Example:
        >>> import torch
        >>> train, test = temporal_split(TimeSeriesDataset(torch.arange(10), window=3, horizon=2), [0.6, 0.4])
        >>> train[-1]
        (tensor([1, 2, 3]), tensor([4, 5]))
        >>> test[0]
        (tensor([3, 4, 5]), tensor([6, 7]))

    Source: Bergmeir and Benítez, "On the use of cross-validation for time series predictor evaluation", 2012.
    """
    check_not_negative(gap, "gap", "temporal_split")
    ends = list(accumulate(_steps(lengths, len(dataset.series))))
    parts = []
    for number, end in enumerate(ends):
        # The first part begins at step 0; a later one a window before its first target.
        first_target = ends[number - 1] + gap if number else dataset.window
        if end - first_target < dataset.horizon:
            raise ValueError(
                f"temporal_split: part {number} ends at step {end}, and its first target is step {first_target}: too "
                f"short for a horizon of {dataset.horizon}. Give it more steps, or a smaller window, horizon or gap."
            )
        steps = slice(first_target - dataset.window, end)
        parts.append(
            TimeSeriesDataset(
                dataset.series[steps],
                dataset.window,
                dataset.horizon,
                dataset.stride,
                targets=dataset.targets[steps],
            )
        )
    return parts


def _check_steps(steps: Tensor, name: str) -> None:
    if not isinstance(steps, Tensor):
        raise TypeError(
            f"TimeSeriesDataset: {name} is {kind_of(steps)}. Pass a tensor; torch.as_tensor({name}) makes one."
        )
    if steps.ndim not in (1, 2):
        raise ValueError(
            f"TimeSeriesDataset: {name} has the shape {list(steps.shape)}; [steps] or [steps, variables] is expected."
        )


def _steps(lengths: Sequence[int | float], total: int) -> list[int]:
    """Turn fractions into numbers of steps, as PyTorch's ``random_split`` does: rounded down, the rest shared out."""
    if all(isinstance(length, int) for length in lengths):
        steps = [int(length) for length in lengths]
        if min(steps, default=0) < 1 or sum(steps) != total:
            raise ValueError(
                f"temporal_split: lengths={list(lengths)} arrived for a series of {total} steps. Expected are positive "
                f"integers that sum to {total}, or fractions that sum to 1."
            )
        return steps
    if min(lengths) <= 0 or not isclose(sum(lengths), 1):
        raise ValueError(
            f"temporal_split: lengths={list(lengths)} arrived. Fractions must be above 0 and sum to 1; "
            f"integers must sum to {total}, the steps of the series."
        )
    steps = [int(total * fraction) for fraction in lengths]
    for number in range(total - sum(steps)):
        steps[number % len(steps)] += 1
    return steps
