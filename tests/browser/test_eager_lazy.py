"""The eager/lazy experiment as a learner meets it: by keyboard, in JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab_process import Lab
from tests.browser.notebook_page import NotebookPage

STICKING_OUT = """output => {
    const right = output.closest('.jp-Cell').getBoundingClientRect().right
    const inTable = element => element.closest('table') !== null
    return [...output.querySelectorAll('*')]
        .filter(element => !inTable(element) && element.getBoundingClientRect().right > right + 1)
        .map(element => element.outerHTML.slice(0, 80))
}"""


def lock(notebook: NotebookPage, answer: str) -> None:
    """Choose an answer with the keyboard, and lock it in."""
    wanted = notebook.page.get_by_role("radio", name=answer)
    wanted.focus()
    notebook.page.keyboard.press("Space")
    expect(wanted).to_be_checked()
    notebook.button("Lock in my prediction").focus()
    notebook.page.keyboard.press("Space")
    expect(notebook.page.get_by_text(f"Locked: {answer}.")).to_be_visible()


def test_predict_run_compare(notebook: NotebookPage, fresh: str) -> None:
    notebook.open(fresh)
    notebook.run_all()
    run = notebook.button("Run")
    expect(run).to_be_disabled()
    expect(notebook.page.get_by_text("Run is disabled until you have locked in your prediction.")).to_be_visible()
    lock(notebook, "both")
    expect(run).to_be_enabled()

    assert notebook.move_slider("Photographs", "ArrowRight") == 80
    assert notebook.move_slider("Photographs", "ArrowLeft") == 60
    assert notebook.move_slider("Photographs", "Home") == 20
    run.focus()
    notebook.page.keyboard.press("Space")
    expect(
        notebook.page.get_by_text("You predicted: both. Measured: only the eager one. Your prediction did not hold.")
    ).to_be_visible(timeout=60_000)
    rows = notebook.page.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("eager")
    expect(rows.nth(2)).to_contain_text("lazy")
    plot = notebook.page.get_by_role("img", name=re.compile("Bar chart of milliseconds.*eager: constructor .* ms"))
    expect(plot).to_be_visible()
    assert plot.evaluate("image => image.complete && image.naturalWidth > 0")
    expect(notebook.page.get_by_text(re.compile("Measured on: .*PyTorch"))).to_be_visible()


def test_the_table_can_be_downloaded(notebook: NotebookPage, fresh: str, tmp_path: Path) -> None:
    notebook.open(fresh)
    notebook.run_all()
    lock(notebook, "neither")
    notebook.move_slider("Photographs", "Home")
    notebook.button("Run").click()
    link = notebook.page.get_by_role("link", name="Download table (CSV)")
    link.wait_for(timeout=60_000)
    with notebook.page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "table.csv")
    assert download.value.suggested_filename == "eager-lazy.csv"
    lines = (tmp_path / "table.csv").read_text().splitlines()
    assert lines[0].startswith("Dataset,constructor (ms),")
    assert [line.split(",")[0] for line in lines[1:]] == ["eager", "lazy"]


def test_progress_is_shown_and_stop_works(notebook: NotebookPage, fresh: str) -> None:
    notebook.open(fresh)
    notebook.run_all()
    lock(notebook, "only the eager one")
    notebook.move_slider("Photographs", "End")
    notebook.move_slider("Epochs", "End")
    notebook.page.get_by_role("combobox", name="Photograph size").select_option("1000 × 750")
    notebook.button("Run").click()
    making = notebook.page.get_by_text(re.compile(r"\d+%: making the photographs"))
    # The first step imports what it needs, which takes a while on a busy machine.
    expect(making).to_be_visible(timeout=60_000)
    # The text says how far it is as well: ipywidgets' bar has no role that a screen reader knows.
    expect(notebook.page.locator(".progress-bar")).to_have_attribute("style", re.compile(r"width: \d"))
    # The kernel does other work meanwhile.
    notebook.run(notebook.cell("the kernel"))
    notebook.button("Stop").click()
    expect(notebook.page.get_by_text("Stopped: nothing was measured.")).to_be_visible()
    expect(notebook.page.get_by_role("img", name=re.compile("Bar chart"))).to_have_count(0)
    expect(notebook.button("Run")).to_be_enabled()


def test_the_prediction_survives_a_run_of_the_cell_and_a_new_kernel(notebook: NotebookPage, fresh: str) -> None:
    notebook.open(fresh)
    notebook.run_all()
    lock(notebook, "only the lazy one")
    notebook.run(notebook.cell("eager_lazy.view()"))
    for _ in range(2):
        expect(notebook.page.get_by_text("Locked: only the lazy one.")).to_be_visible()
        expect(notebook.page.get_by_role("radio", name="only the lazy one")).to_be_checked()
        expect(notebook.page.get_by_role("radio").first).to_be_disabled()
        expect(notebook.button("Run")).to_be_enabled()
        notebook.open(fresh)
        notebook.run_all()


def test_a_damaged_prediction_file_does_not_stop_the_notebook(notebook: NotebookPage, fresh: str, lab: Lab) -> None:
    file = (lab.work / fresh).parent / ".datakit/predictions.json"
    file.parent.mkdir()
    file.write_text("{ half of a fi")
    notebook.open(fresh)
    notebook.run_all()
    expect(notebook.page.get_by_role("alert")).to_contain_text("The file with your predictions was damaged")
    lock(notebook, "both")


@pytest.mark.parametrize(
    "notebook",
    [{"theme": f"JupyterLab {theme}", "size": (width, 1300)} for theme in ("Light", "Dark") for width in (1280, 900)],
    indirect=True,
    ids=["light-1280", "light-900", "dark-1280", "dark-900"],
)
def test_it_fits_the_page_in_both_themes(notebook: NotebookPage, fresh: str, request: pytest.FixtureRequest) -> None:
    notebook.open(fresh)
    notebook.run_all()
    view = notebook.cell("eager_lazy.view()")
    notebook.screenshot(f"{request.node.callspec.id}-1-start")
    lock(notebook, "both")
    notebook.button("Run").click()
    expect(notebook.page.get_by_text("Done.")).to_be_visible(timeout=60_000)
    notebook.page.get_by_role("img", name=re.compile("Bar chart")).scroll_into_view_if_needed()
    notebook.screenshot(f"{request.node.callspec.id}-2-result", view)
    # Nothing is cut off at the side; what is too wide for the page scrolls in a box of its own.
    assert view.locator(".jp-OutputArea-output").first.evaluate(STICKING_OUT) == []
