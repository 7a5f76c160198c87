"""`make class`: what it may remove, and whom it finds to have got what they should not."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from classroom.course import Course, CourseError, Lab
from classroom.demo_class import names
from classroom.demo_class.__main__ import prepare
from classroom.demo_class.handin import HandIn
from classroom.demo_class.members import SHARES, Member
from classroom.demo_class.outcome import show
from classroom.grading.record_book import Book
from classroom.release import nbgrader_settings

TABLES = """
    CREATE TABLE assignment (id, name); INSERT INTO assignment VALUES (1, 'lab'), (2, 'other');
    CREATE TABLE submitted_assignment (id, student_id, assignment_id);
    CREATE TABLE submitted_notebook (id, assignment_id);
    CREATE TABLE grade (notebook_id, auto_score);"""


def test_make_class_hands_over_each_lab_there_is_and_nothing_else() -> None:
    root = Path(__file__).parents[4]
    told = subprocess.run(["make", "--dry-run", "class"], cwd=root, capture_output=True, text=True, check=True).stdout
    words = shlex.split(told.split("classroom.demo_class ")[1].replace("\\\n", " "))
    labs = [root / word for word in words[: words.index("--catalogue")]]
    assert [path.name for path in labs[:-2]] == [lab.name for lab in Course(root).labs()]
    assert [path for path in labs if not (path / f"{path.name}.py").is_file()] == []


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    with pytest.raises(CourseError, match=r"holds other things"):
        prepare(tmp_path)
    assert (tmp_path / "course").is_dir()


def test_a_folder_of_its_own_is_made_anew(tmp_path: Path) -> None:
    out = tmp_path / "class"
    prepare(out)
    (out / "course").mkdir()
    prepare(out)
    assert not (out / "course").exists()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "course").mkdir()
    return Lab(tmp_path, "lab")


def enter(lab: Lab, points: dict[str, list[float | None]]) -> None:
    with closing(sqlite3.connect(lab.root / "course" / "gradebook.db")) as book:
        book.executescript(TABLES)
        for number, (student, scores) in enumerate(points.items()):
            book.execute("INSERT INTO submitted_assignment VALUES (?, ?, 1)", (number, student))
            book.execute("INSERT INTO submitted_notebook VALUES (?, ?)", (number, number))
            book.executemany("INSERT INTO grade VALUES (?, ?)", [(number, score) for score in scores])
        book.commit()


def test_who_got_too_much_too_little_or_no_row_is_named(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    bounds = dict.fromkeys(SHARES, (0.0, 3.0)) | {"right": (3.0, 3.0), "hostile": (0.0, 1.0)}
    group = [Member(f"{kind}-1", "does it", HandIn("lab", {}), *bounds[kind]) for kind in SHARES]
    enter(lab, {"right-1": [2.0, None], "mixed-1": [1.0, 1.0], "honest-1": [3.0], "hostile-1": [1.0, 0.5]})
    assert show(Console(width=200), lab, group) == 3
    told = capsys.readouterr().out
    assert "right-1 does it: 2 points, expected 3 to 3." in told
    assert "hostile-1 does it: 1.5 points, expected 0 to 1." in told
    assert "damaged-1 does it: no row in the gradebook" in told


def test_everybody_has_a_name_in_the_gradebook(built_course: Course) -> None:
    students = [f"{kind}-{number}" for kind, count in SHARES.items() for number in range(count)]
    for _ in range(2):  # a learner of two labs is entered twice
        names.enter(built_course, students)
    with Book(nbgrader_settings(built_course.root), built_course.work) as book:
        found = {student: (person.first_name, person.last_name) for student, person in book.people().items()}
    assert {student: found.get(student) for student in students} == {who: names.name_of(who) for who in students}
    assert len(set(found.values())) > 25
