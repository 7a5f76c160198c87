"""What the workers of test_dask_pool.py run: they import this file by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

from classroom.grading.items import Verdict, WorkItem


def verdict(item: WorkItem) -> Verdict:
    return Verdict(item.lab, item.student, item.digest, measured={"process": os.getpid()})


def slow(item: WorkItem) -> Verdict:
    time.sleep(0.2)
    return verdict(item)


def ends_its_worker(item: WorkItem) -> Verdict:
    os._exit(1)


def first_one_ends_its_worker(item: WorkItem) -> Verdict:
    """Whoever comes first ends its process: a machine that is lost in the middle of its work."""
    time.sleep(0.2)
    try:
        Path(item.files["marker"].decode()).touch(exist_ok=False)
    except FileExistsError:
        return verdict(item)
    os._exit(1)


def fails_for_bad(item: WorkItem) -> Verdict:
    if item.student == "bad":
        raise ValueError("bad luck")
    return verdict(item)
