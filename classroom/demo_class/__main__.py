"""``python -m classroom.demo_class``: build a class for each lab, grade it, and say where to look."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from classroom.course import Course, Lab
from classroom.demo_class.course import lay_out
from classroom.demo_class.members import SHARES, Member, members
from classroom.verify.material import read_material

SCORES = """
    SELECT submitted_assignment.student_id, SUM(COALESCE(grade.auto_score, 0)) FROM grade
    JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN assignment ON submitted_assignment.assignment_id = assignment.id
    WHERE assignment.name = ? GROUP BY submitted_assignment.student_id"""


def main(
    labs: Annotated[list[Path], typer.Argument(help="The labs' folders.")],
    catalogue: Annotated[Path, typer.Option(help="The folder that holds attacks/ and honest/.")],
    out: Annotated[Path, typer.Option(help="The course's folder; made anew.")],
    seed: Annotated[int, typer.Option(help="Another seed, another class.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions side by side.")] = 2,
) -> None:
    """Build a class of thirty for each lab, grade it, write feedback and report."""
    console = Console()
    if (out / "course").exists():
        shutil.rmtree(out)
    console.print(f"Building {len(labs)} labs in {out} …")
    course = lay_out(out, Path.cwd(), labs)
    wrong = 0
    for lab in course.labs():
        group = members(read_material(lab), catalogue, seed)
        for member in group:
            member.handin.write(course.work / "submitted" / member.student / lab.name)
        console.rule(f"{lab.name}: {len(group)} submissions")
        for command in (("grade", lab.name, "--jobs", str(jobs)), ("report", lab.name)):
            status = subprocess.run(
                [sys.executable, "-m", "classroom", *command, "--root", str(course.root)], check=False
            )
            if status.returncode < 0:
                raise typer.Exit(1)
        wrong += show(console, lab, group)
    where_to_look(console, course)
    raise typer.Exit(1 if wrong else 0)


def show(console: Console, lab: Lab, group: list[Member]) -> int:
    """Print what each kind of learner got, and who got what they should not; return how many these are."""
    with closing(sqlite3.connect(lab.root / "course" / "gradebook.db")) as gradebook:
        points = dict(gradebook.execute(SCORES, (lab.name,)).fetchall())
    table = Table(title=f"{lab.name}: points from machines", title_justify="left")
    for heading in ("learners", "how many", "points", "beyond their bounds"):
        table.add_column(heading)
    beyond = [one for one in group if not one.least <= points.get(one.student, 0.0) <= one.most]
    for kind in SHARES:
        mine = [one for one in group if one.kind == kind]
        got = [points.get(one.student, 0.0) for one in mine]
        names = ", ".join(one.student for one in beyond if one.kind == kind)
        table.add_row(kind, str(len(mine)), f"{min(got):g} to {max(got):g}", names or "nobody")
    console.print(table)
    for one in beyond:
        got = points.get(one.student, 0.0)
        console.print(f"{one.student} {one.says}: {got:g} points, expected {one.least:g} to {one.most:g}.")
    return len(beyond)


def where_to_look(console: Console, course: Course) -> None:
    """Say where everything lies."""
    console.rule("Where to look")
    console.print(f"submissions  {course.work / 'submitted'}", soft_wrap=True)
    console.print(f"feedback     {course.work / 'feedback'}/STUDENT/LAB/LAB.html", soft_wrap=True)
    for path in sorted(course.work.rglob("*report*.html")):
        console.print(f"report       {path}", soft_wrap=True)
    console.print(f"formgrader   cd {course.root} && jupyter lab     (menu Nbgrader, Formgrader)", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
