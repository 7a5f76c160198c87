"""How much memory do eight workers take while they load images?"""

from __future__ import annotations

from pathlib import Path

import psutil

from benchmarks.cases.case import Case, Numbers
from benchmarks.cases.images import check
from benchmarks.cases.images import prepare as prepare_images
from benchmarks.work import Epoch, ImageWork

WORKERS = 8
MIB = 2**20


def prepare(samples: int, workers: int, epochs: int, cache: Path) -> ImageWork:
    """Prepare the images, with eight workers whatever was asked for."""
    return prepare_images(samples, WORKERS, epochs, cache, float32=False)


def measure(epoch: Epoch, work: ImageWork) -> Numbers:
    """Look at the memory in the middle of each epoch.

    Counted is the *proportional set size* of all processes: memory that n of them share counts 1/n for each, so that
    the sum is what the machine really gives.
    """
    check(epoch, work)
    sizes = []
    for _ in range(work.epochs):
        for number, _ in enumerate(epoch()):
            if number == work.samples // work.batch_size // 2:
                sizes.append(_memory())
    return {"memory_mib": max(sizes) / MIB, "growth_mib": (sizes[-1] - sizes[0]) / MIB}


def _memory() -> int:
    this = psutil.Process()
    return sum(process.memory_full_info().pss for process in (this, *this.children(recursive=True)))


MEMORY = Case(
    name="memory",
    kind="images",
    question="How much memory do eight workers take while they load images?",
    gains={"memory_mib": False},
    prepare=prepare,
    measure=measure,
)
