"""Grade one submission: run its cells in order, examine its tests, and let no question's end cost another's points.

All questions share one process, as they do in a notebook. A cell that kills it is left out from then on. Once a test
has found the process dead, hanging or talking nonsense, each question is tried by itself: with the instructor's cells,
the cells that the learner added, and that question's answer. So even a trap that one answer lays for a later one
springs without harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from importlib import import_module

from classroom.exercises import BEGIN_HIDDEN, exercise_of
from classroom.grading.grade_modules import instructors_modules
from classroom.grading.grade_process import SLOW, Clock, OutOfTimeError, Process, closing
from classroom.grading.grade_shown import left_out, may_miss
from classroom.grading.items import CellRun, Result, Step, StepKind, Verdict, WorkItem
from classroom.grading.warm import WarmParent
from classroom.grading.warm_shared import shared_parent

DIED = "died"
BROKEN = (DIED, SLOW, "the learner's process sent", "the test's process")
"""How an error begins that may be another cell's doing."""


def grade_item(
    item: WorkItem, parent: WarmParent | None = None, environment: Mapping[str, str] | None = None
) -> Verdict:
    """Grade one submission.

    Args:
        item: the submission, rebuilt.
        parent: forks the learner's processes; ``warm_shared.shared_parent`` where none is given.
        environment: more variables for the learner's process, such as those of a lent GPU.

    Returns:
        The verdict, whatever the submission did.

    Raises:
        NoSandboxError: if submissions can't be confined on this machine.
    """
    modules = instructors_modules(item)
    for module in modules:  # once, instead of in each of the examiner's processes, which are forked from this one
        with contextlib.suppress(ImportError):  # one that the learner writes, such as by %%writefile
            import_module(module)
    grading = _Grading(item, parent or shared_parent(modules, bool(environment)), environment or {})
    with closing(grading.shared, grading.single):
        results = tuple(grading.result(number) for number, step in enumerate(item.steps) if step.kind is StepKind.TEST)
        grading.run_the_rest()
    return Verdict(
        item.lab,
        item.student,
        item.digest,
        results,
        tuple(grading.runs[number] for number in sorted(grading.runs)),
        notes=tuple(grading.notes),
        measured={
            "seconds": grading.clock.used,
            "memory": max(grading.shared.peak, grading.single.peak),
            "processes": grading.shared.started + grading.single.started,
        },
    )


class _Grading:
    """The state of grading one submission.

    Args:
        item: the submission.
        parent: forks its processes.
        environment: more variables for them.
    """

    def __init__(self, item: WorkItem, parent: WarmParent, environment: Mapping[str, str]) -> None:
        self.item, self.clock = item, Clock(item.limits.total_seconds)
        self.runs: dict[int, CellRun] = {}
        self.notes: list[str] = []
        self.shared = Process(parent, item, self.clock, environment, self.runs)
        self.single = Process(parent, item, self.clock, environment, self.runs)
        self._left_out = left_out(item.steps)
        self._guilty: set[int] = set()  # the learner's cells in which the shared process died
        self._apart = False  # whether no question shares a process any more

    def result(self, number: int) -> Result:
        """The result of one test."""
        step, first = self.item.steps[number], None
        answers = self._answers(step)
        try:
            if not self._apart and self._bring(number) and not self._suspect & set(answers):
                first = self.shared.examine(step)
                if _sound(self.shared, first):
                    return first
                self._apart = True
                if self.shared.alive and first.error.startswith(SLOW):
                    return first  # a second try would take as long
                self._note(number)
            return self._by_itself(number, answers, first)
        except OutOfTimeError:
            return first or _lost(step, f"the submission ran longer than {self.item.limits.total_seconds:g} s")

    def run_the_rest(self) -> None:
        """Run the cells after the last test: they cost nothing, but their outputs are shown."""
        with contextlib.suppress(OutOfTimeError):
            if not self._apart:
                self._bring(len(self.item.steps))

    def _bring(self, number: int) -> bool:
        """Let the shared process hold what all cells before a step made, those aside in which it dies."""
        steps = self.item.steps
        while True:
            cells = [cell for cell in self._cells(number) if cell not in self._guilty]
            died = self.shared.bring(cells)
            if died is None and self._left_out and any(may_miss(steps[cell], self.runs[cell]) for cell in cells):
                self._left_out = frozenset()
                self.runs.clear()
                continue
            if died is None:
                return True
            self._note(died)
            if not steps[died].own:  # an instructor's cell is innocent: something was lying in wait
                self._apart = True
                return False
            self._guilty.add(died)

    def _by_itself(self, number: int, answers: list[int], first: Result | None) -> Result:
        """Try a question alone: with the cells that the learner added, then without them."""
        step, steps = self.item.steps[number], self.item.steps
        plain = [cell for cell in self._cells(number) if not steps[cell].own or cell in answers]
        added = [cell for cell in self._cells(number) if cell in plain or not steps[cell].grade_id]
        for cells in [added] * (added != plain) + [plain]:
            if self.single.bring(cells) is None:
                result = self.single.examine(step)
                if _sound(self.single, result) or (self.single.alive and result.error.startswith(SLOW)):
                    return result
                first = first or result
        return first or _lost(step, DIED)

    @property
    def _suspect(self) -> set[int]:
        """Cells that did not end well among all others; what another cell left behind may have held them up."""
        return self._guilty | self.shared.interrupted

    def _cells(self, number: int) -> list[int]:
        steps = self.item.steps[:number]
        return [c for c, step in enumerate(steps) if step.kind is StepKind.RUN and c not in self._left_out]

    def _answers(self, test: Step) -> list[int]:
        """The answer cells of a test's question."""
        name = exercise_of(test.grade_id)
        return [cell for cell in self._cells(len(self.item.steps)) if self.item.steps[cell].grade_id == name]

    def _note(self, number: int) -> None:
        step = self.item.steps[number]
        name = f" ({step.grade_id})" if step.grade_id else ""
        self.notes.append(f"The learner's process died or went astray in cell {step.cell}{name}; it was started again.")


def _sound(process: Process, result: Result) -> bool:
    return process.alive and not result.error.startswith(BROKEN)


def _lost(step: Step, error: str) -> Result:
    return Result(step.grade_id, 0.0, step.points, BEGIN_HIDDEN in step.source, error=error)
