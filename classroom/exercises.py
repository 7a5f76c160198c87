"""What a lab's notebook asks for: its exercises, their answer cells and the cells that test them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

BEGIN_HIDDEN = "BEGIN HIDDEN TESTS"
DEMONSTRATION = "demonstration"
"""The tag of an instructor's cell that only shows something."""


@dataclass(frozen=True)
class Exercise:
    """One exercise that a machine grades.

    Args:
        name: its answer cell's ``grade_id``.
        tests: the ``grade_id`` of each of its test cells.
        points: what these are worth together.
    """

    name: str
    tests: tuple[str, ...]
    points: float


def grading(cell: NotebookNode) -> dict[str, Any]:
    """A cell's nbgrader metadata, empty where it has none."""
    return dict(cell.metadata.get("nbgrader", {}))


def grade_id(cell: NotebookNode) -> str:
    """A cell's ``grade_id``, empty where it has none."""
    return str(grading(cell).get("grade_id", ""))


def is_answer(cell: NotebookNode) -> bool:
    """Is this the answer cell of an exercise that a machine grades?"""
    data = grading(cell)
    return cell.cell_type == "code" and bool(data.get("solution")) and not data.get("grade")


def is_test(cell: NotebookNode) -> bool:
    """Is this a test cell: graded by running it?"""
    data = grading(cell)
    return cell.cell_type == "code" and bool(data.get("grade")) and not data.get("solution")


def is_demonstration(cell: NotebookNode) -> bool:
    """Does this cell only show something, by its author's word?"""
    return DEMONSTRATION in cell.metadata.get("tags", [])


def exercise_of(test: str) -> str:
    """The exercise to which a test cell belongs: ``columns-check`` → ``columns``."""
    return re.sub(r"-(check|hidden)(-\w+)?$", "", test)


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """A notebook's exercises, in their order."""
    tests = [cell for cell in notebook.cells if is_test(cell)]
    found = []
    for name in [grade_id(cell) for cell in notebook.cells if is_answer(cell)]:
        own = [cell for cell in tests if exercise_of(grade_id(cell)) == name]
        points = sum(float(grading(cell).get("points", 0)) for cell in own)
        found.append(Exercise(name, tuple(grade_id(cell) for cell in own), points))
    return found
