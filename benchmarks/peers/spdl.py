"""SPDL: a pipeline of concurrent stages in threads."""

from __future__ import annotations

import random
from typing import Any

import spdl.pipeline
from torch.utils.data import default_collate

from benchmarks.sample import FileSamples
from benchmarks.work import Epoch, ImageWork

TITLE = "SPDL"
LIBRARIES = ("spdl", "torch", "torchvision")


def images(work: ImageWork) -> Epoch:
    """Make samples in as many threads as there are workers; collate in a stage of its own."""
    samples = FileSamples(work)

    def epoch() -> Any:
        order = random.sample(range(len(samples)), len(samples))
        pipeline = (
            spdl.pipeline.PipelineBuilder()
            .add_source(order)
            .pipe(samples.__getitem__, concurrency=work.workers)
            .aggregate(work.batch_size)
            .pipe(default_collate)
            .add_sink(2)
            .build(num_threads=work.workers)
        )
        with pipeline.auto_stop():
            yield from pipeline

    return epoch
