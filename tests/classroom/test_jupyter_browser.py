"""The instructor's clicks in a real browser: save an edit in JupyterLab, generate an assignment in formgrader."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from classroom.course import Course

from .jupyter_server import TOKEN, Server, running_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
]
SECONDS = 60_000


@pytest.fixture(scope="module")
def course(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("browser") / "course root"
    shutil.copytree(template, root)
    return Course(root)


@pytest.fixture(scope="module")
def server(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(course.root, tmp_path_factory.mktemp("memory")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1300, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        yield page


def test_an_edit_saved_in_jupyterlab_reaches_the_script(server: Server, course: Course, page: Page) -> None:
    lab = course.labs()[0]
    page.goto(f"{server.url}/lab/tree/course/source/mini_lab/mini_lab.ipynb?token={TOKEN}")
    heading = page.get_by_role("heading", name="A tiny lab")
    expect(heading).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("img", name="The way of a batch. This lab stands at the batch.")).to_be_visible()
    # Only a notebook with a kernel keeps the keyboard where it is put.
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=SECONDS)
    heading.dblclick()
    editor = page.locator(".jp-MarkdownCell .cm-content:visible").first
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type(" for small people")
    expect(editor).to_contain_text("A tiny lab for small people")
    page.keyboard.press("Control+s")
    for _ in range(100):
        if "# # A tiny lab for small people\n" in lab.script.read_text():
            break
        page.wait_for_timeout(200)
    script = lab.script.read_text()
    assert "# # A tiny lab for small people\n" in script
    assert script.count("nbgrader={") == 7


def test_formgrader_generates_the_assignment_on_a_click(server: Server, course: Course, page: Page) -> None:
    release = course.work / "release" / "mini_lab" / "mini_lab.ipynb"
    release.unlink()
    page.goto(f"{server.url}/formgrader/manage_assignments?token={TOKEN}")
    row = page.get_by_role("row").filter(has_text="mini_lab")
    expect(row).to_contain_text("draft")
    row.locator(".assign a").click()
    expect(page.get_by_text("Successfully created")).to_be_visible(timeout=SECONDS)
    assert "raise NotImplementedError()" in release.read_text()
