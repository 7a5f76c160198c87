"""Data that lies in memory, the same for every peer."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import Dataset

from benchmarks.work import SequenceWork, TensorWork


class Items(Dataset[tuple[Tensor, int]]):
    """A dataset that does nearly nothing, so that what is left is the loader: sample ``i`` is (row ``i``, ``i``)."""

    def __init__(self, n: int) -> None:
        self.rows = torch.arange(n * 8, dtype=torch.float32).view(n, 8)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.rows[index], index


def columns(work: TensorWork) -> tuple[Tensor, Tensor]:
    """Make the two columns of a TensorDataset: values, and the samples' numbers as labels."""
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(0, 256, (work.samples, *work.shape), dtype=torch.uint8, generator=generator)
    return values if work.uint8 else values.float(), torch.arange(work.samples)


def token_sequences(work: SequenceWork) -> list[Tensor]:
    """Make the sequences, int64 [length] each."""
    return [torch.arange(i, i + length) % 1000 for i, length in enumerate(work.lengths)]
