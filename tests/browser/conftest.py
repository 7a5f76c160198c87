"""A real JupyterLab in Debian's Chromium; see tests/conftest.py for the browser itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.lab_process import Lab
    from tests.browser.notebook_page import NotebookPage

REPOSITORY = Path(__file__).parents[2]
EXPERIMENT = "from datakit.experiments import eager_lazy\n\neager_lazy.view()"
OWN_LAB = "00_browser/00_browser.ipynb"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab once, on the released labs and one notebook of the tests' own."""
    from tests.browser.lab_process import running_lab

    folder = tmp_path_factory.mktemp("jupyter")
    labs = folder / "labs"
    shutil.copytree(REPOSITORY / "labs", labs)
    (labs / OWN_LAB).parent.mkdir()
    nbformat.write(own_notebook(), labs / OWN_LAB)
    with running_lab(labs, folder) as server:
        yield server


def own_notebook() -> nbformat.NotebookNode:
    cells = [
        nbformat.v4.new_markdown_cell("# An experiment\n\nPredict, run, compare."),
        nbformat.v4.new_code_cell(EXPERIMENT),
        nbformat.v4.new_code_cell("print('the kernel', 'is free')"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def fresh(lab: Lab, request: pytest.FixtureRequest) -> str:
    """Give the test a copy of the tests' own notebook, in a folder of its own: no locked prediction is there yet."""
    folder = lab.work / "".join(c if c.isalnum() else "_" for c in request.node.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copyfile(lab.work / OWN_LAB, folder / "notebook.ipynb")
    return f"{folder.name}/notebook.ipynb"


@pytest.fixture
def notebook(browser: Browser, lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """Give a page for one notebook; fail afterwards if the browser met an error or asked another machine."""
    from tests.browser.notebook_page import NotebookPage

    lab.use_theme(getattr(request, "param", {}).get("theme", "JupyterLab Light"))
    size = getattr(request, "param", {}).get("size", (1280, 900))
    with browser.new_context(viewport={"width": size[0], "height": size[1]}) as context:
        page = NotebookPage(context.new_page(), lab)
        yield page
        page.screenshot(f"{request.node.name}-end")
    lab.end_sessions()
    assert not page.troubles
