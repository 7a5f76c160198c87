"""A lab's points as the CSV that a learning platform imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from classroom.course import Course, Lab
from classroom.grading.export_places import Place
from classroom.grading.grade_desk import open_desk
from classroom.grading.record_book import Marks

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Username", "First name", "Last name", "Email address")


def csv_for(course: Course, lab: Lab, place: Place) -> str:
    """The CSV's text: one row for each learner who handed in, late penalties taken off.

    Args:
        course: the course.
        lab: the lab.
        place: the platform.

    Raises:
        CourseError: if the lab isn't in the gradebook.
    """
    with open_desk(course, lab) as desk:
        people, marks = desk.book.people(), desk.book.all_marks(lab.name)
    text = io.StringIO()
    rows = _canvas if place is Place.canvas else _moodle
    csv.writer(text, lineterminator="\r\n").writerows(
        [_safe(value) for value in row] for row in rows(lab.name, people, marks)
    )
    return text.getvalue()


def _canvas(lab: str, people: dict[str, Any], marks: dict[str, Marks]) -> Iterator[list[str]]:
    # Canvas knows a learner by the login, and reads what the lab is worth from the second row.
    yield [*CANVAS, lab]
    possible = next((f"{each.possible:g}" for each in marks.values()), "")
    yield ["Points Possible", "", "", "", "", possible]
    for student in sorted(marks):
        person = people[student]
        name = ", ".join(part for part in (person.last_name, person.first_name) if part) or student
        yield [name, person.lms_user_id or "", "", student, "", f"{marks[student].score:g}"]


def _moodle(lab: str, people: dict[str, Any], marks: dict[str, Marks]) -> Iterator[list[str]]:
    yield [*MOODLE, lab]
    for student in sorted(marks):
        person = people[student]
        names = [person.first_name or "", person.last_name or "", person.email or ""]
        yield [student, *names, f"{marks[student].score:g}"]


def _safe(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
