"""What travels between the steps of grading: plain, immutable, and small enough to send to another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode  # slow to import, and this module is everywhere


class StepKind(Enum):
    """Who runs a cell."""

    RUN = "run"  # the learner's process: set-up, answers, the learner's own cells
    TEST = "test"  # the examiner: a test cell, hidden tests included


@dataclass(frozen=True)
class Step:
    """One code cell of the rebuilt notebook.

    Args:
        kind: who runs it.
        source: its code.
        cell: its index in the rebuilt notebook.
        grade_id: of an answer or a test, empty for any other cell.
        points: what a test can give.
        own: whether the learner wrote it, as an answer or as an added cell.
        shown: whether it only shows something, by the instructor's word; see `grade_shown`.
    """

    kind: StepKind
    source: str
    cell: int
    grade_id: str = ""
    points: float = 0.0
    own: bool = False
    shown: bool = False


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Args:
        cell_seconds: time for one cell.
        total_seconds: time for all of it.
        memory: bytes of address space and of scratch files, each, for all its processes together.
        processes: how many processes and threads.
        file_size: bytes of one file.
        output: bytes that a cell may print; more is cut off and says so.
        gpu_shares: into how many shares a GPU is divided, of which it gets one; 0 lends none.
    """

    cell_seconds: float = 60.0
    total_seconds: float = 300.0
    memory: int = 6 << 30
    processes: int = 256
    file_size: int = 256 << 20
    output: int = 1 << 20
    gpu_shares: int = 0


@dataclass(frozen=True)
class WorkItem:
    """One submission, ready to be run anywhere.

    Args:
        lab: the lab's name.
        student: the owner's id, as recorded at intake.
        steps: the code cells in their order.
        files: what lies beside the notebook, content by path: only what the instructor released.
        seed: of the hidden tests' inputs.
        digest: of everything that decides the verdict (source, submission, environment).
        limits: what it may use.
    """

    lab: str
    student: str
    steps: tuple[Step, ...]
    files: Mapping[str, bytes]
    seed: int
    digest: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Result:
    """What one test gave.

    Args:
        test: its ``grade_id``.
        points: what it got.
        possible: what it can give.
        hidden: whether learners may not see its source, its inputs or its expected values.
        what: what was tested, in the learner's terms.
        arrived: what arrived; empty for a hidden test, where it could tell the inputs.
        expected: what was expected; empty for a hidden test.
        hint: what to try next.
        mistake: the slug of the recognised mistake, empty if none was recognised.
        error: how it ended if not by a verdict: the learner's own error, "died", "ran longer than 60 s".
        seconds: how long it took.
    """

    test: str
    points: float
    possible: float
    hidden: bool
    what: str = ""
    arrived: str = ""
    expected: str = ""
    hint: str = ""
    mistake: str = ""
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class CellRun:
    """What running one of the learner's cells gave.

    Args:
        cell: its index in the rebuilt notebook.
        outputs: as a notebook holds them; untrusted.
        error: the error's text, or how the process ended; empty if it ran through.
        seconds: how long it took.
    """

    cell: int
    outputs: tuple[NotebookNode, ...]
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """All that grading one submission gave.

    Args:
        lab: the lab's name.
        student: the owner.
        digest: the work item's.
        results: one for each test, in order.
        runs: one for each cell that the learner's process ran.
        refused: why nothing was run, in a sentence; empty if it was graded.
        notes: what an instructor should know, such as a changed test cell.
        measured: seconds, peak memory, and what else the report shows.
    """

    lab: str
    student: str
    digest: str
    results: tuple[Result, ...] = ()
    runs: tuple[CellRun, ...] = ()
    refused: str = ""
    notes: tuple[str, ...] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)
