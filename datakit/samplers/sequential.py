"""Samples in the order in which the dataset holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch
from torch import Tensor


class SequentialSampler:
    """Every sample once, from first to last.

    Args:
        data_source: the dataset; only its length matters.

    Example:
        >>> list(SequentialSampler(["a", "b", "c"]))
        [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def draw(self) -> Tensor:
        """Return a whole epoch at once: int64 tensor [N]."""
        return torch.arange(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)
