from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from classroom.build import build, stale
from classroom.course import Course, CourseError, Lab
from classroom.keep import Keep
from classroom.source import notebook_bytes, read_notebook, read_script, script_text

from .conftest import MINI, edit, make_course


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def built(course: Course, keep: Keep | None = None) -> str:
    said: list[str] = []
    build(course, course.labs(), keep=keep, say=said.append)
    return "\n".join(said)


def edit_notebook(lab: Lab, old: str, new: str) -> None:
    """An edit that doesn't reach the script: made in an editor that knows no jupytext."""
    notebook = read_notebook(lab)
    cells = [cell for cell in notebook.cells if old in cell.source]
    assert len(cells) == 1
    cells[0].source = cells[0].source.replace(old, new)
    lab.notebook.write_bytes(notebook_bytes(notebook))


@pytest.fixture
def course(built_course: Course) -> Course:
    return built_course


def test_a_release_has_what_learners_need_and_no_more(course: Course, lab: Lab) -> None:
    assert sorted(contents(lab.release)) == ["mini_lab.ipynb", "way.svg", "words.txt"]
    notebook = nbformat.read(lab.release / "mini_lab.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert sources["double"].endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert sources["double-hidden"] == "# Hidden tests: other numbers."
    assert sources["reflect-copy"] == "YOUR ANSWER HERE"
    assert {cell.id for cell in notebook.cells if not cell.metadata.get("editable", True)} == {
        "double-check", "double-hidden", "lengths-check", "lengths-hidden",
    }  # fmt: skip


def test_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    releases = []
    for number, hash_seed in enumerate(("0", "1234")):
        course = make_course(tmp_path / f"machine {number}", MINI)
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": ("UTC", "Asia/Tokyo")[number]}
        command = [sys.executable, "-m", "classroom", "build", "--root", str(course.root)]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path)
        releases.append(contents(course.root / "labs"))
    assert releases[0] == releases[1]
    assert len(releases[0]) == 3


def test_a_second_build_changes_nothing(course: Course, lab: Lab) -> None:
    before = contents(course.root / "labs") | contents(lab.folder) | contents(lab.source)
    assert built(course) == "mini_lab: up to date in labs/mini_lab"
    assert contents(course.root / "labs") | contents(lab.folder) | contents(lab.source) == before


def test_two_builds_at_once_wait_for_each_other(course: Course, lab: Lab) -> None:
    command = [sys.executable, "-m", "classroom", "build", "--root", str(course.root)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [process.communicate(timeout=250)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    with Gradebook(f"sqlite:///{course.work / 'gradebook.db'}") as book:
        assert [assignment.name for assignment in book.assignments] == [lab.name]


def test_a_build_leaves_the_environment_as_it_was(course: Course, lab: Lab) -> None:
    before = dict(os.environ)
    build(course, [lab])
    assert dict(os.environ) == before


def test_the_gradebook_lists_the_assignment_and_its_points(course: Course) -> None:
    with Gradebook(f"sqlite:///{course.work}/gradebook.db", "datakit") as gradebook:
        notebook = gradebook.find_notebook("mini_lab", "mini_lab")
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    assert points == {
        "double-check": 1,
        "double-hidden": 2,
        "lengths-check": 1,
        "lengths-hidden": 1.5,
        "reflect-copy": 2,
    }


def test_labs_are_what_nbgrader_generates(course: Course, lab: Lab) -> None:
    ours = nbformat.read(lab.release / "mini_lab.ipynb", as_version=4)
    theirs = nbformat.read(course.work / "release" / "mini_lab" / "mini_lab.ipynb", as_version=4)
    keep = ("nbgrader", "deletable", "editable", "tags")
    for ours_cell, theirs_cell in zip(ours.cells, theirs.cells, strict=True):
        assert ours_cell.source == theirs_cell.source
        assert ours_cell.id == theirs_cell.id
        for key in keep:
            assert ours_cell.metadata.get(key) == theirs_cell.metadata.get(key)


def test_check_names_what_is_stale_and_writes_nothing(course: Course, lab: Lab) -> None:
    assert stale(course, course.labs()) == []
    edit(lab.script, "# # A tiny lab", "# # A very small lab")
    (lab.folder / "words.txt").unlink()
    (lab.release / "way.svg").unlink()
    (lab.release / "old.csv").write_text("1,2")
    before = contents(course.root)
    assert stale(course, course.labs()) == [
        "labs/mini_lab/mini_lab.ipynb differs from what solutions/mini_lab produces.",
        "labs/mini_lab/old.csv comes from no source.",
        "labs/mini_lab/way.svg is missing.",
        "labs/mini_lab/words.txt comes from no source.",
    ]
    assert contents(course.root) == before


def test_a_lab_without_a_source_is_named_and_left_alone(course: Course) -> None:
    shutil.copytree(course.root / "labs" / "mini_lab", course.root / "labs" / "00_old")
    assert "labs/00_old has no source in solutions/. It was left alone" in built(course)
    assert (course.root / "labs" / "00_old" / "mini_lab.ipynb").exists()
    assert stale(course, course.labs()) == ["labs/00_old has no source in solutions/."]


def test_an_edited_script_refreshes_the_notebook(course: Course, lab: Lab) -> None:
    edit(lab.script, "# # A tiny lab", "# # A very small lab")
    assert "the notebook in course/source was updated" in built(course)
    assert read_notebook(lab).cells[0].source.startswith("# A very small lab")
    assert b"# A very small lab" in (lab.release / "mini_lab.ipynb").read_bytes()


def test_an_edited_notebook_is_never_overwritten(course: Course, lab: Lab) -> None:
    edit_notebook(lab, "# A tiny lab", "# A very small lab")
    # The script's time says nothing: a checkout makes it newer.
    os.utime(lab.script)
    assert any("holds edits that solutions/mini_lab lacks" in sentence for sentence in stale(course, course.labs()))
    assert "the script has the notebook's edits now" in built(course)
    assert "# # A very small lab" in lab.script.read_text()
    assert b"# A very small lab" in (lab.release / "mini_lab.ipynb").read_bytes()


@pytest.mark.parametrize("newer", ["script", "notebook"])
@pytest.mark.parametrize("base_is_known", [True, False])
def test_if_both_were_edited_the_author_decides(course: Course, lab: Lab, newer: str, base_is_known: bool) -> None:
    edit_notebook(lab, "# A tiny lab", "# A lab from the notebook")
    edit(lab.script, "# # A tiny lab", "# # A lab from the script")
    if not base_is_known:
        shutil.rmtree(course.work / ".built")
    times = {"script": 1_000_000_000, "notebook": 1_000_000_000, newer: 2_000_000_000}
    os.utime(lab.script, (times["script"], times["script"]))
    os.utime(lab.notebook, (times["notebook"], times["notebook"]))
    before = contents(course.root)
    with pytest.raises(CourseError) as caught:
        built(course)
    newer_file = {"script": "solutions/mini_lab/mini_lab.py", "notebook": "course/source/mini_lab/mini_lab.ipynb"}[
        newer
    ]
    assert f"The newer file is {newer_file}. Nothing was overwritten." in str(caught.value)
    assert contents(course.root) == before
    built(course, Keep(newer))
    assert f"# # A lab from the {newer}" in lab.script.read_text()
    assert read_notebook(lab).cells[0].source.startswith(f"# A lab from the {newer}")


def test_an_instructors_outputs_stay_where_the_text_is_the_same(course: Course, lab: Lab) -> None:
    notebook = read_notebook(lab)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hello")]
    lab.notebook.write_bytes(notebook_bytes(notebook))
    built(course)
    assert read_notebook(lab).cells[1].outputs[0].text == "hello"
    assert b"hello" not in (lab.release / "mini_lab.ipynb").read_bytes()


def test_a_script_is_put_into_its_normal_form(course: Course, lab: Lab) -> None:
    normal = lab.script.read_text()
    lab.script.write_text(re.sub(r"# %% (nbgrader=\{.*\}) (tags=\[.*\])", r"# %% \2 \1", normal))
    assert lab.script.read_text() != normal
    assert any("isn't in the form" in sentence for sentence in stale(course, course.labs()))
    assert "the script was put into the form that JupyterLab writes" in built(course)
    assert lab.script.read_text() == normal == script_text(lab, read_script(lab))


def test_a_lab_with_submissions_keeps_its_gradebook(course: Course, lab: Lab) -> None:
    with Gradebook(f"sqlite:///{course.work}/gradebook.db", "datakit") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("mini_lab", "ada")
    text = lab.script.read_text()
    lab.script.write_text(text[: text.index("# %% [markdown] nbgrader")])
    with pytest.raises(CourseError, match=r"(?s)nbgrader couldn't make the release.*there are submissions associated"):
        built(course)
    with Gradebook(f"sqlite:///{course.work}/gradebook.db", "datakit") as gradebook:
        assert gradebook.find_grade_cell("reflect-copy", "mini_lab", "mini_lab").max_score == 2
