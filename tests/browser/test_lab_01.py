"""Lab 01 as a learner meets it."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import REPOSITORY
from tests.browser.lab_process import Lab
from tests.browser.notebook_page import NOTEBOOK, NotebookPage

NAME = "01_datasets"
ANSWERS = REPOSITORY / "solutions" / NAME / "answers"
pytestmark = [
    pytest.mark.skipif(not (REPOSITORY / "labs" / NAME).is_dir(), reason=f"labs/{NAME} is not built yet"),
    # Validate runs the whole notebook, and the machine may have other work.
    pytest.mark.timeout(600),
]


@pytest.fixture
def lab_01(lab: Lab, request: pytest.FixtureRequest) -> str:
    """Give the test a copy of the lab as it was handed out."""
    folder = lab.work / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lab.work / NAME, folder, ignore=shutil.ignore_patterns(".*"))
    return f"{folder.name}/{NAME}.ipynb"


def answer(kind: str, exercise: str, name: str) -> str:
    return (ANSWERS / kind / exercise / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_lab_as_handed_out_runs_to_its_end(notebook: NotebookPage, lab_01: str) -> None:
    notebook.open(lab_01)
    picture = notebook.page.locator(f"{NOTEBOOK} img[alt*='way of a batch']")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    notebook.screenshot("lab-01-top")
    notebook.run_all(timeout=240)
    notebook.cell("eager_lazy.view()").scroll_into_view_if_needed()
    expect(notebook.page.get_by_text("Run is disabled until you have locked in your prediction.")).to_be_visible()
    for image in notebook.page.locator(f"{NOTEBOOK} .jp-OutputArea img").all():
        assert image.get_attribute("alt")


@pytest.mark.slow
def test_a_check_tells_a_wrong_answer_from_a_right_one(notebook: NotebookPage, lab_01: str) -> None:
    notebook.open(lab_01)
    notebook.run(notebook.cell("import datakit\n"))
    task, check = notebook.cell("class Columns(Dataset)"), notebook.cell('check.exercise("Exercise 1")')
    wrong = answer("wrong", "columns", "front_only")
    hint = re.search(r"^# hint: (\S+)", wrong, re.MULTILINE)
    assert hint
    notebook.write(task, wrong)
    notebook.run(task)
    notebook.run(check)
    expect(check).to_contain_text(f"[{hint[1]}]")
    check.scroll_into_view_if_needed()
    notebook.screenshot("lab-01-hint")
    notebook.write(task, answer("right", "columns", "rows_up_front"))
    notebook.run(task)
    notebook.run(check)
    expect(check).not_to_contain_text(f"[{hint[1]}]")
    expect(check.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    notebook.screenshot("lab-01-right")


@pytest.mark.slow
def test_validate_says_which_checks_still_fail(notebook: NotebookPage, lab_01: str) -> None:
    notebook.open(lab_01)
    task = notebook.cell("class Columns(Dataset)")
    notebook.write(task, answer("right", "columns", "range_position"))
    notebook.save()
    words = notebook.validate(timeout=280)
    notebook.screenshot("lab-01-validated")
    assert 'check.exercise("Exercise 2")' in words
    assert 'check.exercise("Exercise 1")' not in words
