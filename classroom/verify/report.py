"""The report of a verification: a table, then what to look into."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from classroom.verify.rows import Row, Status

STYLES = {Status.passed: "green", Status.failed: "bold red", Status.skipped: "bold yellow"}
SIGNS = {Status.passed: "✓", Status.failed: "✗", Status.skipped: "!"}


def show(console: Console, lab: str, rows: list[Row]) -> None:
    """Print one lab's rows, then the details of those that need a look."""
    table = Table(title=lab, title_justify="left", title_style="bold")
    table.add_column("check")
    table.add_column("result", no_wrap=True)
    table.add_column("found")
    for row in rows:
        table.add_row(row.check, f"[{STYLES[row.status]}]{SIGNS[row.status]} {row.status}[/]", escape(row.found))
    console.print(table)
    for row in rows:
        if row.details:
            console.print(f"\n[{STYLES[row.status]}]{row.status}[/] {lab}: {row.check}")
            for detail in row.details:
                console.print(f"  - {detail}", markup=False, highlight=False)
