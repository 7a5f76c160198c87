"""The examiner gives the points and the hints that the same tests give when they run beside the learner's code."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from nbformat import NotebookNode

from classroom.answers import Answer, read_answers
from classroom.cell_code import plain_python
from classroom.course import Lab
from classroom.exercises import exercise_of, grade_id, is_answer, is_test
from classroom.source import read_script
from datakit.check import CheckFailed
from datakit.check.seeds import SEED_VARIABLE

from .forked_learner import ForkedLearner

ROOT = Path(__file__).resolve().parents[4]
LABS = {"mini_lab": ROOT / "tests" / "fixtures" / "mini_lab", "01_datasets": ROOT / "solutions" / "01_datasets"}
SEED = 7


def the_lab(name: str, root: Path) -> Lab:
    """A lab in a course of its own."""
    (root / "solutions").mkdir()
    (root / "solutions" / name).symlink_to(LABS[name])
    (root / "jupytext.toml").symlink_to(ROOT / "jupytext.toml")
    return Lab(root, name)


def definitions(notebook: NotebookNode) -> str:
    """What the instructor's cells import and define; nothing of what they try out or show."""
    kept: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_answer(cell) and not is_test(cell):
            kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            tree = ast.parse(plain_python(cell.source))
            kept += [ast.unparse(node) for node in tree.body if isinstance(node, kinds)]
    return "\n".join(kept)


def variants(notebook: NotebookNode, answers: list[Answer]) -> Iterator[tuple[str, str, str, bool, str]]:
    """Every known answer: exercise, label, source, whether it is right, and its hint."""
    for cell in notebook.cells:
        if is_answer(cell):
            yield grade_id(cell), f"reference/{grade_id(cell)}", cell.source, True, ""
    for answer in answers:
        yield answer.exercise, answer.label, answer.source, answer.right, answer.hint


def beside(test: str, set_up: str, answer: str) -> tuple[bool, str, str]:
    """Run a test in the same process as the answer: whether it passes, its hint, and the error's type."""
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(set_up, namespace)
    exec(answer, namespace)
    try:
        exec(test, namespace)
    except CheckFailed as failure:
        return False, failure.hint, ""
    except AssertionError as failure:
        return False, str(failure).removeprefix("Hint: ") if str(failure).startswith("Hint: ") else "", "AssertionError"
    except Exception as error:
        return False, "", type(error).__name__
    return True, "", ""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_known_answer_gets_the_same_verdict_and_the_same_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SEED_VARIABLE, str(SEED))
    wrong: list[str] = []
    counted = 0
    for name in LABS:
        here = tmp_path / name
        here.mkdir()
        lab = the_lab(name, here)
        notebook = read_script(lab)
        tests = {grade_id(cell): cell.source for cell in notebook.cells if is_test(cell)}
        set_up = definitions(notebook)
        (here / "learner").mkdir()
        (here / "beside").mkdir()
        monkeypatch.chdir(here / "beside")
        with ForkedLearner(here / "learner") as learner:
            assert learner.run(set_up) == ""
            for exercise, label, source, right, hint in variants(notebook, read_answers(lab)):
                assert learner.run(source) == ""
                shown, passed = set(), True
                for test in (test for test in tests if exercise_of(test) == exercise):
                    holds, own_hint, error = beside(tests[test], set_up, source)
                    result = learner.examine(tests[test], grade_id=test, set_up=set_up, seed=SEED)
                    counted += 1
                    shown.add(result.mistake)
                    passed &= result.points == 2.0
                    if (result.points == 2.0, result.hint) != (holds, own_hint) or error not in (result.error or error):
                        wrong.append(f"{label} in {test}: {holds, own_hint, error} beside, but {result}")
                if passed != right or (hint and hint not in shown):
                    wrong.append(f"{label}: passed {passed}, mistakes {shown}")
            assert learner.run("") == ""
    assert wrong == []
    assert counted > 200
