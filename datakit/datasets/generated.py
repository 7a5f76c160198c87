"""Samples that are computed when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex

import numpy as np
from torch.utils.data import Dataset

from datakit._errors import check_positive, kind_of
from datakit.datasets.indexing import position


class GeneratedDataset(Dataset[Any]):
    """Sample ``i`` is ``make(i, rng)``: computed each time, and each time the same.

    The random numbers depend on the seed and the index alone. So a sample doesn't depend on which samples were made
    before it, which worker makes it, or how many workers there are.

    They are NumPy's, because a ``torch.Generator`` on a CPU keeps 32 bits of its seed: of a million samples, a hundred
    or so would be another one's twin.

    Args:
        make: called with the index (0 ≤ index < length) and a ``numpy.random.Generator``; returns a sample of any kind.
            For worker processes that are spawned it must be a function of a module, not a ``lambda``.
        length: how many samples there are.
        seed: another seed makes other samples; 0 or more.

    Raises:
        TypeError: if ``make`` can't be called.
        ValueError: if ``length`` is not a positive integer, or ``seed`` is negative or not an integer.

    Example:
        >>> noise = GeneratedDataset(lambda index, rng: (rng.normal(size=3), index % 2), length=1000)
        >>> x, y = noise[7]
        >>> x.shape, y, bool((x == noise[7][0]).all())
        ((3,), 1, True)

    Source: "Parallel Random Number Generation", NumPy documentation: a sequence of integers as seed.
    """

    def __init__(self, make: Callable[[int, np.random.Generator], Any], length: int, seed: int = 0) -> None:
        if not callable(make):
            raise TypeError(f"GeneratedDataset: make is {kind_of(make)}. Pass a function of an index and a generator.")
        check_positive(length, "length", "GeneratedDataset")
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise ValueError(f"GeneratedDataset: seed must be an integer of 0 or more; {seed!r} arrived.")
        self.make = make
        self.length = length
        self.seed = seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: SupportsIndex) -> Any:
        """Make one sample.

        Raises:
            IndexError: if there is no such sample.
        """
        at = position(index, self.length, "GeneratedDataset")
        return self.make(at, np.random.default_rng([self.seed, at]))
