"""What `classroom grade` gives to a lab's attacks, all in one class."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.grading_class import BOOK
from benchmarks.grading_outcome import Outcome, points
from classroom.course import Course
from classroom.demo_class.course import SECRET
from classroom.demo_class.entries import Entry
from classroom.demo_class.handin import compose
from classroom.grading.grade_rows import EXIT_REFUSED
from classroom.verify.material import Material

TOLD = f"{SECRET} of "  # no learner's own code holds these words


def grade_all(course: Course, material: Material, entries: Iterable[Entry], scratch: Path) -> dict[str, Outcome]:
    """Hand in each attack under a name of its own, and grade the class as an instructor does.

    Args:
        course: the course that is copied.
        material: the entries' lab.
        entries: the attacks.
        scratch: a folder for the copy.

    Returns:
        What each got, by its label.
    """
    entries, lab = list(entries), material.name
    mine = scratch / f"{lab}-class"
    shutil.copytree(course.root, mine, symlinks=True)
    for entry in entries:
        compose(entry, material).write(mine / "course" / "submitted" / entry.name / lab)
    command = [sys.executable, "-m", "classroom", "grade", lab, "--jobs", "2", "--root", str(mine)]
    environment = {**os.environ, "GRADER_TOKEN": f"{SECRET} of the environment"}
    status = subprocess.run(command, env=environment, check=False).returncode
    ended = "" if status in (0, EXIT_REFUSED) else "the batch was aborted"
    found = {
        entry.label: Outcome(points(mine / BOOK, lab, entry.name), told(mine, entry.name), ended) for entry in entries
    }
    shutil.rmtree(mine)
    return found


def told(root: Path, student: str) -> bool:
    """Do secrets stand in anything that the learner is given?"""
    given = (root / "course" / "feedback" / student).rglob("*")
    return any(TOLD.encode() in path.read_bytes() for path in given if path.is_file())
