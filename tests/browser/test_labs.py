"""Each lab after the first as a learner meets it: it runs, and its experiment is predicted, set, run and compared.

What all labs share, such as a check that meets a wrong answer, is tested on lab 01.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.sync_api import expect

from datakit.experiments.imbalance import BETWEEN
from tests.browser.conftest import REPOSITORY
from tests.browser.lab_process import Lab
from tests.browser.notebook_page import NOTEBOOK, NotebookPage

# The whole notebook runs, and the machine may have other work.
pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]


@dataclass(frozen=True)
class Visit:
    """What is done in a lab, and what is seen then.

    Args:
        name: the lab.
        cell: the source of its experiment's cell.
        predict: the choice that is locked, or a number of milliseconds.
        slide: sliders, the key that is pressed on each, and the value that it then has.
        choose: a list of choices, and what is chosen.
        about: the settings that the prediction was about, as the verdict names them.
        picture: words of the plot's alternative text.
        rows: how many rows the table has, with its heading.
    """

    name: str
    cell: str
    predict: str
    slide: tuple[tuple[str, str, int], ...]
    choose: tuple[str, str] | None
    about: str
    picture: str
    rows: int


VISITS = [
    Visit(
        name="02_collate",
        cell="bucket_padding.view()",
        predict="10 to 30 %",
        slide=(("Sentences", "ArrowRight", 1200), ("Sentences", "Home", 200)),
        choose=("Lengths", "all alike"),
        about="“Lengths: sentences of Python's manual”",
        picture="Two bar charts, padding and time",
        rows=8,
    ),
    Visit(
        name="03_sampling",
        cell="imbalance.view()",
        predict=BETWEEN,
        slide=(("Eights", "ArrowRight", 6), ("Epochs", "Home", 1), ("Repeats", "Home", 1)),
        choose=None,
        about="“Eights: 4” and “Epochs: 10”",
        picture="Two bar charts, what an epoch draws",
        rows=6,
    ),
    Visit(
        name="04_augmentation",
        cell="augmentation_safety.view()",
        predict="50 to 80",
        slide=(("Strength (%)", "ArrowLeft", 95), ("Strength (%)", "End", 100)),
        choose=("Augmentation", "upside down"),
        about="“Augmentation: mirror (left and right)”",
        picture="a 6, a 2, a cat and a temple",
        rows=12,
    ),
    Visit(
        name="05_loader",
        cell="loader_queue.view()",
        predict="each worker loads two of them",
        slide=(("Workers", "End", 4), ("Load a batch (ms)", "Home", 20), ("Prefetch factor", "ArrowRight", 3)),
        choose=("A slow batch", "batch 4"),
        about="“Workers: 2”",
        picture="Timeline of the workers and of the loop",
        rows=13,
    ),
    Visit(
        name="06_workers",
        cell="workers_grid.view()",
        predict="2",
        slide=(("Photographs", "ArrowRight", 120), ("Photographs", "Home", 80)),
        choose=("Workers are", "threads"),
        about="“Workers are: processes”",
        picture="Two bar charts, photographs a second",
        rows=18,
    ),
    Visit(
        name="07_feeding",
        cell="bottleneck.view()",
        predict="30 ms",
        slide=(("Read (ms)", "Home", 0), ("Decode (ms)", "ArrowLeft", 5)),
        choose=None,
        about="“Read (ms): 20” and “Decode (ms): 10”",
        picture="Two bar charts, a step's time",
        rows=5,
    ),
    Visit(
        name="08_streams",
        cell="coverage_grid.view()",
        predict="75: each rank reads all of it, and divides it among its workers",
        slide=(("Samples", "ArrowLeft", 24), ("Ranks", "End", 4), ("Workers a rank", "Home", 1)),
        choose=("Workers are", "threads"),
        about="“Samples: 25” and “Ranks: 3” and “Workers a rank: 2”",
        picture="Grids of readers and samples",
        rows=6,
    ),
    Visit(
        name="09_video",
        cell="clip_cost.view()",
        predict="4 to 8",
        slide=(("Frames in a clip", "ArrowRight", 10), ("Frames in a clip", "Home", 2), ("Clips", "Home", 4)),
        choose=("Key frame every", "1 frame"),
        about="“Frames in a clip: 8” and “Key frame every: 30 frames”",
        picture="A bar chart, frames decoded",
        rows=6,
    ),
]


def test_every_lab_is_visited() -> None:
    others = {path.name for path in (REPOSITORY / "labs").iterdir() if path.is_dir()} - {"01_datasets"}
    assert {visit.name for visit in VISITS} == others


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_the_lab_runs_and_its_experiment_is_predicted_set_and_compared(
    notebook: NotebookPage, lab: Lab, visit: Visit
) -> None:
    folder = lab.work / f"visit_{visit.name}"  # a copy of the lab as it was handed out
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(lab.work / visit.name, folder, ignore=shutil.ignore_patterns(".*"))
    notebook.open(f"{folder.name}/{visit.name}.ipynb")
    notebook.screenshot(f"{visit.name}-top")
    notebook.run_all(timeout=240)
    for image in notebook.page.locator(f"{NOTEBOOK} .jp-OutputArea img").all():
        assert image.get_attribute("alt")

    view = notebook.cell(visit.cell)
    view.scroll_into_view_if_needed()
    # A lab may have a second experiment: all that follows is about this one.
    button = partial(view.get_by_role, "button", exact=True)
    expect(button(name="Run")).to_be_disabled()
    if visit.predict.endswith(" ms"):
        view.get_by_role("spinbutton", name="Prediction (ms)").fill(visit.predict.removesuffix(" ms"))
        notebook.page.keyboard.press("Tab")
    else:
        view.get_by_role("radio", name=visit.predict).focus()
        notebook.page.keyboard.press("Space")
    button(name="Lock in my prediction").focus()
    notebook.page.keyboard.press("Space")
    expect(view.get_by_text(f"Locked: {visit.predict}.")).to_be_visible()
    notebook.screenshot(f"{visit.name}-locked", view)

    for label, key, value in visit.slide:
        assert notebook.move_slider(label, key, within=view) == value
    if visit.choose:
        view.get_by_role("combobox", name=visit.choose[0]).select_option(visit.choose[1])
    notebook.let_settle()
    button(name="Run").focus()
    notebook.page.keyboard.press("Space")
    verdict = f"This run says nothing about your prediction, which was about {visit.about}."
    expect(view.get_by_text(verdict)).to_be_visible(timeout=120_000)
    expect(view.get_by_role("img", name=re.compile(visit.picture))).to_be_visible()
    expect(view.get_by_role("row")).to_have_count(visit.rows)
    expect(view.get_by_role("link", name="Download table (CSV)")).to_be_visible()
    notebook.screenshot(f"{visit.name}-compared", view)
