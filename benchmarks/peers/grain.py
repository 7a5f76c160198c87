"""Grain: a pipeline over a random-access source, in worker processes or in threads."""

from __future__ import annotations

from itertools import count
from typing import Any

import grain.python as grain
import numpy as np

from benchmarks.sample import FileSamples
from benchmarks.work import Epoch, ImageWork

TITLE = "Grain"
LIBRARIES = ("grain", "torch", "torchvision")


def images(work: ImageWork) -> Epoch:
    """Read with threads: faster here than worker processes, because decoding releases the GIL."""
    samples = FileSamples(work)
    seeds = count()

    def make(index: int) -> tuple[Any, Any]:
        image, label = samples[index]
        return image.numpy(), np.int64(label)

    def epoch() -> Any:
        dataset = grain.MapDataset.range(len(samples)).shuffle(seed=next(seeds)).map(make)
        options = grain.ReadOptions(num_threads=work.workers, prefetch_buffer_size=2 * work.batch_size)
        return dataset.to_iter_dataset(options).batch(work.batch_size)

    return epoch
