"""What an instructor does in JupyterLab at the repository's root: edit, generate, preview, autograde, validate."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from classroom.build import build, stale
from classroom.course import Course, Lab
from classroom.source import read_script
from classroom.verify.submission import reference_answers

from .jupyter_server import Server, running_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SOURCE = "/api/contents/course/source/mini_lab/mini_lab.ipynb"


@pytest.fixture(scope="module")
def course(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("jupyter") / "course root"
    shutil.copytree(template, root)
    return Course(root)


@pytest.fixture(scope="module")
def server(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(course.root, tmp_path_factory.mktemp("memory")) as running:
        yield running


@pytest.fixture
def lab(course: Course) -> Iterator[Lab]:
    """The lab, put back afterwards."""
    lab = course.labs()[0]
    before = lab.script.read_text()
    yield lab
    lab.script.write_text(before)
    shutil.rmtree(lab.source)
    shutil.rmtree(course.work / "submitted", ignore_errors=True)
    build(course, [lab], say=lambda sentence: None)


def save(server: Server, path: str, content: dict[str, Any]) -> None:
    server.ask(path, "PUT", {"type": "notebook", "format": "json", "content": content})


def cell(content: dict[str, Any], grade_id: str) -> dict[str, Any]:
    found = [cell for cell in content["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id]
    assert len(found) == 1
    return found[0]


def test_saving_without_an_edit_changes_no_byte_of_the_script(server: Server, course: Course, lab: Lab) -> None:
    before = lab.script.read_bytes()
    save(server, SOURCE, server.ask(SOURCE)["content"])
    assert lab.script.read_bytes() == before
    assert stale(course, [lab]) == []


def test_an_edit_in_jupyterlab_reaches_the_script_and_the_release(server: Server, course: Course, lab: Lab) -> None:
    content = server.ask(SOURCE)["content"]
    content["cells"][0]["source"] = content["cells"][0]["source"].replace("A tiny lab", "A lab from JupyterLab")
    cell(content, "lengths-hidden")["metadata"]["nbgrader"]["points"] = 2.5
    content["cells"][1]["outputs"] = [nbformat.v4.new_output("stream", text="an instructor's output")]
    save(server, SOURCE, content)

    script = lab.script.read_text()
    assert "# # A lab from JupyterLab\n" in script
    assert '"grade_id": "lengths-hidden", "locked": true, "points": 2.5, "schema_version": 3' in script
    assert "an instructor's output" not in script

    said: list[str] = []
    build(course, [lab], say=said.append)
    assert said == ["mini_lab: updated mini_lab.ipynb in labs/mini_lab"]
    assert lab.script.read_text() == script
    release = nbformat.read(lab.release / "mini_lab.ipynb", as_version=4)
    assert release.cells[0].source.startswith("# A lab from JupyterLab")
    assert cell(release, "lengths-hidden")["metadata"]["nbgrader"]["points"] == 2.5
    assert "an instructor's output" not in (lab.release / "mini_lab.ipynb").read_text()


def test_a_built_script_is_what_jupyterlab_shows(server: Server, course: Course, lab: Lab) -> None:
    lab.script.write_text(lab.script.read_text().replace("# # A tiny lab", "# # A lab from an editor"))
    build(course, [lab], say=lambda sentence: None)
    assert server.ask(SOURCE)["content"]["cells"][0]["source"].startswith("# A lab from an editor")


def test_a_learners_notebook_is_paired_with_nothing(server: Server, course: Course, lab: Lab) -> None:
    path = "/api/contents/labs/mini_lab/mini_lab.ipynb"
    before = sorted(course.root.rglob("*.py"))
    save(server, path, server.ask(path)["content"])
    assert sorted(course.root.rglob("*.py")) == before
    assert stale(course, [lab]) == []


def test_formgrader_generates_and_previews_the_assignment(server: Server, course: Course, lab: Lab) -> None:
    listed = server.ask("/formgrader/api/assignments")
    assert [(each["name"], each["max_score"], each["status"]) for each in listed] == [("mini_lab", 7.5, "draft")]
    assert "Manage Assignments" in server.text("/formgrader/manage_assignments")
    shutil.rmtree(course.work / "release")
    done = server.ask("/formgrader/api/assignment/mini_lab/assign", "POST", {})
    assert done["success"], done
    # "Preview" opens the release in JupyterLab.
    preview = server.ask("/api/contents/course/release/mini_lab/mini_lab.ipynb")["content"]
    assert cell(preview, "double")["source"].endswith("raise NotImplementedError()")
    assert {item["name"] for item in server.ask("/api/contents/course/release/mini_lab")["content"]} == {
        "mini_lab.ipynb", "way.svg", "words.txt",
    }  # fmt: skip


def test_formgrader_autogrades_and_shows_a_submission(server: Server, course: Course, lab: Lab) -> None:
    folder = course.work / "submitted" / "ada" / "mini_lab"
    shutil.copytree(lab.release, folder)
    notebook = nbformat.read(folder / "mini_lab.ipynb", as_version=4)
    answers = reference_answers(read_script(lab))
    cell(notebook, "double")["source"] = "import warnings\n\nwarnings.warn('loud')\n" + answers["double"]
    cell(notebook, "lengths-hidden")["source"] = "pass"
    nbformat.write(notebook, folder / "mini_lab.ipynb")

    done = server.ask("/formgrader/api/submission/mini_lab/ada/autograde", "POST", {})
    assert done["success"], done
    submission = server.ask("/formgrader/api/submission/mini_lab/ada")
    assert (submission["score"], submission["max_score"]) == (3.0, 7.5)
    (shown,) = server.ask("/formgrader/api/submitted_notebooks/mini_lab/mini_lab")
    page = server.text(f"/formgrader/submissions/{shown['id']}/")
    assert "BEGIN HIDDEN TESTS" in page
    assert "UserWarning: loud" in page


def test_the_validate_button_forgives_a_warning(server: Server, course: Course, lab: Lab) -> None:
    notebook = nbformat.read(lab.release / "mini_lab.ipynb", as_version=4)
    for name, answer in reference_answers(read_script(lab)).items():
        cell(notebook, name)["source"] = answer
    loud = "import warnings\n\n\ndef double(values):\n    warnings.warn('loud')\n    return [2 * v for v in values]"
    cell(notebook, "double")["source"] = loud
    cell(notebook, "reflect-copy")["source"] = "The caller may need it."
    nbformat.write(notebook, course.root / "mine.ipynb")
    assert server.ask("/assignments/validate", "POST", {"path": "mine.ipynb"}) == {"success": True, "value": {}}
    cell(notebook, "lengths")["source"] = "lengths = len"
    nbformat.write(notebook, course.root / "mine.ipynb")
    result = server.ask("/assignments/validate", "POST", {"path": "mine.ipynb"})
    assert result["success"]
    assert len(result["value"]["failed"]) == 1  # hidden tests aren't in a learner's notebook
