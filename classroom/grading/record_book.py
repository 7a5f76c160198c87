"""The gradebook, through nbgrader's own API: automatic scores go in, marks come out, a person's work stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from classroom.course import CourseError
from classroom.grading.intake import Submission


@dataclass(frozen=True)
class Mark:
    """One graded cell's marks: what a person gave counts before what the machine gave."""

    auto: float | None
    manual: float | None
    extra: float | None
    possible: float
    waiting: bool

    @property
    def score(self) -> float:
        """What counts, as nbgrader reckons it."""
        given = self.manual if self.manual is not None else self.auto
        return 0.0 if given is None else given + (self.extra or 0.0)


@dataclass(frozen=True)
class Marks:
    """What the gradebook says of one submission.

    Args:
        cells: the marks by ``grade_id``.
        comments: what a person wrote to the learner, by the cell's ``grade_id``.
        penalty: points taken for being late.
        timestamp: when it was handed in, as nbgrader's database holds it (UTC); None if that wasn't known.
        due: when it had to be handed in (UTC), with the learner's extension; None if there is no due date.
    """

    cells: Mapping[str, Mark]
    comments: Mapping[str, str]
    penalty: float
    timestamp: datetime | None
    due: datetime | None

    @property
    def earned(self) -> float:
        """All points before the penalty."""
        return sum(mark.score for mark in self.cells.values())

    @property
    def score(self) -> float:
        """All points less the penalty, at least 0."""
        return max(0.0, self.earned - self.penalty)

    @property
    def possible(self) -> float:
        """The points that can be had."""
        return sum(mark.possible for mark in self.cells.values())

    @property
    def auto(self) -> dict[str, float | None]:
        """The automatic scores by ``grade_id``."""
        return {name: mark.auto for name, mark in self.cells.items()}


class Book:
    """A course's gradebook; a context manager.

    Args:
        settings: the course's loaded nbgrader_config.py.
        work: nbgrader's working directory.

    Raises:
        CourseError: if there is no gradebook yet.
    """

    def __init__(self, settings: Any, work: Path) -> None:
        folder = CourseDirectory(config=settings, root=str(work))
        url = folder.db_url
        if url.startswith("sqlite:///"):
            if not Path(url.removeprefix("sqlite:///")).is_file():
                raise CourseError(f"There is no gradebook at {url}. Run `classroom build` first.")
            # Formgrader may be writing at the same time.
            url += "?timeout=30"
        self._book = Gradebook(url, folder.course_id)
        self._late = AssignLatePenalties(config=settings)
        self._late.init_plugin()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *exception: object) -> None:
        self._book.close()

    def possible(self, lab: str) -> dict[str, float]:
        """The points of a lab's graded cells by ``grade_id``.

        Raises:
            CourseError: if the lab isn't in the gradebook.
        """
        try:
            notebook = self._book.find_notebook(lab, lab)
        except MissingEntry as error:
            raise CourseError(f"Lab {lab!r} isn't in the gradebook. Run `classroom build {lab}` first.") from error
        return {cell.name: float(cell.max_score) for cell in [*notebook.grade_cells, *notebook.task_cells]}

    def record(
        self,
        submission: Submission,
        when: datetime,
        scores: Mapping[str, float | None],
        comments: Mapping[str, str],
    ) -> Marks:
        """Put automatic scores in, and the late penalty that follows from them. Twice the same changes nothing.

        Args:
            submission: what was handed in; its learner is made if new.
            when: the time (UTC) that counts for being late.
            scores: by ``grade_id``; None for a cell that a person must grade.
            comments: automatic comments by the answer cell's ``grade_id``.
        """
        lab, student = submission.lab, submission.student
        self._book.update_or_create_student(student)
        # Formgrader takes a submission for graded if this is what timestamp.txt says. It counts for nothing else.
        with self._book.db.no_autoflush:  # SQLAlchemy would warn of the half-made submission; it is written at the end
            self._book.update_or_create_submission(lab, student, timestamp=submission.handed_in)
        notebook = self._book.find_submission_notebook(lab, lab, student)
        for grade in notebook.grades:
            grade.auto_score = scores[grade.name]
            # nbgrader's own rule: a regrade asks whoever graded by hand to look again.
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in notebook.comments:
            comment.auto_comment = comments.get(comment.name)
        self._book.db.flush()
        self._book.db.expire_all()
        notebook.late_submission_penalty = self.penalty(student, self.marks(lab, student), when) or None
        self._book.db.commit()
        return self.marks(lab, student)

    def penalty(self, student: str, marks: Marks, when: datetime) -> float:
        """The points that the course's plugin takes for being late, as things stand now.

        Args:
            student: the learner's id.
            marks: what the gradebook says of the submission.
            when: the time (UTC) that counts for being late.
        """
        late = (when.astimezone(UTC).replace(tzinfo=None) - marks.due).total_seconds() if marks.due else 0.0
        if late <= 0:
            return 0.0
        penalty = self._late.plugin_inst.late_submission_penalty(student, marks.earned, late) or 0.0
        return float(min(max(penalty, 0.0), marks.earned))

    def marks(self, lab: str, student: str) -> Marks:
        """What stands in the gradebook for one submission."""
        notebook = self._book.find_submission_notebook(lab, lab, student)
        cells = {
            grade.name: Mark(
                grade.auto_score, grade.manual_score, grade.extra_credit, grade.max_score, grade.needs_manual_grade
            )
            for grade in notebook.grades
        }
        comments = {comment.name: comment.comment for comment in notebook.comments if comment.comment}
        handed_in = notebook.assignment
        due = handed_in.duedate if handed_in.assignment.duedate else None
        return Marks(cells, comments, notebook.late_submission_penalty or 0.0, handed_in.timestamp, due)

    def all_marks(self, lab: str) -> dict[str, Marks]:
        """What stands in the gradebook for a lab, by learner, in one query; without comments."""
        rows = (
            self._book.db.query(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.extension,
                Assignment.duedate,
                SubmittedNotebook.late_submission_penalty,
                BaseCell.name,
                Grade.auto_score,
                Grade.manual_score,
                Grade.extra_credit,
                Grade.needs_manual_grade,
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .filter(Assignment.name == lab, Notebook.name == lab)
        )
        possible, of_all = self.possible(lab), {}
        cells: defaultdict[str, dict[str, Mark]] = defaultdict(dict)
        for student, timestamp, extension, due, penalty, cell, auto, manual, extra, waiting in rows:
            of_all[student] = (penalty or 0.0, timestamp, due and due + (extension or timedelta()))
            cells[student][cell] = Mark(auto, manual, extra, possible[cell], waiting)
        return {student: Marks(found, {}, *of_all[student]) for student, found in cells.items()}

    def people(self) -> dict[str, Any]:
        """Nbgrader's records of the learners by id."""
        return {student.id: student for student in self._book.students}
