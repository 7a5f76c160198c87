"""The instructor's cycle with nbgrader's own commands: build, autograde, feedback, and the points in the gradebook."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from classroom.build import build
from classroom.course import Course, Lab
from classroom.exercises import exercises, is_answer
from classroom.grading.grade import grade
from classroom.grading.grade_runners import on_this_machine
from classroom.source import read_script
from classroom.verify.kernel import offline_prefix
from classroom.verify.submission import reference_answers

from .conftest import MINI, ROOT, make_course

LABS = [MINI, ROOT / "solutions" / "01_datasets"]  # `classroom verify` compares the marks of every lab
WARNING = "\n\nimport sys\nimport warnings\n\nwarnings.warn('harmless', stacklevel=1)\nprint('50 %', file=sys.stderr)"

LOUD = """\
import warnings


def double(values):
    warnings.warn("loud", stacklevel=1)
    return [2 * value for value in values]
"""


def hand_in(course: Course, lab: Lab, student: str, answers: dict[str, str]) -> None:
    """Put a learner's copy of the release, with these answers in it, where nbgrader looks for it."""
    folder = course.work / "submitted" / student / lab.name
    folder.mkdir(parents=True)
    for path in lab.release.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    notebook = nbformat.read(folder / f"{lab.name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if is_answer(cell):
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        elif cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = cell.source if cell.cell_type == "markdown" else "pass  # a learner's edit of a test"
    nbformat.write(notebook, folder / f"{lab.name}.ipynb")


def nbgrader(course: Course, *arguments: str) -> str:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def auto_scores(course: Course, lab: Lab, student: str) -> dict[str, float | None]:
    with Gradebook(f"sqlite:///{course.work}/gradebook.db", "datakit") as gradebook:
        submission = gradebook.find_submission_notebook(lab.name, lab.name, student)
        return {grade.name: grade.auto_score for grade in submission.grades}


@pytest.fixture(scope="module", params=LABS, ids=lambda folder: folder.name)
def courses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
    """A course with a right, a half right and an empty submission: graded by nbgrader, and a copy from before that."""
    course = make_course(tmp_path_factory.mktemp("cycle") / "course root", request.param)
    lab = course.labs()[0]
    build(course, [lab])
    reference = reference_answers(read_script(lab))
    # The warnings are harmless. nbgrader's own rule would take the points of a test that shows them.
    hand_in(course, lab, "reference", {name: answer + WARNING for name, answer in reference.items()})
    hand_in(course, lab, "empty", {})
    hand_in(course, lab, "half", {name: reference[name] for name in half(lab)})
    copy = Path(shutil.copytree(course.root, tmp_path_factory.mktemp("ours") / "course root"))
    nbgrader(course, "autograde", lab.name)
    return course, Course(copy)


def half(lab: Lab) -> set[str]:
    tasks = exercises(read_script(lab))
    return {task.name for task in tasks[: len(tasks) // 2]}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_points_are_exact_from_release_to_feedback(courses: tuple[Course, Course]) -> None:
    course, lab = courses[0], courses[0].labs()[0]
    nbgrader(course, "generate_feedback", lab.name)
    source = read_script(lab)
    graded = [cell.metadata.nbgrader for cell in source.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    points = {data.grade_id: float(data.points) for data in graded}
    tests = {test: task.name for task in exercises(source) for test in task.tests}
    for student, solved in (("reference", set(tests.values())), ("empty", set()), ("half", half(lab))):
        scores = auto_scores(course, lab, student)
        expected = {test: points[test] if name in solved else 0.0 for test, name in tests.items()}
        assert {test: scores[test] for test in tests} == expected, student
        # Texts that nobody wrote get 0 points at once; a person grades the others.
        assert {name: score for name, score in scores.items() if name not in tests} == {
            name: 0.0 for name in scores if name not in tests
        }
        assert feedback_total(course, lab, student) == (sum(expected.values()), sum(points.values()))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_grader_gives_what_nbgrader_gives_and_nbgrader_goes_on_from_there(courses: tuple[Course, Course]) -> None:
    try:
        offline_prefix()
    except OSError as why:
        pytest.skip(f"submissions can't be confined here: {why}")
    stock, ours = courses
    lab = ours.labs()[0]
    rows = grade(ours, lab, on_this_machine(2))
    assert [(row.student, row.status) for row in rows] == [(name, "graded") for name in ("empty", "half", "reference")]
    for row in rows:
        scores = auto_scores(ours, lab, row.student)
        assert scores == auto_scores(stock, stock.labs()[0], row.student), row.student
        assert row.score == sum(score or 0.0 for score in scores.values())
    nbgrader(ours, "generate_feedback", lab.name, "--force")
    assert feedback_total(ours, lab, "half") == (rows[1].score, rows[1].possible)
    nbgrader(ours, "export", "--to", "points.csv")
    exported = {line["student_id"]: line for line in csv.DictReader((ours.root / "points.csv").open())}
    assert {name: float(line["score"]) for name, line in exported.items()} == {row.student: row.score for row in rows}


def feedback_total(course: Course, lab: Lab, student: str) -> tuple[float, float]:
    """What nbgrader's own page says: the points, and how many there are."""
    html = (course.work / "feedback" / student / lab.name / f"{lab.name}.html").read_text()
    total = re.search(r"\(Score: ([\d.]+) / ([\d.]+)\)", html)
    assert total is not None
    return float(total[1]), float(total[2])


@pytest.mark.slow
def test_a_test_that_warns_keeps_its_points(built_course: Course) -> None:
    course, lab = built_course, built_course.labs()[0]
    answers = reference_answers(read_script(lab))
    hand_in(course, lab, "loud", {**answers, "double": LOUD})
    nbgrader(course, "autograde", lab.name, "--student", "loud")
    assert auto_scores(course, lab, "loud")["double-check"] == 1
    graded = nbformat.read(course.work / "autograded" / "loud" / lab.name / f"{lab.name}.ipynb", as_version=4)
    shown = next(cell for cell in graded.cells if cell.get("id") == "double-check").outputs
    assert "UserWarning: loud" in shown[0].text
    # Without this course's setting nbgrader takes the point.
    hand_in(course, lab, "stock", {**answers, "double": LOUD})
    config = course.root / "nbgrader_config.py"
    config.write_text("\n".join(line for line in config.read_text().splitlines() if "on_cell_start" not in line))
    nbgrader(course, "autograde", lab.name, "--student", "stock")
    assert auto_scores(course, lab, "stock")["double-check"] == 0


@pytest.mark.slow
def test_validating_forgives_a_warning_and_names_a_failure(built_course: Course) -> None:
    lab = built_course.labs()[0]
    answers = {**reference_answers(read_script(lab)), "double": LOUD, "reflect-copy": "The caller may need it."}
    notebook = nbformat.read(lab.release / f"{lab.name}.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    for name, answer in answers.items():
        cells[name].source = answer
    nbformat.write(notebook, built_course.root / "mine.ipynb")
    assert "Success! Your notebook passes all the tests." in nbgrader(built_course, "validate", "mine.ipynb")
    cells["double"].source = "def double(values):\n    return sum(values)"
    nbformat.write(notebook, built_course.root / "mine.ipynb")
    assert "VALIDATION FAILED ON 1 CELL(S)!" in nbgrader(built_course, "validate", "mine.ipynb")


@pytest.mark.slow
def test_nbgrader_also_finds_its_settings_from_within_the_course_folder(built_course: Course) -> None:
    lab = built_course.labs()[0]
    hand_in(built_course, lab, "ada", reference_answers(read_script(lab)))
    command = [sys.executable, "-m", "nbgrader", "autograde", lab.name]
    done = subprocess.run(
        command, cwd=built_course.work, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    assert auto_scores(built_course, lab, "ada")["lengths-hidden"] == 1.5
