"""datakit's lean samples for a work, shared by the peers that load them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torch import Tensor

from benchmarks.corpus import photo_dataset
from benchmarks.work import MEAN, STD, ImageWork
from datakit import LeanImages
from datakit.transforms import NormalizeBatch


def lean_images(work: ImageWork) -> LeanImages:
    """Return the samples of a work."""
    return LeanImages(photo_dataset(work.samples, work.cache), work.size)


def normalised(batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    """Turn each batch into normalised float32, in memory that is used again for the next one."""
    normalise = NormalizeBatch(MEAN, STD)
    for images, labels in batches:
        yield normalise(images), labels
