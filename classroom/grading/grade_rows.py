"""What became of each submission, and what a script may make of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from classroom.grading.intake_refused import name_of
from classroom.grading.items import Verdict
from classroom.grading.record_book import Marks

EXIT_REFUSED = 3
NO_FAULT = ("grader-failed", "machine")  # verdicts that say nothing about the submission


class Status(StrEnum):
    """How it went."""

    graded = "graded"
    unchanged = "unchanged"
    refused = "refused"
    failed = "FAILED"


@dataclass(frozen=True)
class Row:
    """One submission in the summary.

    Args:
        student: the learner.
        status: how it went.
        score: what the gradebook says.
        possible: what can be had.
        verdict: what grading gave.
    """

    student: str
    status: Status
    score: float
    possible: float
    verdict: Verdict


def row(verdict: Verdict, marks: Marks, *, unchanged: bool) -> Row:
    """The row for a verdict."""
    if verdict.refused:
        status = Status.failed if name_of(verdict.refused) in NO_FAULT else Status.refused
    else:
        status = Status.unchanged if unchanged else Status.graded
    return Row(verdict.student, status, marks.score, marks.possible, verdict)


def exit_status(rows: Iterable[Row]) -> int:
    """0 if every submission has a grade, 3 if some have a named verdict in its place, 1 if the grader failed."""
    found = {row.status for row in rows}
    if Status.failed in found:
        return 1
    return EXIT_REFUSED if Status.refused in found else 0


def slowest(verdict: Verdict) -> tuple[float, str]:
    """The seconds of the slowest cell, and what it is called."""
    cells = [(run.seconds, f"cell {run.cell + 1}") for run in verdict.runs]
    tests = [(result.seconds, result.test) for result in verdict.results]
    return max([*cells, *tests], key=lambda cell: cell[0], default=(0.0, ""))
