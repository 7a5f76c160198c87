"""JPEG files → augmented batches: decoded at load time, random resized crop to 224 with antialiasing, flip."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cases.case import THROUGHPUT, Case, Numbers, throughput
from benchmarks.corpus import photo_dataset
from benchmarks.work import Epoch, ImageWork


def prepare(samples: int, workers: int, epochs: int, cache: Path, float32: bool) -> ImageWork:
    """Write the corpus if it is not there."""
    corpus = photo_dataset(samples, cache)
    return ImageWork(
        samples=samples,
        batch_size=64,
        workers=workers,
        epochs=epochs,
        cache=cache,
        files=[str(path) for path in corpus.paths],
        labels=corpus.targets,
        size=224,
        float32=float32,
    )


def measure(epoch: Epoch, work: ImageWork) -> Numbers:
    """Check one epoch, then time some more."""
    check(epoch, work)
    return throughput(epoch, work, lambda batch: len(batch[1]))


def check(epoch: Epoch, work: ImageWork) -> None:
    """Run an epoch and look at what arrives.

    Raises:
        ValueError: if a sample is lost or comes twice, or a batch has another shape or dtype than asked for.
    """
    arrived: Counter[int] = Counter()
    shapes = {(3, work.size, work.size), (work.size, work.size, 3)}
    for images, labels in epoch():
        dtype = str(images.dtype).removeprefix("torch.").removeprefix("<dtype: '").removesuffix("'>")
        if tuple(images.shape[1:]) not in shapes or dtype != ("float32" if work.float32 else "uint8"):
            raise ValueError(f"A batch of {dtype} {tuple(images.shape)} arrived; float32={work.float32} was asked for.")
        if len(images) != len(labels) or len(labels) > work.batch_size:
            raise ValueError(f"A batch of {len(images)} images and {len(labels)} labels arrived.")
        if not float(images[0].max()) > float(images[0].min()):
            raise ValueError("An image of one colour arrived.")
        arrived.update(int(label) for label in labels)
    if arrived != Counter(work.labels):
        raise ValueError(f"Labels {dict(arrived)} arrived; {dict(Counter(work.labels))} were expected.")


def _case(name: str, float32: bool) -> Case:
    kind: Any = partial(prepare, float32=float32)
    return Case(
        name=name,
        kind="images",
        question=f"How many JPEGs a second become augmented {'normalised float32' if float32 else 'uint8'} batches?",
        gains=THROUGHPUT,
        prepare=kind,
        measure=measure,
    )


UINT8 = _case("images-uint8", float32=False)
FLOAT32 = _case("images-float32", float32=True)
