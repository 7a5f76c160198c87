"""Which instants of a clip to look at: uniform, random, strided.

Each strategy takes a clip's start and end in seconds and a number of frames, and returns as many instants in ascending
order. The frame that belongs to an instant is the one on the screen then.
"""

from __future__ import annotations

from collections.abc import Callable

from datakit._errors import check_positive
from datakit.randomness import sample_random

FrameSampling = Callable[[float, float, int], list[float]]


def uniform_times(start: float, end: float, frames: int) -> list[float]:
    """Cut the clip into equal parts and take the middle of each: the same instants each time, for evaluation.

    Raises:
        ValueError: if the clip has no duration, or ``frames`` is not a positive integer.

    Example:
        >>> uniform_times(10.0, 12.0, frames=4)
        [10.25, 10.75, 11.25, 11.75]

    Source: Wang et al., "Temporal Segment Networks: Towards Good Practices for Deep Action Recognition", 2016.
    """
    _check_clip(start, end, frames, "uniform_times")
    part = (end - start) / frames
    return [start + (i + 0.5) * part for i in range(frames)]


def random_times(start: float, end: float, frames: int) -> list[float]:
    """Cut the clip into equal parts and take a random instant of each: other instants each epoch, for training.

    The random numbers are the sample's own (:func:`datakit.randomness.sample_random`).

    Raises:
        ValueError: if the clip has no duration, or ``frames`` is not a positive integer.

    Example:
        >>> times = random_times(10.0, 12.0, frames=4)
        >>> [10 + i / 2 <= time < 10.5 + i / 2 for i, time in enumerate(times)]
        [True, True, True, True]

    Source: Wang et al., "Temporal Segment Networks: Towards Good Practices for Deep Action Recognition", 2016.
    """
    _check_clip(start, end, frames, "random_times")
    rng = sample_random()
    part = (end - start) / frames
    return [start + (i + rng.random()) * part for i in range(frames)]


def strided_times(start: float, end: float, frames: int, stride: float) -> list[float]:
    """Take an instant every ``stride`` seconds from the start on: motion at its true speed, and a run of near frames.

    Pass it with its stride fixed: ``sampling=functools.partial(strided_times, stride=0.1)``.

    Args:
        start: where the clip begins, in seconds.
        end: where it ends, in seconds.
        frames: how many instants.
        stride: seconds from one to the next.

    Raises:
        ValueError: if the clip is too short for that, or ``frames`` is not a positive integer.

    Example:
        >>> strided_times(10.0, 12.0, frames=4, stride=0.5)
        [10.0, 10.5, 11.0, 11.5]

    Source: Feichtenhofer et al., "SlowFast Networks for Video Recognition", 2019.
    """
    _check_clip(start, end, frames, "strided_times")
    if stride <= 0 or (frames - 1) * stride >= end - start:
        raise ValueError(
            f"strided_times: {frames} frames every {stride} s don't fit into a clip of {end - start:.3f} s. "
            "Choose a smaller positive stride, fewer frames, or longer clips."
        )
    return [start + i * stride for i in range(frames)]


def _check_clip(start: float, end: float, frames: int, owner: str) -> None:
    check_positive(frames, "frames", owner)
    if not start < end:
        raise ValueError(f"{owner}: a clip from {start!r} to {end!r} s arrived; it must end after it begins.")
