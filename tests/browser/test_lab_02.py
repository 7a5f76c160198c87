"""Lab 02 as a learner meets it."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.lab_process import Lab
from tests.browser.notebook_page import NOTEBOOK, NotebookPage

NAME = "02_collate"
# The whole notebook runs, and the machine may have other work.
pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]


@pytest.fixture
def lab_02(lab: Lab, request: pytest.FixtureRequest) -> str:
    """Give the test a copy of the lab as it was handed out."""
    folder = lab.work / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lab.work / NAME, folder, ignore=shutil.ignore_patterns(".*"))
    return f"{folder.name}/{NAME}.ipynb"


def test_the_lab_runs_and_its_experiment_is_predicted_set_and_compared(notebook: NotebookPage, lab_02: str) -> None:
    notebook.open(lab_02)
    notebook.screenshot("lab-02-top")
    notebook.run_all(timeout=240)
    for image in notebook.page.locator(f"{NOTEBOOK} .jp-OutputArea img").all():
        assert image.get_attribute("alt")
    view = notebook.cell("bucket_padding.view()")
    view.scroll_into_view_if_needed()
    expect(notebook.button("Run")).to_be_disabled()
    wanted = notebook.page.get_by_role("radio", name="10 to 30 %")
    wanted.focus()
    notebook.page.keyboard.press("Space")
    notebook.button("Lock in my prediction").focus()
    notebook.page.keyboard.press("Space")
    expect(notebook.page.get_by_text("Locked: 10 to 30 %.")).to_be_visible()
    notebook.screenshot("lab-02-locked", view)

    assert notebook.move_slider("Sentences", "ArrowRight") == 1200
    assert notebook.move_slider("Sentences", "Home") == 200
    notebook.page.get_by_role("combobox", name="Lengths").select_option("all alike")
    notebook.button("Run").focus()
    notebook.page.keyboard.press("Space")
    verdict = "This run says nothing about your prediction, which was about “Lengths: sentences of Python's manual”."
    expect(notebook.page.get_by_text(verdict)).to_be_visible(timeout=120_000)
    expect(view.get_by_role("img", name=re.compile("Two bar charts, padding and time"))).to_be_visible()
    expect(view.get_by_role("row")).to_have_count(8)
    expect(view.get_by_role("link", name="Download table (CSV)")).to_be_visible()
    notebook.screenshot("lab-02-compared", view)
