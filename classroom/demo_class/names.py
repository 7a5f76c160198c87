"""Made-up names for made-up learners, so that formgrader's lists read as those of a class."""

from __future__ import annotations

import random
from collections.abc import Iterable

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from classroom.course import Course
from classroom.release import nbgrader_settings

FIRST = (
    *("Adisa", "Bente", "Chidi", "Dilara", "Emre", "Fenna", "Goran", "Hana", "Ilse", "Jomo", "Kaia", "Lior", "Mirela"),
    *("Nils", "Oyuna", "Pilar", "Quirin", "Rania", "Sofiane", "Tomasz", "Uma", "Vesna", "Wanja", "Ximena", "Yusuf"),
)
LAST = (
    *("Achterberg", "Bakare", "Castellan", "Demirel", "Eklund", "Farkas", "Gunnarsen", "Horvat", "Ibarra", "Jansky"),
    *("Kowalik", "Lindqvist", "Moreau", "Nakata", "Okonjo", "Petrov", "Quispe", "Rahimi", "Sandoval", "Tanaka"),
)


def name_of(student: str) -> tuple[str, str]:
    """A learner's first and last name: the same for the same id, in every lab."""
    chance = random.Random(student)
    return chance.choice(FIRST), chance.choice(LAST)


def enter(course: Course, students: Iterable[str]) -> None:
    """Write learners' names into a course's gradebook."""
    folder = CourseDirectory(config=nbgrader_settings(course.root), root=str(course.work))
    with Gradebook(folder.db_url, folder.course_id) as book:
        for student in students:
            first, last = name_of(student)
            book.update_or_create_student(student, first_name=first, last_name=last)
