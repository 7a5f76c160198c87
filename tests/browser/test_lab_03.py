"""Lab 03 as a learner meets it."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from datakit.experiments.imbalance import BETWEEN
from tests.browser.lab_process import Lab
from tests.browser.notebook_page import NOTEBOOK, NotebookPage

NAME = "03_sampling"
# The whole notebook runs, and the machine may have other work.
pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]


@pytest.fixture
def lab_03(lab: Lab, request: pytest.FixtureRequest) -> str:
    """Give the test a copy of the lab as it was handed out."""
    folder = lab.work / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lab.work / NAME, folder, ignore=shutil.ignore_patterns(".*"))
    return f"{folder.name}/{NAME}.ipynb"


def test_the_lab_runs_and_its_experiment_is_predicted_set_and_compared(notebook: NotebookPage, lab_03: str) -> None:
    notebook.open(lab_03)
    notebook.screenshot("lab-03-top")
    notebook.run_all(timeout=240)
    images = notebook.page.locator(f"{NOTEBOOK} .jp-OutputArea img")
    expect(images).to_have_count(3)
    for image in images.all():
        assert image.get_attribute("alt")
    view = notebook.cell("imbalance.view()")
    view.scroll_into_view_if_needed()
    expect(notebook.button("Run")).to_be_disabled()
    notebook.page.get_by_role("radio", name=BETWEEN).focus()
    notebook.page.keyboard.press("Space")
    notebook.button("Lock in my prediction").focus()
    notebook.page.keyboard.press("Space")
    expect(notebook.page.get_by_text(f"Locked: {BETWEEN}.")).to_be_visible()
    notebook.screenshot("lab-03-locked", view)

    assert notebook.move_slider("Eights", "ArrowRight") == 6
    assert notebook.move_slider("Epochs", "Home") == 1
    assert notebook.move_slider("Repeats", "Home") == 1
    notebook.button("Run").focus()
    notebook.page.keyboard.press("Space")
    verdict = "This run says nothing about your prediction, which was about “Eights: 4” and “Epochs: 10”."
    expect(notebook.page.get_by_text(verdict)).to_be_visible(timeout=120_000)
    expect(view.get_by_role("img", name=re.compile("Two bar charts, what an epoch draws"))).to_be_visible()
    expect(view.get_by_role("row")).to_have_count(6)
    expect(view.get_by_role("link", name="Download table (CSV)")).to_be_visible()
    notebook.screenshot("lab-03-compared", view)
