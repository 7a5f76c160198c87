"""The command ``datakit``. It imports no PyTorch, so that it answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from datakit import lab_server
from datakit.challenge import PICTURES
from datakit.labs import LabsError, Update, first_notebook, update_work

Labs = Annotated[Path, typer.Option(help="The folder with the released labs.")]
Work = Annotated[Path, typer.Option(help="Your folder: your copies, your work.")]
app = typer.Typer(no_args_is_help=True, add_completion=False)
challenge = typer.Typer(no_args_is_help=True, help="Make a slow pipeline fast; its batches must stay the same.")
app.add_typer(challenge, name="challenge")


@app.callback()
def main() -> None:
    """How data reaches a GPU: the learner's commands."""


@app.command()
def lab(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where JupyterLab listens.")] = 8888,
    browser: Annotated[
        bool | None, typer.Option("--browser/--no-browser", help="Open a web browser; by default unless BROWSER=none.")
    ] = None,
    labs: Labs = Path("labs"),
    work: Work = Path("my-labs"),
) -> None:
    """Copy the labs to your folder, where you work on them, and start JupyterLab on it. Nothing is overwritten."""
    try:
        problem = lab_server.port_problem(port)
        if problem:
            raise LabsError(problem)
        _tell(update_work(labs, work), work)
        if browser is None:
            browser = os.environ.get("BROWSER", "").lower() != "none"
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if root:
            typer.echo("You are root, as in a container: JupyterLab is started with --allow-root.")
        words = lab_server.command(work, first_notebook(work), port, browser, root)
    except (LabsError, ModuleNotFoundError) as error:
        typer.echo(f"datakit lab: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo("JupyterLab starts; its address follows. Ctrl-C ends it and all its kernels.")
    if "JUPYTER_TOKEN" in os.environ:
        # Jupyter prints only addresses whose token it made itself.
        typer.echo(f"http://127.0.0.1:{port}/lab with the token in your JUPYTER_TOKEN.")
    sys.stdout.flush()
    # This process becomes JupyterLab, so that signals reach it and nothing stands between.
    os.execve(words[0], words, lab_server.environment())


@app.command()
def progress(work: Work = Path("my-labs")) -> None:
    """Show for each lab which exercises pass, their points, and what is next."""
    from datakit.lab_progress import progress

    try:
        typer.echo(progress(work))
    except FileNotFoundError as error:
        typer.echo(f"datakit progress: {error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def doctor() -> None:
    """Say whether this machine is ready for the labs. Exit status 1 if something is missing."""
    from datakit.doctor import Status, examine_machine

    findings = []
    for finding in examine_machine():
        findings.append(finding)
        typer.echo(f"{finding.status} {finding.what}: {finding.found}")
        if finding.advice:
            typer.echo(f"  {finding.advice}")
    if any(finding.status is Status.missing for finding in findings):
        typer.echo("Something is missing: see ✗ above.")
        raise typer.Exit(1)
    typer.echo("Ready for the labs.")


@app.command()
def reset(
    lab: Annotated[str, typer.Argument(metavar="LAB", help="Its folder, such as 02_collate, or its number.")],
    labs: Labs = Path("labs"),
    work: Work = Path("my-labs"),
) -> None:
    """Give a fresh copy of a lab; the old one is kept beside it."""
    from datakit.lab_reset import reset_lab

    try:
        kept = reset_lab(lab, labs, work)
    except LabsError as error:
        typer.echo(f"datakit reset: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo("A fresh copy is there." + (f" Yours is kept in {kept}." if kept else " There was no copy of yours."))


@challenge.command("start")
def challenge_start(work: Work = Path("my-labs")) -> None:
    """Put the slow pipeline into your folder, as challenge/my_pipeline.py. Yours is never overwritten."""
    from datakit.challenge.start import start_challenge

    try:
        file, new = start_challenge(work / "challenge")
    except OSError as error:
        typer.echo(f"datakit challenge start: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{file} is there. Edit it." if new else f"{file} was there and was left alone.")
    typer.echo(f"Then: datakit challenge run {file}")


@challenge.command("run")
def challenge_run(
    file: Annotated[Path, typer.Argument(help="Your pipeline, such as my-labs/challenge/my_pipeline.py.")],
    rounds: Annotated[int, typer.Option(min=1, help="How many laps each pipeline runs.")] = 3,
    pictures: Annotated[int, typer.Option(min=1, help="How many pictures an epoch has.")] = PICTURES,
) -> None:
    """Run your pipeline and the slow one in turn and compare. Exit status 1 if a batch differs."""
    from datakit.challenge.race import ChallengeError, race

    try:
        found = race(file, rounds, pictures, say=typer.echo)
    except (ChallengeError, OSError, ValueError) as error:
        typer.echo(f"datakit challenge run: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(found)
    if found.difference:
        raise typer.Exit(1)


def _tell(update: Update, work: Path) -> None:
    if update.added:
        typer.echo(
            f"{len(update.added)} new files in {work}: {', '.join(sorted({str(p.parts[0]) for p in update.added}))}."
        )
    for old, new in update.beside.items():
        typer.echo(f"A newer release of {old} is there. Yours was left alone; the new one is {work / new}.")
    if update.problem:
        typer.echo(update.problem)


if __name__ == "__main__":
    app()
