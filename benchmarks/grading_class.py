"""An honest class for the grading benchmark, and the points it got, question by question."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

from classroom.course import Course
from classroom.demo_class.members import members
from classroom.verify.material import read_material

LAB = "01_datasets"
BOOK = Path("course") / "gradebook.db"
CATALOGUE = Path(__file__).parents[1] / "tests" / "classroom" / "grading"
POINTS = """
    SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score FROM grade
    JOIN base_cell ON grade.cell_id = base_cell.id
    JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id"""


def hand_in(course: Path, learners: int) -> None:
    """Hand in for a class of which one half answers right, in several styles, and one half makes known mistakes."""
    opened = Course(course)
    lab = opened.labs()[0]
    honest = [member for member in members(read_material(lab), CATALOGUE, 0) if member.kind in ("right", "mixed")]
    half = len(honest) // 2
    mixed = [member for pair in zip(honest[:half], honest[half:], strict=True) for member in pair]
    for number, member in enumerate(islice(cycle(mixed), learners), start=1):
        member.handin.write(opened.work / "submitted" / f"{number:03}-{member.student}" / lab.name)


def points(book: Path) -> dict[tuple[str, str], float | None]:
    """The machine's points by learner and graded cell."""
    with closing(sqlite3.connect(book)) as gradebook:
        return {(student, cell): score for student, cell, score in gradebook.execute(POINTS)}
