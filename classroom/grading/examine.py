"""Reach a verdict on one test, outside the learner's process: see docs/administrators/grading.md."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch

from classroom.exercises import BEGIN_HIDDEN
from classroom.grading.examine_cell import import_table, run_cell
from classroom.grading.examine_process import in_a_process
from classroom.grading.items import Result, Step, WorkItem
from datakit.check.seeds import SEED_VARIABLE

GRACE = 2.0  # seconds that the test's process gets to tell that its time is up


def examine(
    step: Step, connection: socket.socket, item: WorkItem, imports: Mapping[str, object], seconds: float
) -> Result:
    """Run a test cell against the learner's process, and judge.

    The cell runs in a process of its own, forked from this one, in a folder of its own that holds the released files.
    It gives its points if its code runs to the end, and for no other reason.

    Args:
        step: the test.
        connection: to the learner's process, where ``agent.serve`` answers. After a verdict the agent has returned from
            ``serve``; after any other end ("died", "ran longer than …") the connection is of no more use.
        item: the submission.
        imports: names that the instructor's cells import, as far as they are at hand; others are imported when used.
        seconds: how long the test may take.

    Returns:
        The result; it never raises for anything that the learner's process does.
    """
    import_table(item)  # read once here, and known in every process that is forked from this one
    with tempfile.TemporaryDirectory(prefix="datakit-test-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        work = partial(_work, step, connection, item, imports, seconds, root)
        content, ended = in_a_process(work, seconds + GRACE)
    if content is None:
        error = f"ran longer than {seconds:g} s" if ended.startswith("ran") else f"the test's process {ended}"
        return Result(step.grade_id, 0.0, step.points, BEGIN_HIDDEN in step.source, error=error, seconds=seconds)
    return Result(**json.loads(content))


def _work(
    step: Step, connection: socket.socket, item: WorkItem, imports: Mapping[str, object], seconds: float, root: Path
) -> bytes:
    torch.set_num_threads(1)  # the threads of the process from which this one was forked are not here
    os.environ[SEED_VARIABLE] = str(item.seed)
    for name, content in item.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    os.chdir(root)
    sys.path.insert(0, str(root))
    tempfile.tempdir = str(root)
    return json.dumps(asdict(run_cell(step, connection, item, imports, seconds, root))).encode()
