"""tf.data: JPEGs are decoded only where the crop lies."""

from __future__ import annotations

import os
from typing import Any

from benchmarks.work import MEAN, STD, Epoch, ImageWork

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import tensorflow as tf

TITLE = "tf.data"
LIBRARIES = ("tensorflow-cpu",)


def images(work: ImageWork) -> Epoch:
    """Map in parallel, batch, prefetch two batches."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(work.workers)

    def make(file: Any, label: Any) -> tuple[Any, Any]:
        data = tf.io.read_file(file)
        begin, size, _ = tf.image.sample_distorted_bounding_box(
            tf.image.extract_jpeg_shape(data),
            tf.zeros([1, 0, 4], tf.float32),
            aspect_ratio_range=(3 / 4, 4 / 3),
            area_range=(0.08, 1.0),
            max_attempts=10,
            use_image_if_no_bounding_boxes=True,
        )
        window = tf.stack([begin[0], begin[1], size[0], size[1]])
        picture = tf.image.decode_and_crop_jpeg(data, window, channels=3)
        picture = tf.image.resize(picture, [work.size, work.size], antialias=True)
        picture = tf.image.random_flip_left_right(picture)
        if work.float32:
            return (picture / 255 - tf.constant(MEAN)) / tf.constant(STD), label
        return tf.cast(tf.clip_by_value(tf.round(picture), 0, 255), tf.uint8), label

    options = tf.data.Options()
    options.threading.private_threadpool_size = work.workers
    dataset = (
        tf.data.Dataset.from_tensor_slices((work.files, work.labels))
        .shuffle(work.samples)
        .map(make, num_parallel_calls=work.workers)
        .batch(work.batch_size)
        .prefetch(2)
        .with_options(options)
    )
    return dataset.as_numpy_iterator
