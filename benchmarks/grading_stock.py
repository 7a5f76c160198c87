"""What plain `nbgrader autograde` gives to one attack, inside bubblewrap.

Only the attack's own copy of the course can be written, and there is no network.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.grading_class import BOOK
from benchmarks.grading_outcome import ROOT, Outcome, points
from classroom.course import Course
from classroom.demo_class.course import SECRET
from classroom.demo_class.entries import Entry
from classroom.demo_class.handin import compose
from classroom.verify.material import Material

CELL_SECONDS = 20
SECONDS = 120.0
STUDENT = "mallory"


def grade(course: Course, material: Material, entry: Entry, scratch: Path) -> Outcome:
    """Grade one attack in a copy of the course.

    Args:
        course: the course that is copied.
        material: the entry's lab.
        entry: the attack.
        scratch: a folder for the copy.
    """
    mine = scratch / entry.lab / entry.name
    shutil.copytree(course.root, mine, symlinks=True)
    config = mine / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Execute.timeout = {CELL_SECONDS}\n")
    compose(entry, material).write(mine / "course" / "submitted" / STUDENT / entry.lab)
    ended = autograde(mine, entry.lab)
    outcome = Outcome(points(mine / BOOK, entry.lab, STUDENT), told(mine, entry.lab), ended)
    shutil.rmtree(mine)
    return outcome


def check(course: Course, materials: dict[str, Material], scratch: Path) -> None:
    """Grade an honest and an idle learner first: a sandbox that breaks nbgrader would look like a successful attack.

    Raises:
        RuntimeError: if they don't get all points and none.
    """
    for lab, material in materials.items():
        possible = sum(exercise.points for exercise in material.exercises)
        honest = grade(course, material, Entry(lab, "honest", hostile=False, says="answers right"), scratch)
        idle = grade(course, material, Entry(lab, "idle", hostile=True, says="answers nothing"), scratch)
        if (honest, idle) != (Outcome(possible, told=False, ended=""), Outcome(0.0, told=False, ended="")):
            raise RuntimeError(f"Plain nbgrader doesn't work here, so nothing can be shown: {honest}, {idle}")


def autograde(root: Path, lab: str) -> str:
    """Run the command behind bubblewrap; return how it ended, empty if well."""
    sandbox = "bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-net --unshare-pid --die-with-parent"
    command = sandbox.split()
    for place in (ROOT, Path(sys.prefix), Path(sys.base_prefix)):  # which may lie below /tmp
        command += ["--ro-bind", str(place), str(place)]
    command += ["--bind", str(root), str(root), "--chdir", str(root), "--setenv", "HOME", str(root)]
    command += ["--setenv", "GRADER_TOKEN", f"{SECRET} of the environment"]
    command += [sys.executable, "-m", "nbgrader", "autograde", lab, "--student", STUDENT]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"the batch hung for {SECONDS:.0f} s"
        log.seek(0)
        said = log.read().decode(errors="replace")
    if code == 0:
        return ""
    # Told to give up on one submission, nbgrader goes on with the next; any other end stops the whole batch.
    return "not graded" if "There was an error processing assignment" in said else "the batch was aborted"


def told(root: Path, lab: str) -> bool:
    """Do secrets stand in what was run, which goes into the feedback?"""
    path = root / "course" / "autograded" / STUDENT / lab / f"{lab}.ipynb"
    if not path.is_file():
        return False
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    beside = [path for path in path.parent.rglob("*") if path.is_file() and path.suffix != ".ipynb"]
    if any(SECRET.encode() in path.read_bytes() for path in beside):
        return True
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    # The traceback of any hidden test that fails shows its source: that takes no attack.
    return any(SECRET in json.dumps(output) for output in outputs if output["output_type"] != "error")
