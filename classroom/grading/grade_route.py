"""Let formgrader's "Autograde" button and plain `nbgrader autograde` grade outside the learner's process.

nbgrader has no setting that would do: its hooks' errors are swallowed, and before any of its preprocessors runs it has
followed a submission's links and copied what they lead to. So one method of its `Autograde`, the one that goes through
the submissions, is replaced in the process that calls `route`. To use it, put this into nbgrader_config.py:

    from classroom.grading.grade_route import route

    route()
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from classroom.course import Course, CourseError
from classroom.grading.grade import Choice, Run, grade
from classroom.grading.grade_rows import Row, Status
from classroom.grading.grade_runners import on_this_machine

JOBS = 2


def route(run: Run | None = None) -> None:
    """Replace how nbgrader goes through submissions, in this process.

    Args:
        run: grades work items; two processes of this machine, if not given.
    """
    chosen = run or on_this_machine(JOBS)

    def convert_notebooks(self: Autograde) -> None:
        _grade(self, chosen)

    Autograde.convert_notebooks = convert_notebooks


def _grade(converter: Autograde, run: Run) -> None:
    folder = converter.coursedir
    # nbgrader has found who handed in; the submissions' parents are named by their owners.
    students = tuple(sorted({Path(path).parent.name for path in converter.assignments}))
    choice = Choice(students, everything=converter.force)
    try:
        course = Course(Path(folder.root).parent)
        rows = grade(
            course, course.choose([folder.assignment_id])[0], run, choice, lambda row, *_: _log(converter, row)
        )
    except (CourseError, OSError) as error:
        converter.log.error(str(error))
        raise NbGraderException(str(error)) from error
    failed = [row.student for row in rows if row.status in (Status.refused, Status.failed)]
    if failed:
        raise NbGraderException(f"Not graded, see above: {', '.join(failed)}")


def _log(converter: Autograde, row: Row) -> None:
    text = f"{row.student}: {row.status}, {row.score:g} of {row.possible:g} points"
    log = converter.log.error if row.verdict.refused else converter.log.info
    log(" ".join([text, row.verdict.refused, *row.verdict.notes]).strip())
