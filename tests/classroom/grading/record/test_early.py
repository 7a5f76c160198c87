"""What starts before it is known what there is to do, and what the command line doesn't import."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest

from classroom.course import Lab
from classroom.grading import grade_early, grade_runners, pool
from classroom.grading.sandbox import NoSandboxError

from .learner import Learner

# What comes before the early start must be light; and nothing may be missing for whoever comes after.
LIGHT = """
import sys
import classroom.cli, classroom.grading.grade_early
assert not {"nbgrader", "nbformat", "torch"} & sys.modules.keys(), "imported before the early start"
from classroom.grading.lean import ADDRESSES, import_nbformat
import_nbformat()
assert "nbformat" in sys.modules and ADDRESSES not in sys.modules
__import__(ADDRESSES)
import_nbformat()
assert ADDRESSES in sys.modules
"""


class Started:
    """What was started."""

    def __init__(self) -> None:
        self.modules: list[str] = []

    def begin(self, learner: Learner, *students: str, everything: bool = False) -> grade_runners.Lender:
        return grade_early.begin(learner.course, learner.lab, 2, students, everything=everything, unsafe=False)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Starts a warm parent that imports nothing, and no worker: many seconds of work that other tests do."""
    started = Started()
    monkeypatch.setattr(pool, "prepare", started.modules.extend)
    monkeypatch.setattr(grade_runners, "MODULES", ())
    return started


def test_the_command_line_is_light() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_new_submission_starts_what_it_needs(ada: Learner, started: Started) -> None:
    with started.begin(ada) as lender:
        assert (started.modules[0], started.modules[-1]) == (grade_runners.FIRST, grade_runners.LAST)
        begun = lender._parent
        if begun is None:
            with pytest.raises(NoSandboxError):
                lender.lend()
            pytest.skip("there is no sandbox here")
        assert lender.suits(started.modules[1:-1], gpu=False)
        assert not lender.suits([], gpu=True) and not lender.suits(["antigravity"], gpu=False)
        assert lender.lend() is begun and begun.alive
        last = lender.lend()  # asked again, since a worker died
        assert last is not begun and last.alive and not begun.alive
    assert not last.alive


@pytest.mark.parametrize(("students", "everything"), [((), False), (("bob",), True)])
def test_an_unchanged_class_and_an_empty_one_start_nothing(
    ada: Learner, started: Started, students: tuple[str, ...], everything: bool
) -> None:
    (ada.course.work / "autograded" / ada.name / ada.lab.name).mkdir(parents=True)
    with started.begin(ada, *students, everything=everything) as lender:
        assert lender._parent is None
    assert started.modules == []


def test_only_what_learners_get_tells_what_is_imported(ada: Learner, built_lab: Lab) -> None:
    path = built_lab.release / f"{built_lab.name}.ipynb"
    notebook = ada.notebook()
    cell = nbformat.v4.new_code_cell(
        "%matplotlib inline\nimport csv\nfrom heapq import merge\nif x:\n    import bisect"
    )
    notebook.cells = [nbformat.v4.new_markdown_cell("import this"), cell]
    nbformat.write(notebook, path)
    assert grade_early._modules(built_lab) == ["bisect", "csv", "heapq"]
    path.write_text("{")
    assert grade_early._modules(built_lab) == []
