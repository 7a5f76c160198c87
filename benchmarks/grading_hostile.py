"""What do hostile programs cost the grader? ``python -m benchmarks.grading_hostile``.

Each program of the tests is graded as the answer to one of two questions. Measured: by how much it went beyond the time
that a cell and a submission may take, the memory that the grading process held at most, and what was left running. The
exit status is 1 if a bar is missed. The result is `benchmarks/results/grading_hostile.json`, and a table in
`docs/benchmarks/grading.md`.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import psutil
import typer

from benchmarks.grading import DOCUMENT, RESULT
from benchmarks.grading_report import GRACE, HOSTILE_RESULT, MEMORY, document
from classroom.grading.grade_item import grade_item
from classroom.grading.items import Limits
from classroom.grading.warm import WarmParent
from datakit.experiments.machine import this_machine
from tests.classroom.grading.run.conftest import submission
from tests.classroom.grading.run.hostile import AT_ONCE, NEVER_ENDS

LIMITS = Limits(cell_seconds=5.0, total_seconds=30.0, memory=512 << 20, processes=64, file_size=32 << 20)
OTHERS = {"good-check": 2.0, "good-hidden": 3.0}
SETTLED = 5.0  # seconds after which nothing may run any more


@dataclass(frozen=True)
class Row:
    """What grading one program gave.

    Args:
        name: the program's.
        seconds: how long the submission took.
        beyond: the most seconds that a cell, a test or the whole went beyond its limit; 0 if none did.
        others_kept: whether the other question kept its points, and this one got none.
        left: how many processes were left.
    """

    name: str
    seconds: float
    beyond: float
    others_kept: bool
    left: int


class Held(threading.Thread):
    """Watches the memory that this process holds for itself. A context manager."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self._ended = 0, threading.Event()

    def run(self) -> None:
        """Look every quarter of a second."""
        while not self._ended.wait(0.25):
            self.most = max(self.most, psutil.Process().memory_full_info().uss)

    def __enter__(self) -> Held:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self.join()


def attempt(parent: WarmParent, name: str, program: str) -> Row:
    """Grade one program."""
    before = _below(parent)
    begin = time.monotonic()
    verdict = grade_item(submission(program, limits=LIMITS), parent)
    seconds = time.monotonic() - begin
    parts = [run.seconds for run in verdict.runs] + [result.seconds for result in verdict.results]
    beyond = max(0.0, seconds - LIMITS.total_seconds, *(part - LIMITS.cell_seconds for part in parts))
    points = {result.test: result.points for result in verdict.results}
    kept = points == {"bad-check": 0.0, **OTHERS}
    end = time.monotonic() + SETTLED
    while (left := _below(parent) - before) and time.monotonic() < end:
        time.sleep(0.05)
    return Row(name, round(seconds, 2), round(beyond, 2), kept, len(left))


def _below(parent: WarmParent) -> set[int]:
    found = set()
    for process in psutil.Process(parent.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
    return found


def main(only: Annotated[str, typer.Option(help="Programs whose names hold this; writes nothing.")] = "") -> None:
    """Grade every hostile program once."""
    programs = {name: program for name, program in {**AT_ONCE, **NEVER_ENDS}.items() if only in name}
    rows = []
    with WarmParent(modules=()) as parent, Held() as held:
        for name, program in programs.items():
            rows.append(attempt(parent, name, program))
            typer.echo(f"{name:32} {rows[-1].seconds:6.1f} s, {rows[-1].beyond:4.1f} beyond, {rows[-1].left} left")
    fair = all(row.others_kept and not row.left for row in rows)
    reached = fair and max(row.beyond for row in rows) < GRACE and held.most < MEMORY * 1e6
    typer.echo(f"memory at most {held.most / 1e6:.0f} MB; {'every bar reached' if reached else 'A BAR IS MISSED'}")
    if not only:
        result = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": asdict(this_machine()),
            "limits": {"cell": LIMITS.cell_seconds, "total": LIMITS.total_seconds},
            "memory": held.most,
            "rows": [asdict(row) for row in rows],
        }
        HOSTILE_RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        DOCUMENT.write_text(document(json.loads(RESULT.read_text(encoding="utf-8")), result), encoding="utf-8")
    raise typer.Exit(0 if reached else 1)


if __name__ == "__main__":
    typer.run(main)
