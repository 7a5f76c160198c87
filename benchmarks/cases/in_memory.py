"""Samples that lie in memory: nothing to decode, so that what is left is the loader itself."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cases.case import THROUGHPUT, Case, Numbers, throughput
from benchmarks.work import Epoch, SequenceWork, TensorWork, Work

# An epoch of the asked length would end before the clock has moved.
TIMES = 20
BATCH = 64


def measure(epoch: Epoch, work: Work) -> Numbers:
    """Check one epoch, then time some more."""
    check(epoch, work)
    return throughput(epoch, work, lambda batch: len(batch[1]))


def check(epoch: Epoch, work: Work) -> None:
    """Run an epoch and look at what arrives.

    Raises:
        ValueError: if a sample is lost or comes twice, or a batch does not belong to its labels.
    """
    arrived: list[int] = []
    for values, labels in epoch():
        arrived += labels.tolist()
        if len(values) != len(labels):
            raise ValueError(f"A batch of {len(values)} samples and {len(labels)} labels arrived.")
        if isinstance(work, SequenceWork) and values[:, 0].tolist() != [label % 1000 for label in labels.tolist()]:
            raise ValueError("Sequences arrived with the labels of others.")
    if sorted(arrived) != list(range(work.samples)):
        raise ValueError(f"{len(arrived)} labels arrived, not each of 0 to {work.samples - 1} once.")


def _items(samples: int, workers: int, epochs: int, cache: Path, parallel: bool) -> Work:
    return Work(samples * TIMES, BATCH, workers if parallel else 0, epochs, cache)


def _tensors(samples: int, workers: int, epochs: int, cache: Path, shape: tuple[int, ...], uint8: bool) -> TensorWork:
    return TensorWork(samples * TIMES, BATCH, 0, epochs, cache, shape, uint8)


def _sequences(samples: int, workers: int, epochs: int, cache: Path) -> SequenceWork:
    draw = random.Random(0)
    lengths = [draw.randint(5, 200) for _ in range(samples * TIMES)]
    return SequenceWork(samples * TIMES, BATCH, workers, epochs, cache, lengths)


def _case(name: str, kind: str, question: str, prepare: Any) -> Case:
    return Case(name, kind, question, THROUGHPUT, prepare, measure)


IN_MEMORY = (
    _case("items", "items", "What does a loader with workers cost a trivial sample?", partial(_items, parallel=True)),
    _case(
        "items-no-workers",
        "items",
        "What does a loader without workers cost a trivial sample?",
        partial(_items, parallel=False),
    ),
    _case(
        "rows",
        "tensors",
        "How fast does a TensorDataset of 32 floats a row become batches, without workers?",
        partial(_tensors, shape=(32,), uint8=False),
    ),
    _case(
        "small-images",
        "tensors",
        "How fast does a TensorDataset of 3×32×32 bytes become batches, without workers?",
        partial(_tensors, shape=(3, 32, 32), uint8=True),
    ),
    _case("sequences", "sequences", "How fast are sequences of 5 to 200 tokens padded into batches?", _sequences),
)
