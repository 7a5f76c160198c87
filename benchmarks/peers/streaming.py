"""MosaicML Streaming: its own shards, read by PyTorch's DataLoader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streaming import MDSWriter, StreamingDataset
from torch.utils.data import DataLoader

from benchmarks.converted import converted, records
from benchmarks.sample import TensorSample
from benchmarks.work import Epoch, ImageWork

TITLE = "MosaicML Streaming"
LIBRARIES = ("mosaicml-streaming", "torch", "torchvision")


class Samples(StreamingDataset):  # type: ignore[misc]
    """Shards → samples; the transform runs in the worker."""

    def __init__(self, folder: Path, work: ImageWork) -> None:
        super().__init__(local=str(folder), shuffle=True, batch_size=work.batch_size)
        self.sample = TensorSample(work)

    def __getitem__(self, index: int) -> Any:
        record = super().__getitem__(index)
        return self.sample(record["jpg"]), record["label"]


def images(work: ImageWork) -> Epoch:
    """Load with worker processes that stay for the next epoch."""
    folder = converted(work, "streaming", lambda folder: _write(folder / "shards", work)) / "shards"
    loader = DataLoader(
        Samples(folder, work), work.batch_size, num_workers=work.workers, persistent_workers=work.workers > 0
    )
    return lambda: loader


def _write(folder: Path, work: ImageWork) -> None:
    with MDSWriter(out=str(folder), columns={"jpg": "bytes", "label": "int"}) as writer:
        for data, label in records(work):
            writer.write({"jpg": data, "label": label})
