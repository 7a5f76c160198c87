"""The command ``datakit``. It imports no PyTorch, so that it answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from datakit import lab_server
from datakit.labs import LabsError, Update, first_notebook, update_work

app = typer.Typer(no_args_is_help=True, add_completion=False, help="How data reaches a GPU: the learner's commands.")


@app.callback()
def main() -> None:
    """Keep `lab` a command of its own; with a single command typer would drop its name."""


@app.command()
def lab(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where JupyterLab listens.")] = 8888,
    browser: Annotated[
        bool | None, typer.Option("--browser/--no-browser", help="Open a web browser; by default unless BROWSER=none.")
    ] = None,
    labs: Annotated[Path, typer.Option(help="The folder with the released labs.")] = Path("labs"),
    work: Annotated[Path, typer.Option(help="Your folder: your copies, your work.")] = Path("my-labs"),
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
