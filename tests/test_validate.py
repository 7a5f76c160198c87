"""Validate in a learner's own folder, where no course's settings lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from datakit.lab_server import environment

# What the Validate button's server extension does, with the server's environment and working directory.
VALIDATE = """
import sys
from nbgrader.apps.baseapp import NbGrader
from nbgrader.validator import Validator

app = NbGrader()
app.load_config_file()
print(Validator(config=app.config).validate(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("import warnings\nwarnings.warn('old')\nassert answer == 42", "{}"),
        ("import warnings\nwarnings.warn('old')\nassert answer == 41", "AssertionError"),
    ],
)
def test_a_warning_in_a_check_costs_nothing(tmp_path: Path, test: str, expected: str) -> None:
    flags = {"grade": True, "grade_id": "answer", "locked": True, "points": 1, "schema_version": 3, "solution": False}
    cells = [
        nbformat.v4.new_code_cell("answer = 42"),
        nbformat.v4.new_code_cell(test, metadata={"nbgrader": {**flags, "task": False}}),
        nbformat.v4.new_code_cell("print('the end')"),
    ]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    words = [sys.executable, "-c", VALIDATE, "lab.ipynb"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
