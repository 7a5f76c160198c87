"""One warm parent for all tests, and small ways to write cells and submissions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil
import pytest

from classroom.grading.items import CellRun, Limits, Step, StepKind, WorkItem
from classroom.grading.learner import Learner
from classroom.grading.sandbox import NoSandboxError
from classroom.grading.warm import WarmParent

SMALL = Limits(cell_seconds=30.0, total_seconds=120.0, memory=512 << 20, processes=64, file_size=32 << 20)
HANGS = 60.0  # seconds after which a test says that something hangs; a quiet machine needs a fraction


@pytest.fixture(scope="session")
def parent() -> Iterator[WarmParent]:
    try:
        warm = WarmParent(modules=())
    except NoSandboxError as error:
        pytest.skip(str(error))
    with warm:
        yield warm


@pytest.fixture
def learner(parent: WarmParent) -> Iterator[Learner]:
    with Learner(parent, {"words.txt": b"one two"}, SMALL) as one:
        yield one


def cell(source: str, own: bool = True, grade_id: str = "") -> Step:
    """A cell for the learner's process."""
    return Step(StepKind.RUN, source, 0, grade_id, own=own)


def printed(run: CellRun) -> str:
    """What a cell printed; it must have run through."""
    assert not run.error, run.error
    return "".join(output["text"] for output in run.outputs if output["output_type"] == "stream").strip()


def submission(
    bad: str, good: str = "def good(x):\n    return x + 1", limits: Limits = SMALL, setup: str = "import math"
) -> WorkItem:
    """Two questions: `bad`, whose answer is up to the test, and `good`, whose points must not depend on it."""
    steps = (
        Step(StepKind.RUN, setup, 0),
        Step(StepKind.RUN, bad, 1, "bad", own=True),
        Step(StepKind.TEST, "assert bad(1) == 2", 2, "bad-check", 1.0),
        Step(StepKind.RUN, good, 3, "good", own=True),
        Step(StepKind.TEST, "assert good(1) == 2", 4, "good-check", 2.0),
        Step(StepKind.TEST, "### BEGIN HIDDEN TESTS\nassert good(5) == 6\n### END HIDDEN TESTS", 5, "good-hidden", 3.0),
    )
    return WorkItem("two", "ada", steps, {"words.txt": b"one two"}, 7, "digest", limits)


def kernels(parent: WarmParent) -> list[psutil.Process]:
    """All living processes of all kernels, keepers among them."""
    below = psutil.Process(parent.pid).children(recursive=True)
    forker = next(process for process in below if process.name().startswith("python"))
    return [process for process in forker.children(recursive=True) if _lives(process)]


def wait_until_alone(parent: WarmParent, others: int = 0) -> None:
    """Wait until the warm parent has no processes below it but ``others`` kernels, each with its keeper."""
    end = time.monotonic() + HANGS
    while True:
        with contextlib.suppress(psutil.NoSuchProcess):
            left = kernels(parent)
            if len(left) <= 2 * others:
                return
        assert time.monotonic() < end, f"processes are left: {left}"
        time.sleep(0.05)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
