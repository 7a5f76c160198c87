"""Batches that mirror the dataset's mix of classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from datakit._errors import check_bool, check_positive
from datakit.samplers.by_class import Targets, rows_by_class
from datakit.samplers.epochs import SeededEpochs


class StratifiedBatchSampler(SeededEpochs):
    """Every sample once an epoch, in random order, each batch with nearly the dataset's proportions of classes.

    Each class is spread evenly over the epoch: of a class with 5 samples, one falls in each fifth of the epoch. The
    batches are then cut from the whole. Nothing is balanced here; what is gained is that batches differ less from each
    other than purely random ones do.

    Args:
        targets: N class numbers or names, one for each sample.
        batch_size: how many indices a batch has.
        drop_last: whether to leave out the last batch if it is smaller than the others.
        seed: with the epoch's number it fixes the order.

    Attributes:
        epoch: the number of the next loop; see :meth:`set_epoch`.

    Raises:
        TypeError: if targets are neither integers nor strings.
        ValueError: if there are no targets, ``batch_size`` or ``seed`` is out of range, or ``drop_last`` is not a bool.

    Source: "Systematic sampling", in W. G. Cochran, *Sampling Techniques*, chapter 8.

    Example:
        >>> labels = [0] * 6 + [1] * 3
        >>> [sum(labels[i] for i in batch) for batch in StratifiedBatchSampler(labels, batch_size=9)]
        [3]
    """

    def __init__(self, targets: Targets, batch_size: int, drop_last: bool = False, seed: int = 0) -> None:
        super().__init__(seed)
        check_positive(batch_size, "batch_size", "StratifiedBatchSampler")
        check_bool(drop_last, "drop_last", "StratifiedBatchSampler")
        self._groups = list(rows_by_class(targets, "StratifiedBatchSampler").values())
        self._size = sum(map(len, self._groups))
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        order = self._order(self._begin_random_epoch()).tolist()
        size = self.batch_size
        return (order[number * size : (number + 1) * size] for number in range(len(self)))

    def __len__(self) -> int:
        return self._size // self.batch_size if self.drop_last else -(-self._size // self.batch_size)

    def _order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        shuffled = [rng.permutation(rows) for rows in self._groups]
        # Sample k of n in its class stands at a random place of its own n-th of the epoch.
        places = [(np.arange(len(rows)) + rng.random()) / len(rows) for rows in self._groups]
        return np.concatenate(shuffled)[np.argsort(np.concatenate(places))]
