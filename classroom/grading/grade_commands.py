"""The commands around grading: `classroom grade`, `feedback`, `report` and `export`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from classroom.course import Course, CourseError, Lab
from classroom.grading.export_places import Place
from classroom.grading.intake_accept import Accept
from classroom.grading.lean import import_nbformat, uncollected

INTERRUPTED = 130
LabName = Annotated[str, typer.Argument(metavar="LAB", help="The lab's name.")]
Root = Annotated[Path, typer.Option(help="The folder that holds solutions/, labs/ and nbgrader_config.py.")]
Students = Annotated[list[str] | None, typer.Option("--student", metavar="ID", help="This learner alone; repeatable.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the instructor's program."""
    app.command("grade")(grade_command)
    app.command("feedback")(feedback_command)
    app.command("report")(report_command)
    app.command("export")(export_command)


def grade_command(
    lab: LabName,
    student: Students = None,
    question: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="This exercise or test alone; repeatable.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all/--changed", help="Also what hasn't changed since it was graded.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions are graded side by side.")] = 2,
    dask: Annotated[str, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster instead.")] = "",
    accept: Annotated[
        Accept | None, typer.Option(help="What counts where a submission was changed after intake.")
    ] = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="For submissions that you wrote yourself.")
    ] = False,
    root: Root = Path(),
) -> None:
    """Grade a lab for a class. Exit status: 0 all graded, 3 some refused, 1 an error, 130 interrupted."""
    from rich.console import Console

    console = Console()
    if unsafe_no_sandbox:
        typer.echo("WARNING: no sandbox. Submissions run with your rights, beside the hidden tests.", err=True)
    try:
        course, chosen = _open(root, lab)
        with ExitStack() as stack:
            if dask:
                from classroom.grading.grade_runners import on_cluster

                run = on_cluster(dask)
            else:
                from classroom.grading import grade_early
                from classroom.grading.grade_runners import on_this_machine

                again = everything or bool(question)
                begun = grade_early.begin(
                    course, chosen, jobs, student or [], everything=again, unsafe=unsafe_no_sandbox
                )
                stack.enter_context(begun)
                run = on_this_machine(jobs, unsafe_no_sandbox=unsafe_no_sandbox, begun=begun)
            # What follows imports nbgrader, beside the imports that have just begun.
            with uncollected():
                import_nbformat()
                from classroom.grading.grade import Choice, grade
                from classroom.grading.grade_progress import Progress, summary
                from classroom.grading.grade_rows import exit_status

            choice = Choice(tuple(student or ()), tuple(question or ()), everything, accept)
            progress = stack.enter_context(Progress(console, lab))
            rows = grade(course, chosen, run, choice, progress.done)
    except (CourseError, OSError) as error:
        _fail(error)
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was graded is recorded; the same command goes on with the rest.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    summary(console, lab, rows)
    raise typer.Exit(exit_status(rows))


def feedback_command(lab: LabName, student: Students = None, root: Root = Path()) -> None:
    """Write learners' pages again, with what was graded by hand since."""
    from classroom.grading.feedback_class import write_feedback

    try:
        pages = write_feedback(*_open(root, lab), student or [])
    except CourseError as error:
        _fail(error)
    typer.echo(f"{len(pages)} pages in course/feedback/ID/{lab}/{lab}.html")


def report_command(lab: LabName, root: Root = Path()) -> None:
    """Write the instructor's page about a lab: scores, difficulty, mistakes, verdicts, similar submissions."""
    from classroom.grading.report import write_report

    try:
        path = write_report(*_open(root, lab))
    except CourseError as error:
        _fail(error)
    typer.echo(str(path))


def export_command(
    lab: LabName,
    to: Annotated[Place, typer.Option("--for", help="Whose form of CSV.")],
    output: Annotated[Path | None, typer.Option(help="The file; standard output if none is named.")] = None,
    root: Root = Path(),
) -> None:
    """Write a lab's points as CSV for a learning platform."""
    from classroom.grading.export import csv_for

    try:
        text = csv_for(*_open(root, lab), to)
    except CourseError as error:
        _fail(error)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")


def _open(root: Path, lab: str) -> tuple[Course, Lab]:
    course = Course(root)
    return course, course.choose([lab])[0]


def _fail(error: Exception) -> NoReturn:
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(1) from None
