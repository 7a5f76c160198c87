"""nbgrader's own way of starting: the button in formgrader, and the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin

from classroom.grading.grade_route import route
from classroom.release import nbgrader_settings

from .fakes import judge
from .learner import RIGHT, Learner


@pytest.fixture
def api(ada: Learner) -> Iterator[NbGraderAPI]:
    route(lambda items: map(judge, items))  # type: ignore[arg-type, return-value]
    settings = nbgrader_settings(ada.course.root)
    yield NbGraderAPI(CourseDirectory(config=settings), config=settings)
    del Autograde.convert_notebooks  # the replacement; nbgrader's own stands in the base class


@pytest.mark.filterwarnings("error::sqlalchemy.exc.SAWarning")
def test_the_button_grades_one_learner(ada: Learner, api: NbGraderAPI) -> None:
    ada.hand_in(**RIGHT, reflect_copy="Because.")
    bob = Learner(ada.course, ada.lab, "bob")
    bob.hand_in()
    result = api.autograde("mini_lab", "ada")
    assert result["success"], result
    assert "ada: graded, 5.5 of 7.5 points" in result["log"]
    assert api.get_autograded_students("mini_lab") == {"ada"}


def test_a_refusal_is_an_error_that_names_its_reason(ada: Learner, api: NbGraderAPI) -> None:
    (ada.folder / "link").symlink_to(ada.lab.notebook)
    result = api.autograde("mini_lab", "ada")
    assert not result["success"]
    assert "ada: refused, 0 of 7.5 points [link] 'link' is a symbolic link." in result["log"]
    assert not (ada.course.work / "autograded" / "ada" / "mini_lab" / "link").exists()


def test_formgrader_export_and_feedback_work_on_what_was_recorded(ada: Learner, api: NbGraderAPI) -> None:
    """Unmodified, on the same database."""
    ada.hand_in(**RIGHT, reflect_copy="Because.")
    assert api.autograde("mini_lab", "ada")["success"]
    submission = api.get_submission("mini_lab", "ada")
    assert (submission["score"], submission["max_score"], submission["needs_manual_grade"]) == (5.5, 7.5, True)
    shown = api.get_notebook_submissions("mini_lab", "mini_lab")
    assert [(one["student"], one["code_score"], one["failed_tests"]) for one in shown] == [("ada", 5.5, False)]
    assert api.generate_feedback("mini_lab", "ada", force=True)["success"]
    html = (ada.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    assert "(Score: 5.5 / 7.5)" in html
    assert "HIDDEN TESTS" not in html
    assert "chance.randint" not in html, "no hidden test, on nbgrader's own page either"
    target = ada.course.root / "grades.csv"
    with Gradebook(api.coursedir.db_url, "datakit") as book:
        CsvExportPlugin(to=str(target)).export(book)
    assert ",5.5,0.0,5.5,7.5" in target.read_text()


def test_nbgraders_rules_read_the_same_points_from_the_transcript(ada: Learner, api: NbGraderAPI) -> None:
    from nbgrader.utils import determine_grade, is_grade

    ada.hand_in(double=RIGHT["double"])
    assert api.autograde("mini_lab", "ada")["success"]
    path = ada.course.work / "autograded" / "ada" / "mini_lab" / "mini_lab.ipynb"
    notebook = nbformat.read(path, as_version=4)
    found = {cell.id: determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)}
    assert found == {"double-check": 1, "double-hidden": 2, "lengths-check": 0, "lengths-hidden": 0, "reflect-copy": 0}


def test_pages_go_back_through_the_exchange(ada: Learner, api: NbGraderAPI, tmp_path: Path) -> None:
    ada.hand_in(**RIGHT)
    (ada.folder / "submission_secret.txt").write_text("ada's own")
    bob = Learner(ada.course, ada.lab, "bob")
    bob.hand_in()
    (bob.folder / "submission_secret.txt").symlink_to(ada.folder / "submission_secret.txt")
    for name in ("ada", "bob"):
        api.autograde("mini_lab", name)
    settings = nbgrader_settings(ada.course.root)
    settings.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    again = NbGraderAPI(CourseDirectory(config=settings), config=settings)
    result = again.release_feedback("mini_lab", "ada")
    assert result["success"], result
    (released,) = (tmp_path / "exchange" / "datakit" / "feedback").iterdir()
    assert "5.5 of 7.5 points" in released.read_text()
    assert not (ada.course.work / "feedback" / "bob" / "mini_lab" / "submission_secret.txt").exists()
