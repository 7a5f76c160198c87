"""What a verification found counts until anything that it rests on changes, and only if everything passed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom.cli import app
from classroom.course import VERIFIED, Lab
from classroom.verify.remembered import BESIDE, basis_of, recall, remember
from classroom.verify.rows import Row, Status

from .conftest import edit, take_away_known_answers

ROWS = [Row("reference answers get full marks", Status.passed, "5.5 of 5.5 points", ()), Row("b", Status.passed, "½")]


def test_what_was_found_is_recalled(lab: Lab) -> None:
    remember(lab, basis_of(lab, 20), ROWS)
    assert recall(lab, basis_of(lab, 20)) == ROWS


@pytest.mark.parametrize("status", [Status.failed, Status.skipped])
def test_only_what_passed_whole_is_kept(lab: Lab, status: Status) -> None:
    basis = basis_of(lab, 20)
    remember(lab, basis, ROWS)
    remember(lab, basis, [*ROWS, Row("c", status, "", ("why",))])
    assert recall(lab, basis) is None


def test_another_number_of_seeds_is_another_verification(lab: Lab) -> None:
    assert basis_of(lab, 20) != basis_of(lab, 2)


def test_a_changed_lab_is_verified_again(lab: Lab) -> None:
    before = basis_of(lab, 20)
    edit(lab.script, "    return [len(word) for word in words]", "    return list(map(len, words))")
    changed = basis_of(lab, 20)
    (lab.answers / "wrong" / "double" / "new.py").write_text("# New.\n# hint: none\n")
    assert len({before, changed, basis_of(lab, 20)}) == 3


@pytest.mark.parametrize("setting", ["nbgrader_config.py", "requirements.lock"])
def test_changed_settings_and_packages_count(lab: Lab, setting: str) -> None:
    before = basis_of(lab, 20)
    with (lab.root / setting).open("a") as file:
        file.write("# another line\n")
    assert basis_of(lab, 20) != before


@pytest.mark.parametrize("path", [".ruff_cache/0.8/tag", ".DS_Store", "__pycache__/lab.pyc"])
def test_what_programs_leave_behind_does_not_count(lab: Lab, path: str) -> None:
    before = basis_of(lab, 20)
    (lab.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (lab.folder / path).write_text("left behind")
    assert basis_of(lab, 20) == before


def test_verification_imports_nothing_that_does_not_count() -> None:
    program = (
        "import importlib, pkgutil, sys, classroom.verify as verify\n"
        "names = [found.name for found in pkgutil.iter_modules(verify.__path__)]\n"
        "[importlib.import_module(f'classroom.verify.{name}') for name in names]\n"
        "print(*(name for name in sys.modules if name.startswith('classroom.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=280)
    imported = {name.split(".")[1] for name in done.stdout.split()}
    assert {"verify", "grading"} <= imported
    assert not imported & set(BESIDE)


def test_a_changed_package_counts(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "datakit"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr("datakit.__file__", str(package / "__init__.py"))
    before = basis_of(lab, 20)
    (package / "loader.py").write_text("x = 1\n")
    assert basis_of(lab, 20) != before


def test_what_python_and_the_verification_itself_leave_behind_does_not_count(lab: Lab) -> None:
    before = basis_of(lab, 20)
    remember(lab, before, ROWS)
    (lab.folder / "__pycache__").mkdir(exist_ok=True)
    (lab.folder / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert basis_of(lab, 20) == before
    assert Path(VERIFIED) not in lab.support_files()


@pytest.mark.parametrize("text", ["", "[]", '{"basis": 3}', "{", '{"basis": "BASIS", "rows": [{"check": "a"}]}'])
def test_a_damaged_record_is_none(lab: Lab, text: str) -> None:
    basis = basis_of(lab, 20)
    (lab.folder / VERIFIED).write_text(text.replace("BASIS", basis))
    assert recall(lab, basis) is None


def test_the_command_shows_what_was_found_and_looks_again_when_asked(lab: Lab) -> None:
    take_away_known_answers(lab)
    remember(lab, basis_of(lab, 1), ROWS)
    command = ["verify", "--root", str(lab.root), "--seeds", "1"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0
    assert "5.5 of 5.5 points" in shown.output
    assert "Nothing has changed since this was found" in shown.output
    edit(lab.script, "    return [len(word) for word in words]", "    return [0 for word in words]")
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 1
    assert "Nothing has changed" not in again.output
    assert not (lab.folder / VERIFIED).exists()
