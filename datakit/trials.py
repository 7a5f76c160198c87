"""One trial of a loader's settings: make the loader, let it get going, count what it delivers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from datakit._errors import missing_package
from datakit.nesting import batch_bytes

Settings = Mapping[str, Any]
MakeLoader = Callable[..., Iterable[Any]]
Step = Callable[[Any], object]

# The median of several stretches forgives one in which another program was busy.
STRETCHES = 3


@dataclass(frozen=True)
class Trial:
    """What came of one choice of settings.

    Attributes:
        settings: the keyword arguments that the loader was made with.
        seconds: seconds a batch, the step included; ``None`` where there was no measurement.
        bytes_per_batch: bytes of tensors in the first batch.
        bytes_per_worker: memory that each worker process has for itself, in bytes.
        note: why there was no measurement.
    """

    settings: Settings
    seconds: float | None = None
    bytes_per_batch: int = 0
    bytes_per_worker: float = 0.0
    note: str = ""

    @property
    def workers(self) -> int:
        """How many workers the loader had."""
        return int(self.settings["num_workers"])

    def cost(self) -> tuple[int, bool, int]:
        """What the settings take: fewer workers first, then threads before processes, then less that waits."""
        return (self.workers, self.settings.get("workers") != "thread", self.settings.get("prefetch_factor", 0))


def run_trial(make_loader: MakeLoader, settings: Settings, step: Step | None, seconds: float) -> Trial:
    """Measure what a loader with ``settings`` delivers.

    The first batches are not counted: workers are starting, and what they prepared meanwhile would count as fast. They
    are not passed to ``step`` either.

    Args:
        make_loader: called with ``settings`` as keyword arguments.
        settings: see :class:`Trial`.
        step: what is done with each batch, or ``None`` for nothing.
        seconds: how long to count.

    Raises:
        ValueError: if the loader has no batches.
    """
    workers = settings["num_workers"]
    before = _memory_of_processes()
    batches = _endless(make_loader(**settings))
    try:
        first = next(batches)
        # Workers that began together also finish together: only whole rounds, one batch from each, count fairly.
        rounds = max(1, workers)
        for _ in range(workers * settings.get("prefetch_factor", 0)):
            next(batches)
        grown = max(0, _memory_of_processes() - before)
        stretches = [_consume(batches, step, rounds, seconds / STRETCHES) for _ in range(STRETCHES)]
    finally:
        # Ends the workers now, not when Python gets round to it: they would disturb the next trial.
        batches.close()
    return Trial(settings, statistics.median(stretches), batch_bytes(first), grown / max(1, workers))


def _consume(batches: Iterator[Any], step: Step | None, rounds: int, seconds: float) -> float:
    """Take ``rounds`` batches, again and again until the time is over; return seconds a batch."""
    count = 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for batch in islice(batches, rounds):
            if step is not None:
                step(batch)
        count += rounds
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / count


def _endless(loader: Iterable[Any]) -> Generator[Any, None, None]:
    """Go through epoch after epoch."""
    while True:
        count = 0
        for batch in loader:
            count += 1
            yield batch
        if count == 0:
            raise ValueError("tune: the loader has no batches. Check the dataset's length, and drop_last.")


def _memory_of_processes() -> int:
    """Return the bytes that child processes have for themselves; what they share with this one is not counted."""
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise missing_package("psutil", "tune()") from error
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_full_info().uss
        except psutil.Error:  # it has ended meanwhile
            continue
    return total
