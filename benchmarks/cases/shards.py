"""Tar shards → batches of bytes and labels: reading and grouping, nothing decoded."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from benchmarks.cases.case import THROUGHPUT, Case, Numbers, throughput
from benchmarks.cases.images import prepare
from benchmarks.work import Epoch, ImageWork


def measure(epoch: Epoch, work: ImageWork) -> Numbers:
    """Check one epoch, then time some more."""
    check(epoch, work)
    return throughput(epoch, work, lambda batch: len(batch[1]))


def check(epoch: Epoch, work: ImageWork) -> None:
    """Run an epoch and look at what arrives.

    Raises:
        ValueError: if a sample is lost or comes twice, or is no JPEG.
    """
    arrived: Counter[int] = Counter()
    for files, labels in epoch():
        if not all(data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9") for data in files):
            raise ValueError("A sample arrived that is not a whole JPEG.")
        arrived.update(int(label) for label in labels)
    if arrived != Counter(work.labels):
        raise ValueError(f"Labels {dict(arrived)} arrived; {dict(Counter(work.labels))} were expected.")


_prepare: Any = partial(prepare, float32=False)
SHARDS = Case(
    name="shards",
    kind="shards",
    question="How fast are JPEGs and labels read from tar shards, shuffled in a buffer of 256?",
    gains=THROUGHPUT,
    prepare=_prepare,
    measure=measure,
)
