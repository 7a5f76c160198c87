"""What is at hand while a lab is graded: its original, the journal, the gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from classroom.course import Course, CourseError, Lab
from classroom.grading.intake import Submission, take_in
from classroom.grading.intake_accept import Accept
from classroom.grading.intake_rules import Intake
from classroom.grading.intake_settle import settle
from classroom.grading.items import Verdict
from classroom.grading.journal import FOLDER, Journal
from classroom.grading.rebuild import Rebuilt, rebuild
from classroom.grading.rebuild_original import Original, read_original
from classroom.grading.record import Recorder
from classroom.grading.record_book import Book
from classroom.release import nbgrader_settings


@dataclass(frozen=True)
class Desk:
    """One lab of a course, opened.

    Args:
        work: nbgrader's working directory.
        rules: by which submissions are taken in.
        journal: the course's journal.
        original: the lab.
        book: the gradebook.
        recorder: writes verdicts.
    """

    work: Path
    rules: Intake
    journal: Journal
    original: Original
    book: Book
    recorder: Recorder

    def submission(self, student: str, accept: Accept | None = None) -> Submission:
        """What counts as a learner's submission."""
        lab, listed = self.original.lab, self.original.listed
        return settle(self.journal, take_in(self.work / "submitted", lab, student, self.rules, listed), accept)

    def again(self, verdict: Verdict) -> Rebuilt:
        """A submission in the instructor's notebook, from what was taken in when it was graded."""
        taken = None if verdict.refused else self.journal.taken(verdict.lab, verdict.student)
        return rebuild(self.original, taken or Submission(verdict.lab, verdict.student, refused=verdict.refused))


@contextmanager
def open_desk(course: Course, lab: Lab) -> Iterator[Desk]:
    """Open what is needed to grade a lab, for one process at a time.

    Raises:
        CourseError: if the lab isn't built, or another process grades in this course.
    """
    if not course.work.is_dir():
        raise CourseError(f"{course.root} has no course/. Run `classroom build` first.")
    settings, work = nbgrader_settings(course.root), course.work
    with Journal(work) as journal, _alone(work / FOLDER / "lock"):
        original = read_original(lab, settings, journal.secret())
        with Book(settings, work) as book:
            yield Desk(work, Intake.of(settings), journal, original, book, Recorder(work, original, book))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise CourseError("Another process is grading in this course. Wait until it is done.") from error
    try:
        yield
    finally:
        lock.release()
