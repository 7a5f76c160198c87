"""Grade one submission in a worker's process. Light to import: what it needs is imported once, for all workers."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace

from classroom.grading import pool
from classroom.grading.gpu_lease import Lease, Shares
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.warm import WarmParent


def grade_one(item: WorkItem) -> Verdict:
    """Grade one submission, with the warm parent that was lent to this process or one of its own."""
    from classroom.grading.grade_item import grade_item

    lent = pool.lent()
    parent = lent if isinstance(lent, WarmParent) else None
    shares = item.limits.gpu_shares
    with Shares(shares).lease() if shares else nullcontext(Lease()) as lease:
        try:
            verdict = grade_item(item, parent, lease.environment)
        except BrokenPipeError:
            if parent is None:
                raise
            # The warm parent was killed. The worker goes, too: the next ones are lent a new one.
            os._exit(1)
    return replace(verdict, notes=(*verdict.notes, *filter(None, [lease.note])))
