"""A course of its own in an empty folder: the settings, copies of some labs, built; on request with marked secrets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from classroom.build import build
from classroom.course import Course, Lab

SETTINGS = ("nbgrader_config.py", "jupytext.toml")
REGION = re.compile(r"^([ \t]*)### BEGIN (SOLUTION|HIDDEN TESTS)$", re.MULTILINE)
SECRET = "SECRET"  # stands in all that no learner may read


def lay_out(root: Path, settings: Path, labs: list[Path], *, marked: bool = False) -> Course:
    """Copy settings and labs to an empty folder, and build them.

    Args:
        root: the folder to make.
        settings: the folder that holds the settings of nbgrader and jupytext.
        labs: the labs' folders.
        marked: put a comment with ``SECRET`` into each solution and each hidden test.
    """
    (root / "solutions").mkdir(parents=True)
    for name in SETTINGS:
        shutil.copy(settings / name, root)
    for lab in labs:
        shutil.copytree(lab, root / "solutions" / lab.name, ignore=shutil.ignore_patterns("__pycache__"))
    course = Course(root)
    if marked:
        for found in course.labs():
            mark(found)
    build(course, course.labs(), say=lambda sentence: None)
    return course


def mark(lab: Lab) -> None:
    """Put a comment with ``SECRET`` into each solution and each hidden test of a lab's script."""
    text = lab.script.read_text(encoding="utf-8")
    lab.script.write_text(REGION.sub(rf"\g<0>\n\1# {SECRET} of \2", text), encoding="utf-8")


def marked_answer(source: str) -> str:
    """An answer whose text no other learner may read."""
    return f"# {SECRET} of a peer\n{source}"
