"""A course in a temporary folder, with the repository's own settings and the tiny lab."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classroom.build import build
from classroom.course import Course, Lab

ROOT = Path(__file__).resolve().parents[2]
MINI = ROOT / "tests" / "fixtures" / "mini_lab"
SETTINGS = ("nbgrader_config.py", "jupytext.toml")


def make_course(root: Path, *labs: Path) -> Course:
    """Copy labs and the repository's settings to an empty folder."""
    (root / "solutions").mkdir(parents=True)
    for setting in SETTINGS:
        shutil.copy(ROOT / setting, root)
    for lab in labs:
        shutil.copytree(lab, root / "solutions" / lab.name, ignore=shutil.ignore_patterns("__pycache__"))
    return Course(root)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course root", MINI)


@pytest.fixture
def lab(course: Course) -> Lab:
    return course.labs()[0]


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that stands exactly once in a file."""
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new))


def take_away_known_answers(lab: Lab) -> None:
    """There is less to run without them."""
    for answer in lab.answers.rglob("*.py"):
        answer.unlink()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that is built, once for all tests: the first build makes the gradebook, which takes seconds."""
    course = make_course(tmp_path_factory.mktemp("template") / "course root", MINI)
    build(course, course.labs(), say=lambda sentence: None)
    return course.root


@pytest.fixture
def built_course(template: Path, tmp_path: Path) -> Course:
    """A course of the test's own, built."""
    shutil.copytree(template, tmp_path / "built course")
    return Course(tmp_path / "built course")
