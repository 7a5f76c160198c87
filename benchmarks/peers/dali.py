"""DALI's CPU pipeline: JPEGs are decoded only where the crop lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from nvidia.dali import fn, pipeline_def, types

from benchmarks.converted import tar_shards
from benchmarks.work import MEAN, STD, Epoch, ImageWork

TITLE = "DALI, CPU"
LIBRARIES = ("nvidia-dali-cuda120",)


def images(work: ImageWork) -> Epoch:
    """Run one pipeline with as many threads as there are workers, prefetching two batches."""

    @pipeline_def(  # type: ignore[untyped-decorator]
        batch_size=work.batch_size, num_threads=work.workers, device_id=None, prefetch_queue_depth=2
    )
    def load() -> Any:
        data, labels = fn.readers.file(
            files=work.files, labels=work.labels, random_shuffle=True, initial_fill=256, pad_last_batch=True
        )
        pictures = fn.decoders.image_random_crop(
            data, device="cpu", output_type=types.RGB, random_area=[0.08, 1.0], random_aspect_ratio=[3 / 4, 4 / 3]
        )
        pictures = fn.resize(pictures, size=[work.size, work.size], interp_type=types.INTERP_LINEAR, antialias=True)
        mirror = fn.random.coin_flip(probability=0.5)
        if work.float32:
            mean, std = [255 * value for value in MEAN], [255 * value for value in STD]
            return fn.crop_mirror_normalize(pictures, mean=mean, std=std, mirror=mirror), labels
        return fn.flip(pictures, horizontal=mirror), labels

    pipeline = load()
    pipeline.build()

    def epoch() -> Iterator[Any]:
        # The reader fills the last batch up with repeats, which are left out here.
        left = work.samples
        while left > 0:
            pictures, labels = pipeline.run()
            yield pictures.as_array()[:left], np.asarray(labels.as_array()).ravel()[:left]
            left -= work.batch_size

    return epoch


def shards(work: ImageWork) -> Epoch:
    """Read tars with the reader for the WebDataset convention; it makes an index of each tar when it is built."""
    tars = sorted(str(path) for path in tar_shards(work).glob("*.tar"))

    @pipeline_def(  # type: ignore[untyped-decorator]
        batch_size=work.batch_size, num_threads=max(1, work.workers), device_id=None, prefetch_queue_depth=2
    )
    def load() -> Any:
        return tuple(
            fn.readers.webdataset(
                paths=tars, ext=["jpg", "cls"], random_shuffle=True, initial_fill=256, pad_last_batch=True
            )
        )

    pipeline = load()
    pipeline.build()

    def epoch() -> Iterator[Any]:
        left = work.samples
        while left > 0:
            files, labels = pipeline.run()
            used = range(min(left, work.batch_size))
            yield [files.at(i).tobytes() for i in used], [int(labels.at(i).tobytes()) for i in used]
            left -= work.batch_size

    return epoch
