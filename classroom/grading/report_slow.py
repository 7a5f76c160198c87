"""Which cells take long, over the whole class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from nbformat import NotebookNode

from classroom.exercises import grade_id
from classroom.grading.items import Verdict

MOST_NAME = 70  # characters of a cell's first line


@dataclass(frozen=True)
class Slow:
    """How long one cell takes.

    Args:
        cell: its ``grade_id``; the first line of its code where it has none.
        median: seconds.
        most: seconds that it took at most.
        student: with whom that was.
    """

    cell: str
    median: float
    most: float
    student: str


def slow_cells(verdicts: Mapping[str, Verdict], notebooks: Mapping[str, NotebookNode]) -> list[Slow]:
    """All cells and tests, those first that took most.

    Args:
        verdicts: by learner.
        notebooks: each learner's work in the instructor's notebook.
    """
    times: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for student, notebook in notebooks.items():
        for run in verdicts[student].runs:
            times[_name(notebook.cells[run.cell])].append((run.seconds, student))
        for result in verdicts[student].results:
            times[result.test].append((result.seconds, student))
    found = [Slow(cell, median(seconds for seconds, _ in each), *max(each)) for cell, each in times.items()]
    return sorted(found, key=lambda slow: -slow.most)


def _name(cell: NotebookNode) -> str:
    lines = [line for line in cell.source.splitlines() if line.strip()]
    return grade_id(cell) or lines[0][:MOST_NAME]
