"""WebDataset: tar shards, read in order by PyTorch's worker processes and shuffled in a buffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import webdataset as wds

from benchmarks.converted import tar_shards
from benchmarks.sample import TensorSample
from benchmarks.work import Epoch, ImageWork

TITLE = "WebDataset"
LIBRARIES = ("webdataset", "torch", "torchvision")


def images(work: ImageWork) -> Epoch:
    """Decode and batch inside the workers, as its documentation advises."""
    return _epoch(work, TensorSample(work))


def shards(work: ImageWork) -> Epoch:
    """Leave the bytes as they are."""
    return _epoch(work, bytes)


def _epoch(work: ImageWork, transform: Callable[[bytes], Any]) -> Epoch:
    urls = sorted(str(path) for path in tar_shards(work).glob("*.tar"))
    dataset = (
        wds.WebDataset(urls, shardshuffle=len(urls), workersplitter=wds.split_by_worker)
        .shuffle(256)
        .to_tuple("jpg", "cls")
        .map_tuple(transform, int)
        .batched(work.batch_size, partial=True)
    )
    loader: Any = wds.WebLoader(dataset, batch_size=None, num_workers=work.workers, persistent_workers=work.workers > 0)
    return lambda: loader
