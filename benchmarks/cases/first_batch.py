"""How long does the first batch of a later epoch take, with workers that stayed?"""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import Any

from benchmarks.cases.case import Case, Numbers
from benchmarks.cases.images import check, prepare
from benchmarks.work import Epoch, ImageWork


def measure(epoch: Epoch, work: ImageWork) -> Numbers:
    """Run a whole epoch, then time the first batch of each epoch that follows.

    Each of these epochs is run to its end, because a loop that is left early makes some libraries start anew.
    """
    check(epoch, work)
    waits = []
    for _ in range(work.epochs):
        began = time.perf_counter()
        batches = iter(epoch())
        next(batches)
        waits.append(time.perf_counter() - began)
        for _ in batches:
            pass
    return {"first_batch_ms": statistics.median(waits) * 1000}


_prepare: Any = partial(prepare, float32=False)
FIRST_BATCH = Case(
    name="first-batch",
    kind="images",
    question="How long does the first batch of a later epoch take, with workers that stayed?",
    gains={"first_batch_ms": False},
    prepare=_prepare,
    measure=measure,
)
