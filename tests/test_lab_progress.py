"""Progress is what the checks said, in notebooks that a real kernel has run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from datakit.lab_progress import State, progress
from tests.test_cli import datakit

ROOT = Path(__file__).parents[1]
CHECK = "from datakit import check\nwith check.exercise('Exercise'):\n    check.equal({arrived}, 3, 'the length')"


def graded(source: str, grade_id: str, points: float) -> Any:
    nbgrader = {"grade": True, "grade_id": grade_id, "points": points, "solution": False, "locked": True}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": nbgrader, "tags": ["raises-exception"]})


def exercise(number: int, arrived: str) -> list[Any]:
    return [
        nbformat.v4.new_markdown_cell(f"## Exercise {number} · Lengths\n\nWrite it."),
        graded(CHECK.format(arrived=arrived), f"e{number}-check", 2),
        graded("# Hidden tests.", f"e{number}-hidden", 3),
    ]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labs: in one the first check passes, the second fails, the third never ran; in the other both pass."""
    folder = tmp_path_factory.mktemp("my-labs")
    for name, arrived in {"01_one": ["3", "4"], "02_two": ["3", "3"]}.items():
        cells = [cell for number, text in enumerate(arrived, 1) for cell in exercise(number, text)]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A lab\n\n## How it works"), *cells])
        NotebookClient(notebook, timeout=120).execute()
        notebook.cells += exercise(3, "3") if name == "01_one" else []
        (folder / name).mkdir()
        nbformat.write(notebook, folder / name / f"{name}.ipynb")
        nbformat.write(notebook, folder / name / f"{name}.release2.ipynb")
    return folder


def test_each_exercise_is_what_its_check_said(work: Path) -> None:
    one, two = progress(work).labs
    assert [each.state for each in one.exercises] == [State.passes, State.fails, State.not_run]
    assert [each.title for each in one.exercises] == [f"Exercise {number} · Lengths" for number in (1, 2, 3)]
    assert one.next == "Exercise 2 · Lengths"
    assert one.row["points of checks"] == "2 of 6"
    assert [each.state for each in two.exercises] == [State.passes] * 2
    assert two.next == "hand it in: 6 more points for hidden tests"


def test_a_cell_of_a_lab_finds_its_own_folder(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work / "01_one")
    assert [lab.name for lab in progress().labs] == ["01_one", "02_two"]


def test_the_folder_above_my_labs_is_found_too(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-labs").symlink_to(work)
    monkeypatch.chdir(tmp_path)
    assert len(progress().labs) == 2


def test_the_released_labs_begin_at_nothing() -> None:
    for lab in progress(ROOT / "labs").labs:
        assert lab.problem == ""
        assert {each.state for each in lab.exercises} == {State.not_run}
        assert len(lab.exercises) >= 5
        assert lab.next.startswith("Exercise 1")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": [{}]}', '{"cells": 3}', '{"cells": ["x"]}'])
def test_a_damaged_notebook_is_told_and_the_others_are_shown(tmp_path: Path, content: str) -> None:
    for name, text in {"01_one": content, "02_two": json.dumps({"cells": []})}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.ipynb").write_text(text)
    first, second = progress(tmp_path).labs
    assert first.next.startswith("01_one.ipynb can't be read (")
    assert first.next.endswith("`datakit reset 01_one` gives a fresh one.")
    assert second.problem == ""


def test_a_folder_without_labs_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There are no labs in .*`datakit lab` puts them there"):
        progress(tmp_path)
    told = datakit("progress", "--work", str(tmp_path))
    assert told.returncode == 1
    assert told.stderr.startswith("datakit progress: There are no labs in ")


def test_a_lab_that_is_run_somewhere_else_is_told_so_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(progress()).startswith(f"There are no labs in {tmp_path / 'my-labs'}.")
    assert progress().labs == ()


def test_the_command_shows_a_table(work: Path) -> None:
    lines = datakit("progress", "--work", str(work)).stdout.splitlines()
    assert lines[0].split("  ")[0] == "lab"
    assert lines[1].split() == ["01_one", "✓✗·", "1", "of", "3", "2", "of", "6", "Exercise", "2", "·", "Lengths"]
    assert lines[2].startswith("02_two  ✓✓ ")
