"""A learner's process that holds what a choice of cells made, and is made anew when it has died."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from classroom.grading.examine import examine
from classroom.grading.items import CellRun, Result, Step, WorkItem
from classroom.grading.learner import Learner
from classroom.grading.warm import WarmParent

SLOW = "ran longer"
"""How the error of a cell or a test begins whose time was up."""


class OutOfTimeError(Exception):
    """The submission has used up its time."""


class Clock:
    """The time that a whole submission may take.

    Args:
        seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._begin, self._seconds = time.monotonic(), seconds

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begin

    def share(self, most: float) -> float:
        """Seconds for the next piece of work, at most ``most``.

        Raises:
            OutOfTimeError: if none are left.
        """
        left = self._seconds - self.used
        if left <= 0:
            raise OutOfTimeError
        return min(most, left)


class Process:
    """Runs cells of one submission in one process at a time.

    Args:
        parent: forks the processes.
        item: the submission.
        clock: its time.
        environment: more variables for the learner's process.
        runs: where the first run of each cell is noted, by step.

    Attributes:
        interrupted: the cells whose time was up. The process lives on, without what they would have made.
        started: how many processes there were.
        peak: bytes that one of them used at most.
    """

    def __init__(
        self,
        parent: WarmParent,
        item: WorkItem,
        clock: Clock,
        environment: Mapping[str, str],
        runs: dict[int, CellRun],
    ) -> None:
        self._parent, self._item, self._clock, self._environment = parent, item, clock, environment
        self._runs = runs
        self._learner: Learner | None = None
        self._held: list[int] = []
        self.interrupted: set[int] = set()
        self.started = 0
        self.peak = 0

    @property
    def alive(self) -> bool:
        """Whether there is a process that runs."""
        return self._learner is not None and self._learner.alive

    def bring(self, cells: Sequence[int]) -> int | None:
        """See to it that a living process holds what just these cells made, in their order.

        Args:
            cells: numbers of steps.

        Returns:
            The cell in which the process died; None if it lives.

        Raises:
            OutOfTimeError: if the submission's time is over.
        """
        if not self.alive or self._held != list(cells[: len(self._held)]):
            self._renew()
        assert self._learner is not None
        for cell in cells[len(self._held) :]:
            seconds = self._clock.share(self._item.limits.cell_seconds)
            run = self._learner.run(self._item.steps[cell], seconds)
            self._runs.setdefault(cell, run)
            if not self._learner.alive:
                return cell
            self._held.append(cell)
            if run.error.startswith(SLOW):
                self.interrupted.add(cell)
        return None

    def examine(self, step: Step) -> Result:
        """Have the examiner run a test against the process that ``bring`` has left.

        Raises:
            OutOfTimeError: if the submission's time is over.
        """
        assert self._learner is not None
        seconds = self._clock.share(self._item.limits.cell_seconds)
        with self._learner.serving(seconds) as connection:
            return examine(step, connection, self._item, {}, seconds)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._learner is not None:
            self._learner.close()
            self.peak = max(self.peak, self._learner.peak)
        self._learner, self._held = None, []

    def _renew(self) -> None:
        self.close()
        self._learner = Learner(self._parent, self._item.files, self._item.limits, self._environment)
        self.started += 1


@contextmanager
def closing(*processes: Process) -> Iterator[None]:
    """End all of them, whatever happens."""
    try:
        yield
    finally:
        for process in processes:
            process.close()
