"""Rebuild, don't sanitise: the instructor's notebook, with nothing of the submission but the texts of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import nbformat
from nbformat import NotebookNode

from classroom.exercises import exercise_of, grade_id, grading, is_demonstration, is_test
from classroom.grading.digest import digest
from classroom.grading.intake import Submission
from classroom.grading.intake_refused import Refused
from classroom.grading.items import Step, StepKind, WorkItem
from classroom.grading.rebuild_match import Matched, match, takes_answer
from classroom.grading.rebuild_original import Original
from classroom.grading.rebuild_read import Cell, read_cells


@dataclass(frozen=True)
class Rebuilt:
    """A submission in the instructor's notebook.

    Args:
        notebook: as learners know it, with the answers and the learner's own cells in it; hidden tests aren't.
        item: what there is to run, hidden tests included; None if the notebook was refused.
        blank: which cells of those that learners write into are as they were released.
        refused: why the notebook isn't run; empty if it may be.
        notes: what an instructor should know.
    """

    notebook: NotebookNode
    item: WorkItem | None
    blank: frozenset[str]
    refused: str = ""
    notes: tuple[str, ...] = ()


def rebuild(original: Original, submission: Submission) -> Rebuilt:
    """Rebuild a submission. Never raises for anything that a learner does.

    Args:
        original: the lab.
        submission: what was taken in.
    """
    refused, matched = submission.refused, Matched()
    if not refused:
        try:
            matched = match(original.release.cells, read_cells(submission.notebook))
        except Refused as why:
            refused = str(why)
    cells, steps = [], []
    for index, (cell, source, own) in enumerate(_cells(original, matched)):
        cells.append(cell)
        if cell.cell_type == "code" and source.strip():
            steps.append(_step(cell, source, index, own))
    notebook = nbformat.from_dict({**original.release, "cells": cells})
    item = WorkItem(
        lab=original.lab,
        student=submission.student,
        steps=tuple(steps),
        files=_files(original, submission),
        seed=int(digest(original.secret, submission.digest)[:8], 16),
        digest=work_digest(original, submission),
        limits=original.limits,
    )
    blank = frozenset(
        grade_id(cell)
        for cell in original.release.cells
        if takes_answer(cell) and matched.answers.get(grade_id(cell), cell.source).strip() == cell.source.strip()
    )
    return Rebuilt(notebook, None if refused else item, blank, refused, tuple(matched.notes))


def part_digests(original: Original, submission: Submission) -> dict[str, str]:
    """For each test a digest of all that decides its result."""
    points = original.points()
    return {
        name: digest(original.base, submission.digest, submission.refused, name, str(points[name]), source)
        for name, source in original.tests.items()
    }


def work_digest(original: Original, submission: Submission) -> str:
    """A digest of all that decides the verdict on a submission."""
    return digest(original.base, submission.digest, submission.refused, *part_digests(original, submission).values())


def only(item: WorkItem, tests: frozenset[str]) -> WorkItem:
    """The same work with these tests alone."""
    steps = tuple(step for step in item.steps if step.kind is StepKind.RUN or step.grade_id in tests)
    return replace(item, steps=steps)


def question_tests(original: Original, question: str) -> frozenset[str]:
    """The tests of one question: an exercise's name, or a test's own."""
    return frozenset(name for name in original.tests if question in (name, exercise_of(name)))


def _cells(original: Original, matched: Matched) -> Iterator[tuple[NotebookNode, str, bool]]:
    """Each cell of the rebuilt notebook, what is to be run of it, and whether the learner wrote it."""
    count = 0
    for place, released in [(-1, None), *enumerate(original.release.cells)]:
        if released is not None:
            cell = nbformat.from_dict(released)
            if takes_answer(cell):
                cell.source = matched.answers.get(grade_id(cell), cell.source)
            yield cell, original.tests.get(grade_id(cell), cell.source), takes_answer(cell)
        for added in matched.added.get(place, ()):
            count += 1
            yield _own_cell(added, count), added.source, True


def _own_cell(added: Cell, number: int) -> NotebookNode:
    make = nbformat.v4.new_code_cell if added.kind == "code" else nbformat.v4.new_markdown_cell
    return make(added.source, id=f"added-by-learner-{number}")


def _step(cell: NotebookNode, source: str, index: int, own: bool) -> Step:
    if is_test(cell):
        return Step(StepKind.TEST, source, index, grade_id(cell), float(grading(cell)["points"]))
    shown = not own and is_demonstration(cell)
    return Step(StepKind.RUN, source, index, grade_id(cell), own=own, shown=shown)


def _files(original: Original, submission: Submission) -> Mapping[str, bytes]:
    handed_in = {path: submission.files[path] for path in original.listed if path in submission.files}
    return {**original.support, **handed_in}
