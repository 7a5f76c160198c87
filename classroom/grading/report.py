"""The instructor's page about a lab: how the class did, what went wrong, and what should be looked into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from classroom.course import Course, CourseError, Lab
from classroom.grading.feedback_html import render
from classroom.grading.grade_desk import Desk, open_desk
from classroom.grading.items import Verdict
from classroom.grading.rebuild_match import takes_answer
from classroom.grading.record_book import Marks
from classroom.grading.record_files import replace_file
from classroom.grading.record_transcript import OWN
from classroom.grading.report_chart import histogram
from classroom.grading.report_slow import slow_cells
from classroom.grading.similar import Pair, similar

MOST_ROWS = 20


@dataclass(frozen=True)
class Question:
    """How the class did with one graded cell.

    Args:
        name: its ``grade_id``.
        possible: what it can give.
        share: the mean of what was got, as a share.
        full: how many got all of it.
        nothing: how many got nothing.
    """

    name: str
    possible: float
    share: float
    full: int
    nothing: int


def write_report(course: Course, lab: Lab) -> Path:
    """Write the page to course/reports; returns its path.

    Raises:
        CourseError: if nothing of the lab was graded yet.
    """
    with open_desk(course, lab) as desk:
        entries = desk.journal.entries(lab.name)
        marks = desk.book.all_marks(lab.name)
        verdicts = {student: entry.verdict for student, entry in sorted(entries.items()) if student in marks}
        if not verdicts:
            raise CourseError(f"Nothing of {lab.name!r} was graded yet. Run `classroom grade {lab.name}` first.")
        page = _page(desk, lab.name, verdicts, {student: marks[student] for student in verdicts})
        path = desk.work / "reports" / f"{lab.name}.html"
        replace_file(path, page.encode())
    return path


def _page(desk: Desk, lab: str, verdicts: Mapping[str, Verdict], marks: Mapping[str, Marks]) -> str:
    graded = {student: each for student, each in marks.items() if not verdicts[student].refused}
    totals = [each.score for each in graded.values()]
    possible = sum(desk.original.points().values())
    notebooks = {student: desk.again(verdicts[student]).notebook for student in graded}
    return render(
        "report.html.j2",
        lab=lab,
        title=desk.original.release.metadata.get("datakit", {}).get("title", lab),
        handed_in=len(verdicts),
        possible=possible,
        mean=sum(totals) / len(totals) if totals else None,
        waiting=sum(
            any(mark.waiting and mark.manual is None for mark in each.cells.values()) for each in graded.values()
        ),
        chart=histogram(totals, possible),
        questions=questions(desk.original.points(), graded),
        mistakes=mistakes(verdicts)[:MOST_ROWS],
        slow=slow_cells(verdicts, notebooks)[:MOST_ROWS],
        refused=[(student, verdict.refused) for student, verdict in verdicts.items() if verdict.refused],
        notes=[(student, verdict.notes) for student, verdict in verdicts.items() if verdict.notes],
        pairs=_pairs(desk, notebooks)[:MOST_ROWS],
    )


def questions(points: Mapping[str, float], marks: Mapping[str, Marks]) -> list[Question]:
    """How the class did with each graded cell, in the lab's order; what waits for a person isn't counted."""
    found = []
    for name, possible in points.items():
        cells = [each.cells[name] for each in marks.values()]
        given = [mark.score for mark in cells if mark.auto is not None or mark.manual is not None]
        share = sum(given) / (possible * len(given)) if given and possible else 0.0
        found.append(
            Question(
                name, possible, share, sum(score >= possible for score in given), sum(score <= 0 for score in given)
            )
        )
    return found


def mistakes(verdicts: Mapping[str, Verdict]) -> list[tuple[str, str, int]]:
    """Which recognised mistakes occurred, in which test, and how often."""
    count = Counter(
        (result.mistake, result.test) for verdict in verdicts.values() for result in verdict.results if result.mistake
    )
    return [(slug, test, times) for (slug, test), times in sorted(count.items(), key=lambda item: (-item[1], item[0]))]


def _pairs(desk: Desk, notebooks: Mapping[str, NotebookNode]) -> list[Pair]:
    texts = {}
    for student, notebook in notebooks.items():
        own = [
            cell.source
            for cell in notebook.cells
            if cell.cell_type == "code" and (takes_answer(cell) or cell.id.startswith(OWN))
        ]
        texts[student] = "\n".join(own)
    return similar(texts, [cell.source for cell in desk.original.release.cells if cell.cell_type == "code"])
