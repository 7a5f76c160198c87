"""Learners' texts in a real browser: no script of theirs runs, on our pages or on nbgrader's."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from classroom.grading.feedback_clean import clean_html, clean_markdown, clean_outputs
from classroom.grading.grade import Choice, grade
from classroom.grading.items import CellRun, Result, StepKind, Verdict, WorkItem
from classroom.grading.report import write_report
from classroom.release import nbgrader_settings

from .learner import RIGHT, Learner
from .payloads import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ARTIFACTS = Path(__file__).resolve().parents[4] / "artifacts" / "feedback"
SLOWEST = 60.0  # seconds
TOUCH = """() => document.querySelectorAll("a, button, input, summary, .click").forEach(spot => {
    for (const kind of ["mouseover", "focus", "click"]) spot.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
})"""


def hits(page: Page, html: str, expected: int = 0) -> set[int]:
    """Which payloads ran when the page was opened, touched and clicked.

    Args:
        page: an empty page.
        html: what is opened.
        expected: how many are waited for; a busy machine needs more than a moment.
    """
    found: set[int] = set()
    page.expose_function("hit", lambda number: found.add(number))
    page.set_content(html, wait_until="load")
    page.wait_for_timeout(500)
    page.evaluate(TOUCH)
    page.wait_for_timeout(1000)
    end = time.monotonic() + SLOWEST
    while len(found) < expected and time.monotonic() < end:
        page.wait_for_timeout(100)
    return found


def outputs(number: int, text: str) -> list[dict[str, Any]]:
    """One text in every place of a cell's outputs."""
    return [
        {"output_type": "display_data", "metadata": {"width": text}, "data": {"text/html": text, "text/plain": text}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text, "text/plain": text}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{text}</svg>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": f"hit({number})"}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/latex": text}},
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"image/png": f'x">{text}'}},
        {"output_type": "stream", "name": text, "text": text},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        {"output_type": text, "data": text},
    ]


def test_the_payloads_are_no_dummies(browser: Browser) -> None:
    """Each in a frame of its own, since some swallow what follows them."""
    before = f"<script>window.hit = number => parent.hit(number); window.onload = () => ({TOUCH})()</script>"
    frames = [f'<iframe srcdoc="{escape(before + text)}"></iframe>' for text in PAYLOADS]
    with browser.new_context() as context:
        found = hits(context.new_page(), f"<!DOCTYPE html><body>{''.join(frames)}</body>", expected=25)
    assert len(found) >= 25, f"only these ran unhindered: {sorted(found)}"


def test_cleaning_alone_is_enough(browser: Browser) -> None:
    """Without the page's Content-Security-Policy, too."""
    assert len(PAYLOADS) >= 30
    cleaned = [clean(text) for text in PAYLOADS for clean in (clean_html, clean_markdown)]
    for number, text in enumerate(PAYLOADS):
        nodes = [nbformat.from_dict(output) for output in outputs(number, text)]
        cleaned += [output.get("data", {}).get("text/html", "") for output in clean_outputs(nodes)]
    with browser.new_context() as context:
        assert hits(context.new_page(), f"<!DOCTYPE html><body>{'<hr>'.join(cleaned)}</body>") == set()


@pytest.fixture
def mallory(ada: Learner) -> Learner:
    """Puts every payload wherever a learner's text goes, and is graded."""
    everything = "\n\n".join(PAYLOADS)

    def change(notebook: Any) -> None:
        notebook["cells"].insert(1, {"cell_type": "markdown", "source": everything, "metadata": {}})
        notebook["cells"].insert(1, {"cell_type": "code", "source": everything, "metadata": {}, "outputs": []})

    def verdict(item: WorkItem) -> Verdict:
        nodes = [nbformat.from_dict(node) for number, text in enumerate(PAYLOADS) for node in outputs(number, text)]
        runs = [CellRun(step.cell, tuple(nodes), everything) for step in item.steps if step.kind is StepKind.RUN]
        results = [
            Result(step.grade_id, 0, step.points, "HIDDEN" in step.source, *[everything] * 4, "slug", everything)
            for step in item.steps
            if step.kind is StepKind.TEST
        ]
        return Verdict(item.lab, item.student, item.digest, tuple(results), tuple(runs), notes=(everything,))

    ada.hand_in(change, **RIGHT, reflect_copy=everything)
    grade(ada.course, ada.lab, lambda items: map(verdict, items), Choice())  # type: ignore[arg-type, return-value]
    return ada


def policy_off(html: str) -> str:
    """The page without its Content-Security-Policy, so that only the cleaning stands between payload and browser."""
    stripped, count = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert count == 1
    return stripped


@pytest.mark.parametrize("change", [str, policy_off], ids=["as it is", "without the policy"])
def test_nothing_runs_on_our_pages(browser: Browser, mallory: Learner, change: Callable[[str], str]) -> None:
    feedback = mallory.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html"
    for path in (feedback, write_report(mallory.course, mallory.lab)):
        html = path.read_text()
        assert "hit(" in html, "the payloads are on the page, as text"
        with browser.new_context() as context:
            assert hits(context.new_page(), change(html)) == set()


def test_nothing_runs_on_nbgraders_own_feedback(browser: Browser, mallory: Learner) -> None:
    settings = nbgrader_settings(mallory.course.root)
    api = NbGraderAPI(CourseDirectory(config=settings), config=settings)
    result = api.generate_feedback("mini_lab", "ada", force=True)
    assert result["success"], result
    html = (mallory.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html").read_text()
    assert "hit(" in html
    with browser.new_context() as context:
        assert hits(context.new_page(), html) == set()


def test_the_policy_alone_stops_a_script(browser: Browser, ada: Learner) -> None:
    from classroom.grading.feedback_html import policy

    head = f'<meta http-equiv="Content-Security-Policy" content="{policy("")}">'
    with browser.new_context() as context:
        html = f"<!DOCTYPE html><head>{head}</head><body>{'<hr>'.join(PAYLOADS[:36])}</body>"
        assert hits(context.new_page(), html) == set()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_fits_the_screen_and_the_paper(browser: Browser, mallory: Learner, width: int) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    feedback = mallory.course.work / "feedback" / "ada" / "mini_lab" / "mini_lab.html"
    for name, path in (("feedback", feedback), ("report", write_report(mallory.course, mallory.lab))):
        with browser.new_context(viewport={"width": width, "height": 844}) as context:
            page = context.new_page()
            page.goto(path.as_uri())
            page.screenshot(path=ARTIFACTS / f"{name}-{width}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.pdf(path=ARTIFACTS / f"{name}.pdf", format="A4", prefer_css_page_size=True)
