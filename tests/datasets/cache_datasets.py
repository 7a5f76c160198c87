"""Datasets for the tests of caches: they count, in memory that workers share, how often each sample is computed."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset


class CountedImages(Dataset[tuple[Tensor, int]]):
    """``n`` images, uint8 [3, 8, 8], whose pixels tell their index."""

    def __init__(self, n: int, offset: int = 0) -> None:
        self.n = n
        self.offset = offset
        self.computed = torch.zeros(n, dtype=torch.int64).share_memory_()

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        self.computed[index] += 1
        return self.image(index), index

    def image(self, index: int) -> Tensor:
        return torch.full((3, 8, 8), (index + self.offset) % 256, dtype=torch.uint8)


def with_process(sample: tuple[Tensor, int]) -> tuple[Tensor, int, int]:
    """A transform that says where it ran."""
    return *sample, os.getpid()


def augment(sample: tuple[Tensor, int]) -> tuple[Tensor, int]:
    """A transform that is random, and that changes its input in place."""
    image, label = sample
    return image.random_(), label


def is_right(dataset: CountedImages, sample: Any, index: int) -> bool:
    return torch.equal(sample[0], dataset.image(index)) and sample[1] == index
