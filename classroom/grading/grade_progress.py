"""What an instructor sees while a class is graded, and afterwards."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from classroom.grading.grade_rows import Row, Status, slowest

STYLES = {Status.graded: "green", Status.unchanged: "dim", Status.refused: "bold yellow", Status.failed: "bold red"}


class Progress:
    """A line with count, time left and the slowest cell so far; a context manager."""

    def __init__(self, console: Console, lab: str) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[slowest]}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(lab, total=None, slowest="")
        self._slowest = 0.0

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def done(self, row: Row, done: int, total: int) -> None:
        """Show that one more is done."""
        self._bar.update(self._task, completed=done, total=total)
        seconds, cell = slowest(row.verdict)
        if row.status is Status.graded and seconds > self._slowest:
            self._slowest = seconds
            self._bar.update(self._task, slowest=f"slowest: {escape(f'{row.student} {cell}')} {seconds:.1f} s")


def summary(console: Console, lab: str, rows: list[Row]) -> None:
    """Print a table of all submissions, what there is to know of some, then how many there are of each kind."""
    table = Table(title=escape(lab), title_justify="left", title_style="bold")
    table.add_column("learner", overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("slowest cell", justify="right", no_wrap=True)
    for row in rows:
        seconds, cell = slowest(row.verdict)
        table.add_row(
            escape(row.student),
            f"{row.score:g} of {row.possible:g}",
            f"[{STYLES[row.status]}]{row.status}[/]",
            escape(f"{cell} {seconds:.1f} s") if cell else "",
        )
    console.print(table)
    for row in rows:
        if told := " ".join(filter(None, [row.verdict.refused, *row.verdict.notes])):
            console.print(f"{row.student}: {told}", markup=False, highlight=False, soft_wrap=True)
    counts = {status: sum(row.status is status for row in rows) for status in Status}
    console.print(", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nobody handed in")
