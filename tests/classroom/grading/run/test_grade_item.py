"""One submission: every question gets its own points, whatever another one does to the process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classroom.grading.grade_item import grade_item
from classroom.grading.grade_modules import instructors_modules
from classroom.grading.items import Limits, Step, StepKind, Verdict, WorkItem
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import SMALL, submission, wait_until_alone

RIGHT = "def bad(x):\n    return x + 1"
QUICK = replace(SMALL, cell_seconds=4.0)


def points(verdict: Verdict) -> dict[str, float]:
    return {result.test: result.points for result in verdict.results}


FULL = {"bad-check": 1.0, "good-check": 2.0, "good-hidden": 3.0}
ALL_BUT_BAD = {**FULL, "bad-check": 0.0}


def test_right_answers_get_full_marks_in_one_process(parent: WarmParent) -> None:
    verdict = grade_item(submission(RIGHT), parent)
    assert points(verdict) == FULL
    assert [run.cell for run in verdict.runs] == [0, 1, 3]
    assert verdict.notes == () and verdict.measured["processes"] == 1
    assert (verdict.lab, verdict.student, verdict.digest) == ("two", "ada", "digest")


def test_a_wrong_answer_costs_its_own_question(parent: WarmParent) -> None:
    verdict = grade_item(submission("def bad(x):\n    return x"), parent)
    assert points(verdict) == ALL_BUT_BAD and verdict.measured["processes"] == 1


@pytest.mark.parametrize(
    "answer",
    [
        "import os; os._exit(0)",  # while the cell runs
        "def bad(x):\n    import os\n    os._exit(0)",  # while the test runs
        "def bad(x):\n    raise SystemExit",
        "def bad(x):\n    import ctypes\n    ctypes.string_at(0)",
    ],
)
def test_a_dead_process_costs_the_question_that_killed_it(parent: WarmParent, answer: str) -> None:
    verdict = grade_item(submission(answer), parent)
    assert points(verdict) == ALL_BUT_BAD
    wait_until_alone(parent)


def test_an_answer_that_never_ends_costs_its_question(parent: WarmParent) -> None:
    verdict = grade_item(submission("def bad(x):\n    while True: pass", limits=QUICK), parent)
    assert points(verdict) == ALL_BUT_BAD
    assert verdict.results[0].error == "ran longer than 4 s"


@pytest.mark.parametrize(
    "trap",
    [
        # springs while another question is examined, or while its cell runs
        "import threading, os\nthreading.Timer(0.3, os._exit, [0]).start()",
        # nobody can enter, or whoever enters hears nonsense
        "from classroom.grading.inside import door\ndoor._listening[0].close()",
        "from classroom.grading import agent\nagent.serve = lambda connection, names: connection.sendall(b'x' * 9999)",
    ],
)
def test_a_trap_for_other_questions_springs_without_harm(parent: WarmParent, trap: str) -> None:
    slow_good = "import time\ntime.sleep(1)\ndef good(x):\n    return x + 1"
    verdict = grade_item(submission(f"{trap}\n{RIGHT}", slow_good), parent)
    assert points(verdict) | {"bad-check": 0.0} == ALL_BUT_BAD
    assert verdict.notes


def test_the_last_cells_run_although_no_test_follows(parent: WarmParent) -> None:
    item = submission(RIGHT)
    item = replace(item, steps=(*item.steps, Step(StepKind.RUN, "print(good(1))", 6, own=True)))
    verdict = grade_item(item, parent)
    assert verdict.runs[-1].cell == 6 and verdict.runs[-1].outputs[0]["text"] == "2\n"


def test_time_for_the_whole_is_limited(parent: WarmParent) -> None:
    limits = Limits(cell_seconds=30.0, total_seconds=3.0, memory=512 << 20)
    verdict = grade_item(submission("import time\ntime.sleep(60)", limits=limits), parent)
    assert points(verdict) == dict.fromkeys(FULL, 0.0)
    assert verdict.results[-1].error == "the submission ran longer than 3 s"
    assert verdict.results[-1].hidden and verdict.results[-1].possible == 3.0


def test_names_of_a_killed_question_are_not_missed_by_added_cells(parent: WarmParent) -> None:
    item = submission("import os; os._exit(0)", "def good(x):\n    return helper(x)")
    added = Step(StepKind.RUN, "def helper(x):\n    return x + 1", 2, own=True)
    item = replace(item, steps=(*item.steps[:1], added, *item.steps[1:]))
    assert points(grade_item(item, parent)) == ALL_BUT_BAD


def test_the_lab_says_which_modules_are_worth_importing_once() -> None:
    item: WorkItem = submission("import antigravity", setup="from torch.utils.data import Dataset\nimport math")
    assert instructors_modules(item) == {"torch.utils.data", "math"}
