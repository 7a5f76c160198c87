"""LitData: its own chunks of a fixed number of bytes, read by its StreamingDataLoader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litdata import StreamingDataLoader, StreamingDataset
from litdata.streaming.cache import Cache

from benchmarks.converted import converted, records
from benchmarks.sample import TensorSample
from benchmarks.work import Epoch, ImageWork

TITLE = "LitData"
LIBRARIES = ("litdata", "torch", "torchvision")


class Samples(StreamingDataset):  # type: ignore[misc]
    """Chunks → samples; the transform runs in the worker."""

    def __init__(self, folder: Path, work: ImageWork) -> None:
        super().__init__(input_dir=str(folder), shuffle=True)
        self.sample = TensorSample(work)

    def __getitem__(self, index: Any) -> Any:
        data, label = super().__getitem__(index)
        return self.sample(data), label


def images(work: ImageWork) -> Epoch:
    """Load with worker processes that stay for the next epoch."""
    folder = converted(work, "litdata", lambda folder: _write(folder, work))
    loader = StreamingDataLoader(
        Samples(folder, work),
        batch_size=work.batch_size,
        num_workers=work.workers,
        persistent_workers=work.workers > 0,
        shuffle=True,
    )
    return lambda: loader


def _write(folder: Path, work: ImageWork) -> None:
    cache = Cache(str(folder), chunk_bytes=1 << 26)
    for number, record in enumerate(records(work)):
        cache[number] = record
    cache.done()
    cache.merge()
