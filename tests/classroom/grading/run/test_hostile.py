"""Hostile programs: each ends in time, leaves no process, harms no neighbour and costs no other question a point."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from classroom.grading.grade_item import grade_item
from classroom.grading.items import Verdict
from classroom.grading.learner import Learner
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import HANGS, SMALL, cell, printed, submission, wait_until_alone
from tests.classroom.grading.run.hostile import AT_ONCE, NEVER_ENDS

OTHERS = {"good-check": 2.0, "good-hidden": 3.0}
SLOWER = replace(SMALL, cell_seconds=10.0)  # enough for a good answer on a busy machine
SHORT = replace(SMALL, cell_seconds=4.0)


@pytest.fixture(scope="module")
def neighbour(parent: WarmParent) -> Iterator[Learner]:
    """Another learner's process, which must live through all of it."""
    with Learner(parent, {}, SMALL) as learner:
        learner.run(cell("name = 'untouched'; open('/tmp/mine', 'w').write('mine')"))
        yield learner
        assert printed(learner.run(cell("print(name, open('/tmp/mine').read())"))) == "untouched mine"


def run_against(parent: WarmParent, program: str, limits: object) -> Verdict:
    begin = time.monotonic()
    verdict = grade_item(submission(program, limits=limits), parent)  # type: ignore[arg-type]
    assert time.monotonic() - begin < HANGS
    assert {result.test: result.points for result in verdict.results if result.test in OTHERS} == OTHERS
    assert verdict.results[0].points == 0.0
    wait_until_alone(parent, others=1)
    return verdict


@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize("program", AT_ONCE.values(), ids=AT_ONCE)
def test_what_strikes_at_once(parent: WarmParent, program: str) -> None:
    run_against(parent, program, SLOWER)


@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize("program", NEVER_ENDS.values(), ids=NEVER_ENDS)
def test_what_never_ends(parent: WarmParent, program: str) -> None:
    verdict = run_against(parent, program, SHORT)
    told = [run.error for run in verdict.runs] + [result.error for result in verdict.results]
    assert any(error.startswith("ran longer than 4 s") for error in told)


def test_output_does_not_pile_up_in_the_grader(parent: WarmParent) -> None:
    own = psutil.Process()
    before = own.memory_full_info().uss
    with Learner(parent, {}, SMALL) as learner:
        run = learner.run(cell(AT_ONCE["300 MB of output"]))
        after = own.memory_full_info().uss
    assert after - before < 100 << 20
    assert sum(len(output.get("text", "")) for output in run.outputs) < 2 * SMALL.output
