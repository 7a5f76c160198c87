"""Workers on this machine share one warm parent; one that was killed costs no submission."""

from __future__ import annotations

from dataclasses import replace

import psutil
import pytest

from classroom.grading.grade_runners import on_this_machine
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import submission


def class_of(count: int) -> list[WorkItem]:
    right = submission("def bad(x):\n    return x + 1")
    return [replace(right, student=f"learner-{number}") for number in range(count)]


def warm_parents() -> list[psutil.Process]:
    return [process for process in psutil.Process().children() if process.name() == "bwrap"]


def total(verdict: Verdict) -> float:
    return sum(result.points for result in verdict.results)


@pytest.mark.usefixtures("parent")  # or there is no sandbox here
def test_workers_share_a_warm_parent_and_one_that_is_killed_is_replaced() -> None:
    others = {process.pid for process in warm_parents()}
    verdicts = on_this_machine(1)(class_of(3))
    got = [next(verdicts)]
    [lent] = [process for process in warm_parents() if process.pid not in others]
    lent.kill()
    got += verdicts
    assert {verdict.student: total(verdict) for verdict in got} == dict.fromkeys(
        ["learner-0", "learner-1", "learner-2"], 6.0
    )
    assert {process.pid for process in warm_parents()} == others


def test_two_workers_use_one(parent: WarmParent) -> None:
    others = {process.pid for process in warm_parents()}
    verdicts = on_this_machine(2)(class_of(4))
    first = next(verdicts)
    assert len([process for process in warm_parents() if process.pid not in others]) == 1
    assert [total(verdict) for verdict in [first, *verdicts]] == [6.0] * 4
