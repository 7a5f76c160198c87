"""Learners' pages for a class, from what is on record: after texts were graded by hand, say."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from classroom.course import Course, CourseError, Lab
from classroom.grading.grade_desk import open_desk


def write_feedback(course: Course, lab: Lab, students: Collection[str] = ()) -> list[Path]:
    """Write the pages of these learners, or of all whose work was graded; returns their paths.

    Raises:
        CourseError: if one of them wasn't graded yet.
    """
    with open_desk(course, lab) as desk:
        entries = desk.journal.entries(lab.name)
        missing = [student for student in students if student not in entries]
        if missing:
            raise CourseError(
                f"{', '.join(missing)}: not graded yet for {lab.name!r}. Run `classroom grade {lab.name}` first."
            )
        return [
            desk.recorder.feedback(desk.again(entry.verdict), entry.verdict, desk.book.marks(lab.name, student))
            for student, entry in sorted(entries.items())
            if not students or student in students
        ]
