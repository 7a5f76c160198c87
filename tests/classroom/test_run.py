"""Running and marking one notebook, in a real kernel."""

from __future__ import annotations

import socket

import nbformat
import pytest

from classroom.course import Lab
from classroom.verify.kernel import offline_prefix
from classroom.verify.material import Material, read_material
from classroom.verify.run import Run, run
from classroom.verify.submission import reference_answers, submission, with_seeds, with_start_method

from .conftest import edit

STUBBORN = """\
import time


def double(values):
    while True:
        try:
            time.sleep(9)
        except BaseException:
            pass
"""
LOUD = """\
import warnings


def double(values):
    warnings.warn("loud", stacklevel=1)
    return [2 * value for value in values]
"""
# Right under seed 0 alone.
SLY = """\
def double(values):
    return [2 * value for value in values] if os.environ["DATAKIT_CHECK_SEED"] == "0" else []
"""


@pytest.fixture
def material(lab: Lab) -> Material:
    return read_material(lab)


def graded(material: Material, answers: dict[str, str], *, limit: float = 60.0, prefix: tuple[str, ...] = ()) -> Run:
    answers = {**reference_answers(material.source), **answers}
    notebook = submission(material.release, material.source, answers)
    return run(notebook, material.support, material.root, prefix, limit)


def points(result: Run) -> dict[str, float]:
    return {mark.test: mark.points for mark in result.marks}


def test_a_submission_is_the_release_with_answers_and_whole_tests(material: Material) -> None:
    notebook = submission(material.release, material.source, {"double": "mine = 1"})
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["double"].source == "mine = 1"
    assert cells["lengths"].source.endswith("raise NotImplementedError()")
    assert "BEGIN HIDDEN TESTS" in cells["double-hidden"].source
    assert cells["reflect-copy"].source == "YOUR ANSWER HERE"


def test_a_syntax_error_costs_its_own_exercise_alone(material: Material) -> None:
    result = graded(material, {"double": "def ("})
    assert points(result) == {"double-check": 0, "double-hidden": 0, "lengths-check": 1, "lengths-hidden": 1.5}
    assert result.ended == ""
    assert [failure.partition(":")[0] for failure in result.failed] == ["cell 'double'"]


def test_a_dead_kernel_gives_nothing_for_what_it_never_ran(material: Material) -> None:
    result = graded(material, {"lengths": "import os\n\n\ndef lengths(words):\n    os._exit(1)"})
    assert points(result) == {"double-check": 1, "double-hidden": 2, "lengths-check": 0, "lengths-hidden": 0}
    assert result.ended == "the kernel died in cell 'lengths-check'"
    assert result.marks[-1].text == result.ended


def test_a_hanging_cell_is_interrupted_and_the_rest_goes_on(lab: Lab) -> None:
    edit(lab.root / "nbgrader_config.py", "c.Execute.timeout = 120", "c.Execute.timeout = 2")
    result = graded(read_material(lab), {"double": "def double(values):\n    while True:\n        pass"})
    assert points(result) == {"double-check": 0, "double-hidden": 0, "lengths-check": 1, "lengths-hidden": 1.5}
    assert [mark.timed_out for mark in result.marks] == [True, True, False, False]


def test_a_notebook_that_swallows_interrupts_is_ended(lab: Lab) -> None:
    edit(lab.root / "nbgrader_config.py", "c.Execute.timeout = 120", "c.Execute.timeout = 60")
    result = graded(read_material(lab), {"double": STUBBORN}, limit=8)
    assert result.ended == "the notebook ran longer than 8 s in cell 'double-check'"
    assert set(points(result).values()) == {0}
    assert result.seconds < 30


def test_a_warning_costs_nothing(material: Material) -> None:
    assert points(graded(material, {"double": LOUD}))["double-check"] == 1


def test_seeds_run_each_test_again_in_the_same_kernel(material: Material) -> None:
    answers = {**reference_answers(material.source), "double": SLY}
    notebook = with_seeds(submission(material.release, material.source, answers), range(3))
    marks = run(notebook, material.support, material.root).marks
    found = {(mark.test, mark.seed): mark.full for mark in marks}
    assert len(found) == len(marks) == 16
    assert [found["double-hidden", seed] for seed in (None, 0, 1, 2)] == [True, True, False, False]
    assert all(full for (test, _), full in found.items() if test.startswith("lengths"))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_start_method_is_set_before_the_first_cell(material: Material, method: str) -> None:
    notebook = with_start_method(submission(material.release, material.source, {}), method)
    probe = "import multiprocessing\nprint(multiprocessing.get_start_method())"
    notebook.cells.insert(1, nbformat.v4.new_code_cell(probe))
    run(notebook, material.support, material.root)
    assert notebook.cells[1].outputs[0].text == f"{method}\n"


def test_there_is_no_network_behind_the_prefix(material: Material) -> None:
    try:
        prefix = offline_prefix()
    except OSError as why:
        pytest.skip(str(why))
    probe = "print(*[line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])"
    notebook = submission(material.release, material.source, reference_answers(material.source))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(probe))
    result = run(notebook, material.support, material.root, prefix)
    assert all(mark.full for mark in result.marks)
    assert notebook.cells[0].outputs[0].text == "lo\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        reach = f"import socket\nsocket.create_connection({server.getsockname()!r}, timeout=5)"
        for words, errors in (((), 0), (prefix, 1)):
            notebook.cells[0] = nbformat.v4.new_code_cell(reach)
            assert len(run(notebook, material.support, material.root, words).failed) == errors
