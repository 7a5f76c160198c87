"""The pipeline over a class: intake → rebuild → run and examine → record → feedback, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classroom.course import Course, CourseError, Lab
from classroom.grading.grade_desk import Desk, open_desk
from classroom.grading.grade_rows import Row
from classroom.grading.grade_work import Todo, finish, prepare
from classroom.grading.intake import is_student_id, submitted
from classroom.grading.intake_accept import Accept
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.rebuild import question_tests

Run = Callable[[list[WorkItem]], Iterator[Verdict]]
Watch = Callable[[Row, int, int], None]


@dataclass(frozen=True)
class Choice:
    """What is to be graded.

    Args:
        students: these alone; everybody who handed in, if empty.
        questions: these alone; all, if empty.
        everything: also what hasn't changed since it was graded.
        accept: which submission counts where one was changed after intake.
    """

    students: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    everything: bool = False
    accept: Accept | None = None


def grade(
    course: Course,
    lab: Lab,
    run: Run,
    choice: Choice | None = None,
    watch: Watch = lambda row, done, total: None,
) -> list[Row]:
    """Grade a lab for a class.

    Args:
        course: the course.
        lab: the lab.
        run: grades work items, on this machine or others; verdicts come in any order.
        choice: what is to be graded; what has changed, if nothing is said.
        watch: told of each row as it is done, how many are done, and how many there are.

    Returns:
        One row for each learner, sorted.

    Raises:
        CourseError: if the lab isn't built, or somebody or something named isn't there.
        OSError: if nothing can be run, as without a sandbox.
    """
    choice = choice or Choice()
    with open_desk(course, lab) as desk:
        tests = frozenset(test for question in choice.questions for test in _tests(desk, question))
        students = _students(desk, choice.students)
        entries, in_book = desk.journal.entries(lab.name), desk.book.all_marks(lab.name)
        rows: list[Row] = []

        def done(made: Row) -> None:
            rows.append(made)
            watch(made, len(rows), len(students))

        todo: dict[str, Todo] = {}
        for student in students:
            submission = desk.submission(student, choice.accept)
            known = entries.get(student)
            prepared = prepare(desk, submission, known, in_book.get(student), tests, everything=choice.everything)
            if isinstance(prepared, Row):
                done(prepared)
            else:
                todo[student] = prepared
        # An empty class starts no process.
        for verdict in run([each.item for each in todo.values()]) if todo else ():
            done(finish(desk, todo.pop(verdict.student), verdict))
    return sorted(rows, key=lambda made: made.student)


def _tests(desk: Desk, question: str) -> frozenset[str]:
    found = question_tests(desk.original, question)
    if not found:
        known = ", ".join(desk.original.tests)
        raise CourseError(f"There is no question {question!r}. Expected an exercise, or one of its tests: {known}.")
    return found


def _students(desk: Desk, chosen: tuple[str, ...]) -> list[str]:
    there = submitted(desk.work / "submitted", desk.original.lab)
    missing = [student for student in chosen if student not in there]
    if missing:
        raise CourseError(
            f"{', '.join(missing)} handed in nothing for {desk.original.lab!r}: nothing lies in course/submitted."
        )
    students = [student for student in there if not chosen or student in chosen]
    odd = [student for student in students if not is_student_id(student)]
    if odd:
        raise CourseError(f"{odd[0]!a} in course/submitted can't be a learner's id. Rename or remove that folder.")
    return students
