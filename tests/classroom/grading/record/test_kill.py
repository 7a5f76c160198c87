"""Killed at any point, a run goes on where it stopped: what is recorded in the end is what a whole run records.

A child process grades a small class. It is killed just before the n-th thing that it does to a file or a database; then
another run completes the work.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from classroom.course import Course
from classroom.grading.grade import grade
from classroom.grading.items import Verdict, WorkItem

from .fakes import judge
from .learner import RIGHT, Learner

POINTS = 52
WATCHED = ("execute", "executemany", "executescript", "commit", "rename", "mkdir", "rmdir", "unlink", "open", "write")
TABLES = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
IDS = ("id", "cell_id", "notebook_id", "assignment_id")


def run(items: list[WorkItem]) -> Iterator[Verdict]:
    return (judge(item) for item in items)


@pytest.fixture
def class_(built_course: Course) -> Course:
    """A right, a half right, an empty and a damaged submission, graded once; then two of them change."""
    lab = built_course.labs()[0]
    ada, bob, cleo, dan = (Learner(built_course, lab, name) for name in ("ada", "bob", "cleo", "dan"))
    ada.hand_in(**RIGHT, reflect_copy="Because.")
    bob.hand_in(double=RIGHT["double"])
    cleo.hand_in()
    grade(built_course, lab, run)
    bob.hand_in(**RIGHT)
    bob.write(bob.path.read_bytes(), at="2026-11-21 10:00:00.000000 UTC")
    cleo.write(b"{", at="2026-11-21 10:00:00.000000 UTC")
    dan.hand_in(lengths=RIGHT["lengths"])
    return built_course


def in_a_child(work: Callable[[], object]) -> int:
    """Run in a forked child; the signal that ended it, 0 if it came to its end."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    status = os.waitpid(pid, 0)[1]
    assert not os.WEXITSTATUS(status) or os.WIFSIGNALED(status), "the child failed by itself"
    return os.WTERMSIG(status)


def count_or_kill(course: Course, last: int, seen: Callable[[int], None] = lambda count: None) -> None:
    """Grade; die just before the ``last``-th operation on a file or a database."""
    count = 0

    def watch(frame: object, event: str, what: object) -> None:
        nonlocal count
        if event == "c_call" and getattr(what, "__name__", "") in WATCHED:
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    grade(course, course.labs()[0], run)
    sys.setprofile(None)
    seen(count)


def recorded(course: Course) -> dict[str, object]:
    """All that a run leaves behind but the random ids that nbgrader gives to rows."""
    found: dict[str, object] = {}
    with sqlite3.connect(course.work / "gradebook.db") as db:
        for table in TABLES:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            # A row is known by its position in its class and lab, not by its id.
            kept = ", ".join(f"{table}.{column}" for column in columns if column not in IDS)
            via = {
                "grade": "JOIN base_cell c ON c.id = cell_id JOIN submitted_notebook n ON n.id = grade.notebook_id",
                "comment": "JOIN base_cell c ON c.id = cell_id JOIN submitted_notebook n ON n.id = comment.notebook_id",
            }.get(table, "")
            names = ", c.name, s.student_id" if via else ""
            via += " JOIN submitted_assignment s ON s.id = n.assignment_id" if via else ""
            found[table] = sorted(map(repr, db.execute(f"SELECT {kept}{names} FROM {table} {via}")))
    with sqlite3.connect(course.work / ".grading" / "journal.db") as db:
        found["journal"] = sorted(map(repr, db.execute("SELECT * FROM verdict")))
        found["intake"] = sorted(map(repr, db.execute("SELECT * FROM intake NATURAL JOIN intake_file")))
    for folder in ("autograded", "feedback"):
        for path in sorted((course.work / folder).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(course.work))] = path.read_bytes()
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_any_point_the_records_are_those_of_a_whole_run(class_: Course, tmp_path: Path) -> None:
    def copy() -> None:
        # Hand-ins stay where they are, since a copied file is a newer one.
        for name in ("gradebook.db", ".grading", "autograded", "feedback"):
            target = class_.work / name
            shutil.rmtree(target) if target.is_dir() else target.unlink()
            source = tmp_path / "before" / name
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)

    for name in (".grading", "autograded", "feedback"):
        shutil.copytree(class_.work / name, tmp_path / "before" / name)
    shutil.copy(class_.work / "gradebook.db", tmp_path / "before")
    counted = tmp_path / "count"
    assert in_a_child(lambda: count_or_kill(class_, 0, lambda count: counted.write_text(str(count)) and None)) == 0
    expected, total = recorded(class_), int(counted.read_text())
    assert len(expected["journal"]) == 4  # type: ignore[arg-type]
    assert total > POINTS, "fewer steps than points at which to kill"
    for number in range(POINTS):
        copy()
        last = 1 + number * (total - 1) // (POINTS - 1)
        assert in_a_child(lambda last=last: count_or_kill(class_, last)) == signal.SIGKILL  # type: ignore[misc]
        in_a_child(lambda: grade(class_, class_.labs()[0], run))
        assert recorded(class_) == expected, f"killed before operation {last} of {total}"
