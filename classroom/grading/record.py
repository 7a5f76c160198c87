"""The one writer: scores into the gradebook, the notebook into autograded/, the learner's page into feedback/."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classroom.course import CourseError
from classroom.exercises import grade_id, is_test
from classroom.grading.feedback import feedback_page
from classroom.grading.grade_rows import NO_FAULT
from classroom.grading.intake import TIMESTAMP, Submission
from classroom.grading.intake_refused import name_of
from classroom.grading.items import Verdict
from classroom.grading.rebuild import Rebuilt
from classroom.grading.rebuild_match import takes_answer
from classroom.grading.rebuild_original import Original
from classroom.grading.record_book import Book, Marks
from classroom.grading.record_exchange import for_the_exchange, secret_of
from classroom.grading.record_files import replace_folder
from classroom.grading.record_transcript import transcript
from classroom.source import notebook_bytes


@dataclass(frozen=True)
class Recorder:
    """Writes the verdicts on one lab.

    Args:
        work: nbgrader's working directory.
        original: the lab.
        book: the gradebook.
    """

    work: Path
    original: Original
    book: Book

    def __post_init__(self) -> None:
        possible, expected = self.book.possible(self.original.lab), self.original.points()
        if possible != expected:
            lab = self.original.lab
            raise CourseError(
                f"The gradebook has other graded cells or points for {lab!r} than labs/{lab}. "
                f"Run `classroom build {lab}` first."
            )

    def record(self, rebuilt: Rebuilt, verdict: Verdict, submission: Submission, when: datetime) -> Marks:
        """Write all that follows from a verdict. Twice the same changes nothing.

        Args:
            rebuilt: the submission in the instructor's notebook.
            verdict: what grading it gave.
            submission: what was handed in.
            when: the time (UTC) that counts for being late.
        """
        lab, student = verdict.lab, verdict.student
        no_response = {} if verdict.refused else dict.fromkeys(rebuilt.blank, "No response.")
        marks = self.book.record(submission, when, scores(self.original, rebuilt, verdict), no_response)
        name = f"{lab}.ipynb"
        files = {
            **self.original.support,
            **secret_of(self.work / "submitted", student, lab),
            name: notebook_bytes(transcript(rebuilt, verdict)),
        }
        if submission.timestamp:
            files[TIMESTAMP] = submission.timestamp.encode()
        replace_folder(self.work / "autograded" / student / lab, files)
        self.feedback(rebuilt, verdict, marks)
        return marks

    def feedback(self, rebuilt: Rebuilt, verdict: Verdict, marks: Marks) -> Path:
        """Write a learner's page; returns its path."""
        folder = self.work / "feedback" / verdict.student / verdict.lab
        page = feedback_page(self.original, rebuilt, verdict, marks)
        beside = for_the_exchange(self.work / "autograded" / verdict.student / verdict.lab)
        replace_folder(folder, {**beside, f"{verdict.lab}.html": page.encode()})
        return folder / f"{verdict.lab}.html"


def scores(original: Original, rebuilt: Rebuilt, verdict: Verdict) -> dict[str, float | None]:
    """The automatic score of each graded cell: None where a person must grade.

    A text that is as it was released, or was refused, gets 0; so does a test without a result. Where the grader itself
    failed nothing is known, and a person must look at all of it.
    """
    if name_of(verdict.refused) in NO_FAULT:
        return dict.fromkeys(original.points())
    results = {result.test: result.points for result in verdict.results}
    found: dict[str, float | None] = {}
    graded = original.points()
    for cell in original.release.cells:
        name = grade_id(cell)
        if name not in graded:
            continue
        if is_test(cell):
            points = results.get(name, 0.0)
            found[name] = min(max(points, 0.0), graded[name]) if math.isfinite(points) else 0.0
        elif verdict.refused or (takes_answer(cell) and name in rebuilt.blank):
            found[name] = 0.0
        else:
            found[name] = None
    return found
