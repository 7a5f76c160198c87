"""How a long experiment says where it is, and how it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

# A report redraws a progress bar, which takes about a millisecond: ten a second don't disturb what is measured.
SECONDS_BETWEEN_REPORTS = 0.1

Progress = Callable[[float, str], None]


class Stop(Protocol):
    """Anything that can say that it is time to stop; ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Return whether the experiment must stop."""
        ...


class StoppedError(Exception):
    """An experiment was told to stop; it has no result."""


class Watch:
    """Passes on an experiment's progress, and ends it when it is told to stop.

    Args:
        progress: called with the share that is done, 0 to 1, and a few words; ``None`` to report nothing.
        stop: asked before every step; ``None`` if nobody will ever stop the experiment.
    """

    def __init__(self, progress: Progress | None = None, stop: Stop | None = None) -> None:
        self._progress = progress
        self._stop = stop
        self._next_report = 0.0

    def step(self, done: int, total: int, words: str) -> None:
        """Say that ``done`` of ``total`` steps are behind us.

        Raises:
            StoppedError: if the experiment was told to stop.
        """
        if self._stop is not None and self._stop.is_set():
            raise StoppedError(f"Stopped while {words}.")
        now = time.monotonic()
        if self._progress is not None and (now >= self._next_report or done == total):
            self._next_report = now + SECONDS_BETWEEN_REPORTS
            self._progress(done / total, words)
