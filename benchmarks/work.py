"""What a case hands to every peer: the same files, the same batches, the same number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# One call is one epoch: it gives batches, each a pair of images (or other samples) and labels.
Epoch = Callable[[], Iterable[Any]]

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Work:
    """The load of a run.

    Attributes:
        samples: how many samples an epoch has.
        batch_size: samples a batch; the last batch may be smaller.
        workers: worker threads or processes; 0 loads in the main process.
        epochs: how many epochs are timed, after one that is not.
        cache: where corpora and converted copies are kept between runs.
    """

    samples: int
    batch_size: int
    workers: int
    epochs: int
    cache: Path


@dataclass(frozen=True)
class ImageWork(Work):
    """JPEGs → random resized crops with antialiasing, half of them mirrored.

    Attributes:
        files: one JPEG for each sample.
        labels: one class number for each sample.
        size: height and width of the result.
        float32: whether batches are normalised float32; otherwise they are uint8.
    """

    files: list[str]
    labels: list[int]
    size: int
    float32: bool


@dataclass(frozen=True)
class TensorWork(Work):
    """Tensors that already lie in memory, random values.

    Attributes:
        shape: of one sample.
        uint8: whether values are bytes; otherwise float32.
    """

    shape: tuple[int, ...]
    uint8: bool


@dataclass(frozen=True)
class SequenceWork(Work):
    """Sequences of token numbers of unequal length.

    Attributes:
        lengths: one for each sample; token ``j`` of sequence ``i`` is ``(i + j) % 1000``.
    """

    lengths: list[int]
