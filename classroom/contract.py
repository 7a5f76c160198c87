"""Does a lab keep the format of docs/contributors/lab_format.md? All problems at once, each with what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from nbformat import NotebookNode

from classroom.answers import Answer
from classroom.contract_names import name_problems
from classroom.course import CourseError, Lab
from classroom.exercises import BEGIN_HIDDEN, exercise_of, exercises, grade_id, grading, is_test
from classroom.way import STAGES

GRADE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


def check_contract(lab: Lab, notebook: NotebookNode, answers: list[Answer]) -> None:
    """Hold a lab against the contract.

    Raises:
        CourseError: if it breaks the contract anywhere; the message lists every place.
    """
    problems = [*_metadata(notebook), *_cells(notebook), *_exercises(notebook), *_answers(notebook, answers)]
    problems += name_problems(notebook)
    if problems:
        raise CourseError("\n".join(f"{lab.script.name}: {problem}" for problem in problems))


def _metadata(notebook: NotebookNode) -> Iterator[str]:
    data = notebook.metadata.get("datakit", {})
    header = "Write it into the script's header, under `# jupyter:` and `#   datakit:`."
    if not isinstance(data.get("title"), str):
        yield f"the header's title is {data.get('title')!r}, expected the lab's title. {header}"
    if not isinstance(data.get("minutes"), int) or data["minutes"] <= 0:
        yield f"the header's minutes are {data.get('minutes')!r}, expected a whole number above 0. {header}"
    if data.get("stage") not in STAGES:
        yield f"the header's stage is {data.get('stage')!r}, expected one of {', '.join(STAGES)}. {header}"


def _cells(notebook: NotebookNode) -> Iterator[str]:
    ids = Counter(grade_id(cell) for cell in notebook.cells if "nbgrader" in cell.metadata)
    if notebook.cells and is_test(notebook.cells[-1]):
        # nbgrader_config.py looks at a test's warnings when the next cell starts.
        yield "the last cell is a test. Put a closing word after it."
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"cell {number} ({grade_id(cell) or cell.source.strip().partition(chr(10))[0][:50]!r})"
        yield from (f"{where} {problem}" for problem in _regions(cell))
        if "nbgrader" in cell.metadata:
            yield from (f"{where} {problem}" for problem in _nbgrader(cell))
            if ids[grade_id(cell)] > 1:
                yield f"{where} has a grade_id that {ids[grade_id(cell)]} cells share. Give each its own."


def _nbgrader(cell: NotebookNode) -> Iterator[str]:
    data = grading(cell)
    if not GRADE_ID.fullmatch(grade_id(cell)):
        yield "has no usable grade_id: expected lower-case letters, digits, - and _, at most 64. Rename it."
    if data.get("schema_version") != 3:
        yield f"has schema_version {data.get('schema_version')!r}, expected 3. Copy the line of a cell like it."
    if data.get("grade"):
        points = data.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            yield f'is graded and has points {points!r}, expected a number above 0. Add "points": 2, say.'
    if is_test(cell) and not data.get("locked"):
        yield 'is a test that learners can edit, expected "locked": true.'


def _regions(cell: NotebookNode) -> Iterator[str]:
    data = grading(cell)
    places = {"SOLUTION": "solution", "HIDDEN TESTS": "grade", "MARK SCHEME": "task"}
    for region in REGIONS:
        marks = re.findall(rf"(BEGIN|END) {region}", cell.source)
        if marks != ["BEGIN", "END"] * (len(marks) // 2):
            yield (
                f"has {' '.join(marks)} of {region}, expected BEGIN and END in turn. "
                f"Put `### BEGIN {region}` before the region and `### END {region}` after it."
            )
        elif marks and not data.get(places[region]):
            yield (
                f'holds {region}, but isn\'t marked "{places[region]}": true. nbgrader takes such a region out '
                "of marked cells only: mark the cell, or move the region."
            )


def _exercises(notebook: NotebookNode) -> Iterator[str]:
    sources = {grade_id(cell): cell.source for cell in notebook.cells if "nbgrader" in cell.metadata}
    names = {exercise.name for exercise in exercises(notebook)}
    for name in sorted(names):
        if "BEGIN SOLUTION" not in sources[name]:
            yield f"the answer cell {name!r} has no ### BEGIN SOLUTION … ### END SOLUTION around what learners write."
        for test in (f"{name}-check", f"{name}-hidden"):
            if test not in sources:
                yield f"exercise {name!r} has no cell {test!r}. Expected a visible check and hidden tests for each."
        if BEGIN_HIDDEN not in sources.get(f"{name}-hidden", BEGIN_HIDDEN):
            yield f"the cell '{name}-hidden' has no ### BEGIN HIDDEN TESTS: learners would see its tests."
    for cell in notebook.cells:
        owner = exercise_of(grade_id(cell))
        if is_test(cell) and owner not in names:
            yield f"the test {grade_id(cell)!r} belongs to no exercise. Expected an answer cell {owner!r}."


def _answers(notebook: NotebookNode, answers: list[Answer]) -> Iterator[str]:
    names = {exercise.name for exercise in exercises(notebook)}
    for answer in answers:
        if answer.exercise not in names:
            yield (
                f"answers/{answer.label}.py answers {answer.exercise!r}, which is no exercise of this lab. "
                f"Expected one of: {', '.join(sorted(names)) or '(none)'}. Rename its folder."
            )
