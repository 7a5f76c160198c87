"""``python -m classroom.demo_class``: build a class for each lab, grade it, and say where to look.

Exit status: 0 if everybody got what they should, 1 if somebody did not or the grader failed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from classroom.course import Course, CourseError, Lab
from classroom.demo_class import names
from classroom.demo_class.course import lay_out
from classroom.demo_class.members import Member, members
from classroom.demo_class.outcome import show
from classroom.grading.grade_rows import EXIT_REFUSED
from classroom.verify.material import read_material

MARKER = ".demo-class"  # what stands in a folder that this program may make anew


def main(
    labs: Annotated[list[Path], typer.Argument(help="The labs' folders.")],
    catalogue: Annotated[Path, typer.Option(help="The folder that holds attacks/ and honest/.")],
    out: Annotated[Path, typer.Option(help="The course's folder; made anew.")],
    seed: Annotated[int, typer.Option(help="Another seed, another class.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions side by side.")] = 2,
) -> None:
    """Build a class of thirty for each lab, grade it, write feedback and report."""
    console, begin = Console(), time.monotonic()
    try:
        prepare(out)
        console.print(f"Building {', '.join(lab.name for lab in labs)} in {out}/ …", soft_wrap=True)
        course = lay_out(out, Path.cwd(), labs)
        wrong = 0
        for lab in course.labs():
            group = members(read_material(lab), catalogue, seed)
            console.rule(f"{lab.name}: {len(group)} submissions")
            grade(course, lab, group, jobs)
            wrong += show(console, lab, group)
    except (CourseError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    where_to_look(console, course)
    sentence = f"{wrong} got what they should not" if wrong else "everybody got what they should"
    console.print(f"{sentence[0].upper()}{sentence[1:]}. {time.monotonic() - begin:.0f} seconds.")
    raise typer.Exit(1 if wrong else 0)


def prepare(out: Path) -> None:
    """Empty a folder that this program has made before, or make it.

    Raises:
        CourseError: if it holds anything else.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise CourseError(f"{out} holds other things than a demonstration class. Name a new folder, or empty this one.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARKER).touch()


def grade(course: Course, lab: Lab, group: list[Member], jobs: int) -> None:
    """Hand in for everybody, and run the instructor's own commands.

    Raises:
        CourseError: if one of them fails.
    """
    for member in group:
        member.handin.write(course.work / "submitted" / member.student / lab.name)
    names.enter(course, (member.student for member in group))
    for words in (("grade", lab.name, "--jobs", str(jobs)), ("report", lab.name)):
        command = [sys.executable, "-m", "classroom", *words, "--root", str(course.root)]
        status = subprocess.run(command, check=False).returncode
        if status not in (0, EXIT_REFUSED):
            raise CourseError(f"`classroom {' '.join(words)}` ended with status {status}.")


def where_to_look(console: Console, course: Course) -> None:
    """Say where everything lies."""
    console.rule("Where to look")
    labs = [lab.name for lab in course.labs()]
    for name in labs:
        console.print(f"report       {course.work / 'reports' / f'{name}.html'}", soft_wrap=True)
    feedback = course.work / "feedback" / "STUDENT" / "LAB" / "LAB.html"
    console.print(f"feedback     {feedback}, such as", soft_wrap=True)
    console.print(f"             {course.work / 'feedback' / 'mixed-1' / labs[0] / f'{labs[0]}.html'}", soft_wrap=True)
    console.print(f"submissions  {course.work / 'submitted'}", soft_wrap=True)
    program = Path(sys.executable).with_name("jupyter")
    console.print(f"formgrader   cd {course.root} && {program} lab     (menu Nbgrader, Formgrader)", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
