"""A class graded by the real pipeline, in a course whose secrets are marked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

from classroom.course import Course, Lab
from classroom.demo_class.course import SECRET, lay_out, marked_answer
from classroom.demo_class.entries import Entry, read_catalogue
from classroom.demo_class.handin import HandIn, answered, compose
from classroom.grading.grade import grade
from classroom.grading.grade_rows import Row
from classroom.grading.grade_runners import on_this_machine
from classroom.leaks import find_leaks
from classroom.verify.kernel import offline_prefix
from classroom.verify.material import Material, read_material
from classroom.verify.submission import reference_answers

ROOT = Path(__file__).resolve().parents[4]
CATALOGUE = Path(__file__).resolve().parents[1]
FOLDERS = {
    "mini_lab": ROOT / "tests" / "fixtures" / "mini_lab",
    "loader_lab": ROOT / "tests" / "fixtures" / "loader_lab",
    "01_datasets": ROOT / "solutions" / "01_datasets",
}
TOLD = f"{SECRET} of "  # no learner's own code holds these words


@dataclass
class School:
    """A course, and who handed in what.

    Args:
        course: the course.
        material: its one lab.
        handed_in: what each student handed in.
        rows: what grading gave, by student.
    """

    course: Course
    material: Material
    handed_in: dict[str, HandIn] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def lab(self) -> Lab:
        return self.course.labs()[0]

    def hand_in(self, student: str, handin: HandIn) -> None:
        handin.write(self.course.work / "submitted" / student / self.lab.name)
        self.handed_in[student] = handin

    def grade(self, jobs: int = 2) -> None:
        self.rows = {row.student: row for row in grade(self.course, self.lab, on_this_machine(jobs))}

    def points(self, student: str) -> dict[str, float]:
        return {result.test: result.points for result in self.rows[student].verdict.results}

    def total(self, student: str) -> float:
        return sum(self.points(student).values())

    def readable(self, student: str) -> str:
        """All that a learner is given, as text."""
        folder = self.course.work / "feedback" / student
        return "\n".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())

    def leaks(self, student: str) -> set[str]:
        """Places of secrets that a learner can read and did not write."""
        page, own = self.readable(student), self.handed_in[student]
        found = {"a marked secret"} if TOLD in page else set()
        text = BeautifulSoup(page, "html.parser").get_text()
        return found | (self._places(text) - self._places("\n".join(cell.source for cell in own.notebook.cells)))

    def _places(self, text: str) -> set[str]:
        leaks = find_leaks(self.material.source, self.material.answers, {"page": text.encode()})
        return {leak.rpartition(" only in ")[2] for leak in leaks}


MakeSchool = Callable[..., School]


@pytest.fixture(scope="session")
def sandbox() -> None:
    try:
        offline_prefix()
    except OSError as why:
        pytest.skip(f"submissions can't be confined here: {why}")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], Course]:
    """A built course of one's own; the lab is built once for all of pytest's processes, since that takes seconds."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def copy(lab: str) -> Course:
        template = shared / f"template-{lab}"
        with FileLock(shared / f"{template.name}.lock"):
            if not template.exists():
                lay_out(shared / f"{template.name}-made", ROOT, [FOLDERS[lab]], marked=True)
                (shared / f"{template.name}-made").rename(template)
        return Course(Path(shutil.copytree(template, tmp_path_factory.mktemp(lab) / "course")))

    return copy


@pytest.fixture(scope="session")
def make_school(sandbox: None, built: Callable[[str], Course]) -> MakeSchool:
    def make(lab: str, cell_seconds: float = 60.0, total_seconds: float = 300.0) -> School:
        course = built(lab)
        config = course.root / "nbgrader_config.py"
        limits = f"c.Grading.cell_seconds = {cell_seconds}\nc.Grading.total_seconds = {total_seconds}\n"
        config.write_text(f"{config.read_text()}\n{limits}")
        school = School(course, read_material(course.labs()[0]))
        right = reference_answers(school.material.source)
        peer = {name: marked_answer(source) for name, source in right.items()}
        school.hand_in("ada", answered(school.material, peer))
        return school

    return make


@pytest.fixture(scope="session", autouse=True)
def _secret_in_the_environment() -> Iterator[None]:
    os.environ["GRADER_TOKEN"] = f"{TOLD}the environment"
    yield
    del os.environ["GRADER_TOKEN"]


def attacks(lab: str, *, anywhere: bool) -> list[Entry]:
    return read_catalogue(CATALOGUE / "attacks", lab, anywhere=anywhere)


def variants(lab: str, *, anywhere: bool) -> list[Entry]:
    return read_catalogue(CATALOGUE / "honest", lab, anywhere=anywhere)


def enter(school: School, entries: list[Entry]) -> None:
    for entry in entries:
        school.hand_in(entry.name, compose(entry, school.material))
