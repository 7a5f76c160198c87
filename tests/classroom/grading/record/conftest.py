"""The tiny lab, built, and learners who hand it in."""

from __future__ import annotations

import pytest

from classroom.course import Course, Lab
from classroom.grading.rebuild_original import Original, read_original
from classroom.release import nbgrader_settings

from .learner import Learner

SECRET = b"the tests' own"


@pytest.fixture
def built_lab(built_course: Course) -> Lab:
    return built_course.labs()[0]


@pytest.fixture
def ada(built_course: Course, built_lab: Lab) -> Learner:
    """A learner who has handed in the release as it is."""
    learner = Learner(built_course, built_lab, "ada")
    learner.hand_in()
    return learner


@pytest.fixture
def original(built_course: Course, built_lab: Lab) -> Original:
    return read_original(built_lab, nbgrader_settings(built_course.root), SECRET)
