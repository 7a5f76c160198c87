from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from classroom.cli import app
from classroom.course import Course, Lab

from .conftest import edit


def invoke(course: Course, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments, "--root", str(course.root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_build_then_check(course: Course) -> None:
    code, output = invoke(course, "build", "--check")
    assert code == 1
    assert "labs/mini_lab/mini_lab.ipynb is missing." in output
    assert "Run `classroom build` and commit labs/." in output
    assert invoke(course, "build", "mini_lab")[0] == 0
    assert invoke(course, "build", "--check") == (0, "labs/ is what solutions/ produces (1 checked).\n")


@pytest.mark.parametrize("command", ["build", "verify"])
def test_an_unknown_lab_is_a_sentence(course: Course, command: str) -> None:
    code, output = invoke(course, command, "07_nothing")
    assert code == 1
    assert output == (
        "Error: There is no lab '07_nothing'. Expected one of: mini_lab. A lab is a folder in solutions/.\n"
    )


@pytest.mark.parametrize("command", ["build", "verify"])
def test_a_broken_lab_is_a_sentence(course: Course, lab: Lab, command: str) -> None:
    edit(lab.script, "#     stage: batch", "#     stage: bus")
    code, output = invoke(course, command)
    assert code == 1
    assert output.startswith("Error: mini_lab.py: the header's stage is 'bus', expected one of storage, sample, batch")


@pytest.mark.parametrize("missing", ["nbgrader_config.py", "jupytext.toml", "solutions"])
def test_a_folder_that_is_no_course_is_a_sentence(course: Course, missing: str) -> None:
    path = course.root / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, output = invoke(course, "build")
    assert code == 1
    assert f"has no {missing}. Expected the folder that holds solutions/" in output
    assert "Start there, or name it with --root." in output


def test_nbgraders_own_refusal_is_told(course: Course, lab: Lab) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.ClearSolutions.code_stub = {"R": "stop()"}\n')
    code, output = invoke(course, "build")
    assert code == 1
    assert "nbgrader couldn't make the release of 'mini_lab'. It says:" in output
    assert "language 'python' has not been specified" in output
