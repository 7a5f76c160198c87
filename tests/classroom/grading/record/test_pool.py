"""Processes on this machine: a worker that dies costs its own submission alone, and none is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from classroom.grading.intake_refused import name_of
from classroom.grading.items import Step, StepKind, Verdict, WorkItem
from classroom.grading.pool import Workers, grade_here, local
from classroom.grading.sandbox import NoSandboxError

from .fakes import fail, judge, judge_or_die

ROOT = Path(__file__).resolve().parents[4]
KILLER = "'KILL THE GRADER'"
LONG = """
from classroom.grading.pool import grade_here, local
from tests.classroom.grading.record.fakes import wait_long
from tests.classroom.grading.record.test_pool import items
if __name__ == "__main__":
    list(grade_here(items(4), wait_long, local(2, [wait_long.__module__])))
"""


def items(count: int, killers: tuple[int, ...] = ()) -> list[WorkItem]:
    sources = [KILLER if number in killers else "1" for number in range(count)]
    return [
        WorkItem("lab", f"learner-{number}", (Step(StepKind.RUN, source, 0, own=True),), {}, 0, str(number))
        for number, source in enumerate(sources)
    ]


def test_everybody_gets_one_verdict_though_workers_die() -> None:
    verdicts = list(grade_here(items(12, killers=(3, 8)), judge_or_die, local(2, [judge.__module__])))
    assert Counter(verdict.student for verdict in verdicts) == {f"learner-{number}": 1 for number in range(12)}
    refused = {verdict.student: name_of(verdict.refused) for verdict in verdicts if verdict.refused}
    assert refused == {"learner-3": "grader-failed", "learner-8": "grader-failed"}
    assert multiprocessing.active_children() == []


def threads(count: int = 2) -> Workers:
    return Workers(lambda: ThreadPoolExecutor(count), count)


def test_a_fault_of_the_grader_is_told_and_the_rest_goes_on() -> None:
    verdicts = list(grade_here(items(3), fail, threads()))
    assert [name_of(verdict.refused) for verdict in verdicts] == ["grader-failed"] * 3
    assert "RuntimeError: no such luck" in verdicts[0].refused


def test_without_a_sandbox_nothing_is_graded() -> None:
    def refuse(item: WorkItem) -> Verdict:
        raise NoSandboxError("no bwrap")

    with pytest.raises(NoSandboxError):
        list(grade_here(items(3), refuse, threads()))


def test_a_verdict_is_its_items_own() -> None:
    def forge(item: WorkItem) -> Verdict:
        return Verdict("other", "eve", "forged")

    verdict = next(iter(grade_here(items(1), forge, threads())))
    assert (verdict.lab, verdict.student, verdict.digest) == ("lab", "learner-0", "0")


def test_no_more_run_at_a_time_than_there_are_slots() -> None:
    running, most = [], []

    def watch(item: WorkItem) -> Verdict:
        running.append(item)
        most.append(len(running))
        time.sleep(0.01)
        running.remove(item)
        return judge(item)

    list(grade_here(items(20), watch, Workers(lambda: ThreadPoolExecutor(20), 3)))
    assert max(most) <= 3


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_no_process_is_left_when_the_grader_is_ended(how: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LONG],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    left = psutil.Process(process.pid).children(recursive=True)
    assert len(left) >= 2
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # a terminal sends it to all of them
    else:
        process.kill()
    process.wait(60)
    _, alive = psutil.wait_procs(left, 60)
    assert alive == []
