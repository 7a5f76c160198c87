"""Demonstrations are left out where nobody needs them, and run where somebody does."""

from __future__ import annotations

import pytest

from classroom.grading.grade_item import grade_item
from classroom.grading.grade_shown import left_out
from classroom.grading.items import Step, StepKind, WorkItem
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import SMALL


def shows(source: str) -> Step:
    return Step(StepKind.RUN, source, 0, shown=True)


def answer(source: str) -> Step:
    return Step(StepKind.RUN, source, 0, "good", own=True)


CHECK = Step(StepKind.TEST, "assert good(1) == 2", 9, "good-check", 2.0)
PLAIN = answer("def good(x):\n    return x + 1")


def test_what_nobody_uses_is_left_out() -> None:
    steps = [shows("import time as clock\nphotos = [1]"), shows("total = sum(photos)\ntotal"), PLAIN, CHECK]
    assert left_out(steps) == {0, 1}


def test_a_name_of_ones_own_is_no_use_of_another() -> None:
    steps = [
        shows("photos = [1]"),
        answer("def good(photos):\n    return photos + 1\nx = [photos for photos in (1, 2)]"),
    ]
    assert left_out([*steps, CHECK]) == {0}


@pytest.mark.parametrize(
    "source",
    [
        "def good(x):\n    return x + len(total)",  # which in turn needs the first
        "print(_)",
        "def good(x):\n    return globals()['photos'][0] + x",
        "%who",
        "this is no Python",
    ],
)
def test_what_may_be_used_is_kept(source: str) -> None:
    steps = [shows("photos = [1]"), shows("total = photos * 2\ntotal"), answer(source), CHECK]
    assert left_out(steps) == frozenset()


def test_what_a_test_or_a_cell_of_the_instructors_uses_is_kept() -> None:
    test = Step(StepKind.TEST, "assert good(size) == 2", 9, "good-check", 2.0)
    steps = [
        shows("size = 1"),
        shows("unused = 1"),
        shows("used = 1"),
        PLAIN,
        Step(StepKind.RUN, "print(used)", 3),
        test,
    ]
    assert left_out(steps) == {1}


def graded(parent: WarmParent, *steps: Step) -> tuple[list[float], list[int], list[str]]:
    """The points, the steps that ran (each cell has its step's number), and their errors."""
    numbered = tuple(Step(s.kind, s.source, n, s.grade_id, s.points, s.own, s.shown) for n, s in enumerate(steps))
    verdict = grade_item(WorkItem("one", "ada", numbered, {}, 7, "digest", SMALL), parent)
    runs = verdict.runs
    return [result.points for result in verdict.results], [run.cell for run in runs], [run.error for run in runs]


def test_a_demonstration_costs_no_time(parent: WarmParent) -> None:
    assert graded(parent, shows("x = 1"), PLAIN, CHECK, shows("y = 2")) == ([2.0], [1], [""])


def test_an_answer_that_needs_a_demonstrations_file_gets_it(parent: WarmParent) -> None:
    writes = shows("with open('data.txt', 'w') as file:\n    file.write('1')")
    reads = answer("step = int(open('data.txt').read())\ndef good(x):\n    return x + step")
    assert graded(parent, writes, PLAIN, CHECK, reads, CHECK) == ([2.0, 2.0], [0, 1, 3], ["", "", ""])


def test_a_cell_that_fails_anyway_is_told_of_once(parent: WarmParent) -> None:
    points, ran, errors = graded(parent, shows("x = 1"), answer("1 / 0"), CHECK)
    assert (points, ran, errors[0]) == ([0.0], [0, 1], "")
    assert errors[1].startswith("ZeroDivisionError")
