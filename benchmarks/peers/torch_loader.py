"""PyTorch's DataLoader on what lies in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.memory_data import Items, columns, token_sequences
from benchmarks.work import Epoch, SequenceWork, TensorWork, Work

TITLE = "torch DataLoader"
LIBRARIES = ("torch",)


def items(work: Work) -> Epoch:
    """Load trivial samples."""
    return _loader(Items(work.samples), work)


def tensors(work: TensorWork) -> Epoch:
    """Load a TensorDataset."""
    return _loader(TensorDataset(*columns(work)), work)


def sequences(work: SequenceWork) -> Epoch:
    """Pad sequences to the longest of the batch, in the worker."""
    samples = [(tokens, label) for label, tokens in enumerate(token_sequences(work))]
    return _loader(samples, work, collate_fn=_padded)


def _padded(batch: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    return pad_sequence([tokens for tokens, _ in batch], batch_first=True), torch.tensor([label for _, label in batch])


def _loader(dataset: Any, work: Work, **options: Any) -> Epoch:
    loader: Any = DataLoader(
        dataset,
        work.batch_size,
        shuffle=True,
        num_workers=work.workers,
        persistent_workers=work.workers > 0,
        **options,
    )
    return lambda: loader
