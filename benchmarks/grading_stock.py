"""What plain `nbgrader autograde` gives to each attack: ``python -m benchmarks.grading_stock``.

Each attack is handed in to a course of its own and graded inside bubblewrap: only that course can be written, and there
is no network. The result is `docs/administrators/stock_nbgrader.json`, and a table beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom.course import Course
from classroom.demo_class.course import SECRET, lay_out, marked_answer
from classroom.demo_class.entries import Entry, read_catalogue
from classroom.demo_class.handin import answered, compose
from classroom.verify.material import Material, read_material
from classroom.verify.submission import reference_answers

ROOT = Path(__file__).parents[1]
ATTACKS = ROOT / "tests" / "classroom" / "grading" / "attacks"
LABS = (
    ROOT / "tests" / "fixtures" / "mini_lab",
    ROOT / "tests" / "fixtures" / "loader_lab",
    ROOT / "solutions" / "01_datasets",
)
RESULT = ROOT / "docs" / "administrators" / "stock_nbgrader.json"
CELL_SECONDS = 20
SECONDS = 120.0


@dataclass(frozen=True)
class Outcome:
    """What happened to one attack.

    Args:
        attack: its label.
        tries: what it tries.
        earns: the points that its honest part is worth.
        points: what it got.
        told: whether a secret stands in the outputs, which go into the feedback.
        ended: how the command ended if it didn't end well.
    """

    attack: str
    tries: str
    earns: float
    points: float
    told: bool
    ended: str

    @property
    def undeserved(self) -> float:
        """Points beyond what the honest part is worth."""
        return max(0.0, self.points - self.earns)

    @property
    def verdict(self) -> str:
        """What went wrong, in a few words."""
        wrong = [f"+{self.undeserved:g} points"] if self.undeserved else []
        wrong += ["secrets in the outputs"] if self.told else []
        wrong += [self.ended] if self.ended else []
        return ", ".join(wrong) or "withstood"


def template(folder: Path, labs: Iterable[Path] = LABS) -> Course:
    """A built course with marked secrets, and a learner `ada` whose answers are right."""
    course = lay_out(folder, ROOT, list(labs), marked=True)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Execute.timeout = {CELL_SECONDS}\n")
    for lab in course.labs():
        material = read_material(lab)
        right = {name: marked_answer(source) for name, source in reference_answers(material.source).items()}
        answered(material, right).write(course.work / "submitted" / "ada" / lab.name)
    return course


def grade(course: Course, material: Material, entry: Entry, scratch: Path) -> Outcome:
    """Grade one attack with plain nbgrader, in a copy of the course."""
    mine = scratch / entry.lab / entry.name
    shutil.copytree(course.root, mine, symlinks=True)
    compose(entry, material).write(mine / "course" / "submitted" / "mallory" / entry.lab)
    ended = autograde(mine, entry.lab)
    points, told = _points(mine / "course" / "gradebook.db", entry.lab), _told(mine, entry.lab)
    shutil.rmtree(mine)
    return Outcome(entry.label, entry.says, entry.earns or 0.0, points, told, ended)


def check(course: Course, materials: dict[str, Material], scratch: Path) -> None:
    """Grade an honest and an idle learner first: a sandbox that breaks nbgrader would look like a successful attack.

    Raises:
        RuntimeError: if they don't get all points and none.
    """
    for lab, material in materials.items():
        possible = sum(exercise.points for exercise in material.exercises)
        honest = grade(
            course, material, Entry(lab, "honest", hostile=False, says="answers right", earns=possible), scratch
        )
        idle = grade(course, material, Entry(lab, "idle", hostile=True, says="answers nothing"), scratch)
        if (honest.points, idle.points, honest.ended, idle.ended) != (possible, 0.0, "", ""):
            raise RuntimeError(f"Plain nbgrader doesn't work here, so nothing can be shown: {honest}, {idle}")


def autograde(root: Path, lab: str) -> str:
    """Run the command behind bubblewrap; return how it ended, empty if well."""
    sandbox = "bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-net --unshare-pid --die-with-parent"
    command = sandbox.split()
    for place in (ROOT, Path(sys.prefix), Path(sys.base_prefix)):  # which may lie below /tmp
        command += ["--ro-bind", str(place), str(place)]
    command += ["--bind", str(root), str(root), "--chdir", str(root), "--setenv", "HOME", str(root)]
    command += ["--setenv", "GRADER_TOKEN", f"{SECRET} of the environment"]
    command += [sys.executable, "-m", "nbgrader", "autograde", lab, "--student", "mallory"]
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


def _points(database: Path, lab: str) -> float:
    query = """
        SELECT COALESCE(SUM(COALESCE(manual_score, auto_score, 0)), 0) FROM grade
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN assignment ON submitted_assignment.assignment_id = assignment.id
        WHERE assignment.name = ? AND submitted_assignment.student_id = 'mallory'"""
    with closing(sqlite3.connect(database)) as gradebook:
        return float(gradebook.execute(query, (lab,)).fetchone()[0])


def _told(root: Path, lab: str) -> bool:
    path = root / "course" / "autograded" / "mallory" / lab / f"{lab}.ipynb"
    if not path.is_file():
        return False
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    beside = [path for path in path.parent.rglob("*") if path.is_file() and path.suffix != ".ipynb"]
    if any(SECRET.encode() in path.read_bytes() for path in beside):
        return True
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    # The traceback of any hidden test that fails shows its source: that takes no attack.
    return any(SECRET in json.dumps(output) for output in outputs if output["output_type"] != "error")


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as a table for people."""
    bad = [outcome for outcome in outcomes if outcome.verdict != "withstood"]
    lines = [
        f"# Plain `nbgrader autograde`: {len(bad)} of {len(outcomes)} attacks succeed",
        "",
        "Written by `python -m benchmarks.grading_stock`. *+2 points*: two points more than the honest part is worth.",
        "",
        "| attack | tries | plain nbgrader |",
        "|---|---|---|",
    ]
    lines += [f"| {one.attack} | {one.tries.replace('|', '&#124;')} | {one.verdict} |" for one in outcomes]
    return "\n".join(lines) + "\n"


def main(
    only: Annotated[str, typer.Option(help="Only attacks whose label holds this.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="How many side by side.")] = 1,
    save: Annotated[bool, typer.Option(help="Write the result to docs/administrators.")] = True,
) -> None:
    """Grade every attack with plain nbgrader."""
    # What suits every lab is shown on the smallest.
    found = [read_catalogue(ATTACKS, lab.name, anywhere=lab is LABS[0]) for lab in LABS]
    entries = [entry for entries in found for entry in entries if only in entry.label]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        course = template(Path(folder) / "template", [lab for lab in LABS if any(e.lab == lab.name for e in entries)])
        materials = {lab.name: read_material(lab) for lab in course.labs()}
        check(course, materials, Path(folder) / "scratch")
        outcomes = []
        for outcome in pool.map(lambda e: grade(course, materials[e.lab], e, Path(folder) / "scratch"), entries):
            outcomes.append(outcome)
            typer.echo(f"{outcome.attack:60} {outcome.verdict}")
    if save:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n")
        RESULT.with_suffix(".md").write_text(table(outcomes))
    typer.echo(table(outcomes).partition("\n")[0])


if __name__ == "__main__":
    typer.run(main)
