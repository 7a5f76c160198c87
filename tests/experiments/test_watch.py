from __future__ import annotations

import threading

import pytest

from datakit.experiments.watch import StoppedError, Watch


def test_progress_begins_with_the_first_step_and_ends_with_the_last() -> None:
    reports: list[tuple[float, str]] = []
    watch = Watch(lambda share, words: reports.append((share, words)))
    for done in range(1, 10_001):
        watch.step(done, 10_000, "counting")
    assert reports[0] == (1 / 10_000, "counting")
    assert reports[-1] == (1.0, "counting")
    # Far fewer reports than steps, or reporting would be what is measured.
    assert len(reports) < 1000
    assert reports == sorted(reports)


def test_stop_ends_at_the_next_step() -> None:
    stop = threading.Event()
    watch = Watch(stop=stop)
    watch.step(1, 3, "reading")
    stop.set()
    with pytest.raises(StoppedError, match=r"^Stopped while reading\.$"):
        watch.step(2, 3, "reading")


def test_without_listeners_nothing_happens() -> None:
    Watch().step(1, 1, "alone")
