"""What stands first on a learner's page: each exercise with its points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from classroom.exercises import exercise_of
from classroom.grading.record_book import Mark, Marks


@dataclass(frozen=True)
class Line:
    """One exercise, or one text that a person grades.

    Args:
        name: its answer cell's ``grade_id``.
        score: the points.
        possible: the points that can be had.
        state: ``full``, ``partly``, ``none`` or ``waiting``.
    """

    name: str
    score: float
    possible: float
    state: str


def overview(names: Iterable[str], marks: Marks) -> list[Line]:
    """All exercises and texts.

    Args:
        names: the graded cells' ``grade_id``, in the lab's order.
        marks: what stands in the gradebook.
    """
    groups: defaultdict[str, list[Mark]] = defaultdict(list)
    for name in names:
        groups[exercise_of(name)].append(marks.cells[name])
    return [_line(name, group) for name, group in groups.items()]


def _line(name: str, group: list[Mark]) -> Line:
    score, possible = sum(mark.score for mark in group), sum(mark.possible for mark in group)
    state = "full" if score >= possible else "partly" if score > 0 else "none"
    if any(mark.waiting and mark.manual is None for mark in group):
        state = "waiting"
    return Line(name, score, possible, state)
