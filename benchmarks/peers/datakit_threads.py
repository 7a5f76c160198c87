"""datakit's DataLoader with threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.converted import tar_shards
from benchmarks.lean import lean_images, normalised
from benchmarks.memory_data import Items, columns, token_sequences
from benchmarks.work import Epoch, ImageWork, SequenceWork, TensorWork, Work
from datakit import DataLoader, ShardStream, TensorDataset, pad_sequences

TITLE = "datakit, threads"
LIBRARIES = ("torch", "simplejpeg")


def images(work: ImageWork) -> Epoch:
    """Write lean samples straight into the batch; a whole batch is normalised in the main thread."""
    loader = _loader(lean_images(work), work, shuffle=True)
    return (lambda: normalised(loader)) if work.float32 else (lambda: loader)


def items(work: Work) -> Epoch:
    """Load trivial samples."""
    loader = _loader(Items(work.samples), work, shuffle=True)
    return lambda: loader


def tensors(work: TensorWork) -> Epoch:
    """Load a TensorDataset."""
    loader = _loader(TensorDataset(*columns(work)), work, shuffle=True)
    return lambda: loader


def sequences(work: SequenceWork) -> Epoch:
    """Pad sequences to the longest of the batch, in the worker."""
    samples = [(tokens, label) for label, tokens in enumerate(token_sequences(work))]
    loader = _loader(samples, work, shuffle=True, collate_fn=pad_sequences)
    return lambda: ((padded.values, labels) for padded, labels in loader)


def shards(work: ImageWork) -> Epoch:
    """Stream tar shards; each thread reads its own."""
    urls = sorted(str(path) for path in tar_shards(work).glob("*.tar"))
    loader = _loader(ShardStream(urls, shuffle_buffer=256), work, collate_fn=_bytes_and_labels)
    return lambda: loader


def _loader(dataset: Any, work: Work, shuffle: bool = False, collate_fn: Callable[[Any], Any] | None = None) -> Any:
    return DataLoader(
        dataset,
        work.batch_size,
        shuffle=shuffle,
        collate_fn=collate_fn,
        num_workers=work.workers,
        workers="thread",
        persistent_workers=work.workers > 0,
    )


def _bytes_and_labels(batch: list[dict[str, Any]]) -> tuple[list[bytes], torch.Tensor]:
    return [sample["jpg"] for sample in batch], torch.tensor([sample["cls"] for sample in batch])
