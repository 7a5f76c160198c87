"""What a case is, and the measurement that most of them share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.usage import usage_now
from benchmarks.work import Epoch, Work

Numbers = dict[str, float]


# CPU time is counted in hundredths of a second.
LEAST_SECONDS = 1.0
THROUGHPUT = {"samples_per_s": True, "cpu_us_per_sample": False}


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: as on the command line.
        kind: the function that a peer must have to take part; it is called with the work and returns an epoch.
        question: what the case answers.
        gains: the measured numbers that are compared, the most important first → whether a high one is good.
        prepare: (samples, workers, epochs, cache folder) → work; it makes the data at the first call.
        measure: (epoch, work) → measured numbers.
    """

    name: str
    kind: str
    question: str
    gains: dict[str, bool]
    prepare: Callable[[int, int, int, Path], Work]
    measure: Callable[[Epoch, Any], Numbers]


def throughput(epoch: Epoch, work: Work, count: Callable[[Any], int]) -> Numbers:
    """Time whole epochs, one after the other. The caller has run one before, so caches are warm and workers started.

    Args:
        epoch: the peer.
        work: says how many epochs; there are more where these take less than ``LEAST_SECONDS``.
        count: batch → number of samples.

    Raises:
        ValueError: if samples are missing or there are too many.
    """
    samples = epochs = 0
    began = usage_now()
    while epochs < work.epochs or time.perf_counter() - began.wall < LEAST_SECONDS:
        epochs += 1
        for batch in epoch():
            samples += count(batch)
    taken = usage_now() - began
    if samples != work.samples * epochs:
        raise ValueError(f"{samples} samples arrived in {epochs} epochs of {work.samples}.")
    return {
        "samples_per_s": samples / taken.wall,
        "cpu_us_per_sample": taken.cpu / samples * 1e6,
        "cores_busy": taken.cores_busy,
        "other_cores": taken.other_cores,
    }
