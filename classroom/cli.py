"""The instructor's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classroom.course import Course, CourseError
from classroom.grading.grade_commands import add_to
from classroom.keep import Keep

app = typer.Typer(no_args_is_help=True)
Labs = Annotated[list[str] | None, typer.Argument(metavar="[LAB]...", help="Which labs; all, if none is named.")]
Root = Annotated[Path, typer.Option(help="The folder that holds solutions/, labs/ and nbgrader_config.py.")]


@app.callback()
def classroom() -> None:
    """Build the labs from their sources, prove that they grade fairly, and grade a class."""


@app.command("build")
def build_command(
    labs: Labs = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if labs/ is stale.")] = False,
    keep: Annotated[Keep | None, typer.Option(help="Whose text counts if script and notebook were edited.")] = None,
    root: Root = Path(),
) -> None:
    """Make labs/ and course/source from solutions/."""
    from classroom.build import build, stale

    try:
        course = Course(root)
        chosen = course.choose(labs or [])
        if not check:
            build(course, chosen, keep=keep, say=typer.echo)
            return
        found = stale(course, chosen)
    except CourseError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    for sentence in found:
        typer.echo(sentence, err=True)
    if found:
        typer.echo("Run `classroom build` and commit labs/.", err=True)
        raise typer.Exit(1)
    typer.echo(f"labs/ is what solutions/ produces ({len(chosen)} checked).")


@app.command("verify")
def verify_command(
    labs: Labs = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many kernels run side by side.")] = 2,
    seeds: Annotated[int, typer.Option(min=1, help="Under how many seeds the tests are run again.")] = 20,
    fresh: Annotated[bool, typer.Option("--fresh", help="Verify a lab even if nothing has changed since.")] = False,
    root: Root = Path(),
) -> None:
    """Prove that labs grade fairly: full marks, no marks, wrong answers, right answers, and more.

    A verification that passed is kept in the lab's verified.json, and counts until something that it rests on changes.
    """
    from rich.console import Console
    from rich.status import Status

    from classroom.verify.remembered import basis_of, recall, remember
    from classroom.verify.report import show
    from classroom.verify.rows import Status as RowStatus
    from classroom.verify.verify import verify

    console, failed = Console(), False
    try:
        for lab in Course(root).choose(labs or []):
            basis = basis_of(lab, seeds)  # now: what is edited meanwhile isn't what is verified
            kept = None if fresh else recall(lab, basis)
            if kept is not None:
                show(console, lab.name, kept)
                console.print("Nothing has changed since this was found; --fresh looks again.\n")
                continue
            with console.status(f"{lab.name}: first run") as status:

                def progress(done: int, total: int, name: str = lab.name, status: Status = status) -> None:
                    status.update(f"{name}: {done} of {total} runs")

                rows = verify(lab, jobs=jobs, seeds=seeds, progress=progress)
            remember(lab, basis, rows)
            show(console, lab.name, rows)
            failed = failed or any(row.status is RowStatus.failed for row in rows)
    except CourseError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    if failed:
        raise typer.Exit(1)


@app.command("challenge")
def challenge_command(
    folder: Annotated[Path, typer.Argument(help="Holds a folder for each learner, with a my_pipeline.py in it.")],
    points: Annotated[float, typer.Option(min=0, help="What identical batches are worth.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, help="How many laps each pipeline runs.")] = 3,
    output: Annotated[Path | None, typer.Option(help="A CSV file to write the ranking to.")] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe-no-sandbox", help="Run them with your rights.")] = False,
) -> None:
    """Race the pipelines that were handed in: points for identical batches, places by speed."""
    from classroom.challenge.rank import rank, save, show

    try:
        entries = rank(folder, points, rounds, confined=not unsafe, say=typer.echo)
        if output is not None:
            save(entries, output)
    except OSError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    show(entries)


add_to(app)
