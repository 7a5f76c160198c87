"""Start what a run will need before it is known what there is to do: importing torch takes longer than looking.

Light to import: this comes before nbgrader. Where nobody new has handed in nothing is started, since an unchanged class
needs none of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from classroom.cell_code import imported_names
from classroom.course import Course, Lab
from classroom.grading import pool
from classroom.grading.gpu_devices import devices
from classroom.grading.grade_runners import Lender, preloaded


def begin(course: Course, lab: Lab, jobs: int, students: Sequence[str], *, everything: bool, unsafe: bool) -> Lender:
    """Start the workers' imports and the warm parent if submissions wait; the lender, started or not.

    Args:
        course: the course.
        lab: the lab.
        jobs: how many submissions are graded side by side.
        students: whose are graded; everybody's, if empty.
        everything: also those that were graded before.
        unsafe: run without a sandbox.
    """
    waiting = _waiting(course, lab, students, everything)
    modules = _modules(lab)
    lender = Lender(modules, max(1, min(jobs, waiting)), unsafe)
    if waiting and not devices():  # whether GPUs are lent stands in the settings, which are slow to read
        pool.prepare(preloaded(modules))
        with suppress(OSError):  # it will be said when there is work
            lender.begin()
    return lender


def _waiting(course: Course, lab: Lab, students: Sequence[str], everything: bool) -> int:
    folders = course.work.glob(f"submitted/*/{lab.name}")
    names = [folder.parent.name for folder in folders if not students or folder.parent.name in students]
    return sum(everything or not (course.work / "autograded" / name / lab.name).is_dir() for name in names)


def _modules(lab: Lab) -> list[str]:
    """What the cells import that learners get: the warm parent must know no more of a lab."""
    try:
        cells = json.loads((lab.release / f"{lab.name}.ipynb").read_bytes())["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError):  # it will be said when the lab is opened
        return []
    return sorted({module for module, _ in imported_names(sources).values()})
