"""Four strategies for making samples of photographs, and two ways to load them: what `strategies.py` compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit.collate import default_collate
from datakit.datasets.cache_ram import RAMCache
from datakit.datasets.cached import CachedDataset
from datakit.datasets.images import ImageDataset
from datakit.datasets.tensors import TensorDataset
from datakit.experiments.memory import tensor_bytes
from datakit.loader import DataLoader
from datakit.transforms import Compose, RandomHorizontalFlip, RandomResizedCrop

ON_THE_FLY, PRECOMPUTED, CACHED, HYBRID = "on the fly", "precomputed", "cached in RAM", "hybrid"
BATCH_SIZE = 16
CROP = 224  # pixels, the height and width of what a model sees

Epoch = Callable[[], Iterable[Any]]
"""Begins an epoch: its batches, images uint8 [B, 3, CROP, CROP] and class numbers int64 [B]."""
Begin = Callable[[Any], Epoch]
"""A way to load: dataset → what begins its epochs."""

augment = Compose([RandomResizedCrop(CROP), RandomHorizontalFlip()])


class Remembered(Dataset[tuple[Tensor, int]]):
    """Keeps whatever a dataset gave when it was first asked, crops included: the cache that one writes first."""

    def __init__(self, dataset: ImageDataset) -> None:
        self.dataset = dataset
        self.samples: dict[int, tuple[Tensor, int]] = {}

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if index not in self.samples:
            self.samples[index] = self.dataset[index]
        return self.samples[index]


class Ready(NamedTuple):
    """A strategy that is ready for its first epoch: its dataset, and a function that counts the bytes it holds."""

    dataset: Any
    held: Callable[[], int]


@contextmanager
def one_core() -> Iterator[None]:
    """Keep PyTorch's operators from spreading over all cores, as loaders do in their workers."""
    own = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(own)


def naive_loop(dataset: Any, batch_size: int) -> Iterator[Any]:
    """Yield batches, one sample loaded after the other while everybody waits."""
    for first in range(0, len(dataset), batch_size):
        yield default_collate([dataset[i] for i in range(first, min(first + batch_size, len(dataset)))])


def ready_for(manifest: Path, pixel_bytes: int) -> dict[str, Callable[[Begin], Ready]]:
    """Return, for each strategy, a function that makes everything ready for its first epoch.

    Args:
        manifest: the photographs; see :class:`datakit.ImageDataset`.
        pixel_bytes: the bytes of a decoded photograph.

    Returns:
        Strategy → a function. It is told how a dataset is loaded, because precomputing is loading, too.
    """

    def on_the_fly(begin: Begin) -> Ready:
        return Ready(ImageDataset(manifest, transform=augment), lambda: 0)

    def precomputed(begin: Begin) -> Ready:
        batches = list(begin(on_the_fly(begin).dataset)())
        columns = [torch.cat(column) for column in zip(*batches, strict=True)]
        return Ready(TensorDataset(*columns), lambda: tensor_bytes(columns))

    def cached(begin: Begin) -> Ready:
        dataset = Remembered(on_the_fly(begin).dataset)
        return Ready(dataset, lambda: tensor_bytes(dataset.samples))

    def hybrid(begin: Begin) -> Ready:
        files = ImageDataset(manifest)
        # A cached sample is a little larger than its pixels.
        cache = RAMCache(len(files) * (pixel_bytes + 4096))
        dataset = CachedDataset(files, cache, transform=lambda sample: (augment(sample[0]), sample[1]))
        return Ready(dataset, lambda: cache.nbytes)

    return {ON_THE_FLY: on_the_fly, PRECOMPUTED: precomputed, CACHED: cached, HYBRID: hybrid}


def in_parallel(dataset: Any, workers: int, seed: int) -> Epoch:
    """Load with threads, in the same order each epoch."""
    loader = DataLoader(dataset, BATCH_SIZE, num_workers=workers, workers="thread", persistent_workers=True, seed=seed)
    return lambda: loader
