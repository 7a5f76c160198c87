"""Samples in the order in which the dataset holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch
from torch import Tensor

from datakit.samplers.sizes import check_sized


class SequentialSampler:
    """Every sample once, from first to last.

    Args:
        data_source: the dataset; only its length matters.

    Raises:
        TypeError: if it has no length.

    Example:
        >>> list(SequentialSampler(["a", "b", "c"]))
        [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        check_sized(data_source, "SequentialSampler")
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def draw(self) -> Tensor:
        """Return a whole epoch at once: int64 tensor [N]."""
        return torch.arange(len(self.data_source))

    def __len__(self) -> int:
        return len(self.data_source)
