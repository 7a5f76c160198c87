"""Batches that hold every class equally often: the second answer to classes of unequal size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datakit._errors import check_positive
from datakit.samplers.by_class import Targets, rows_by_class
from datakit.samplers.epochs import SeededEpochs


class ClassBalancedBatchSampler(SeededEpochs):
    """Batches with the same number of samples of each class, in random order.

    Each class is a deck of cards of its own: shuffled, dealt out, and shuffled again when it is empty. So the samples
    of a class come equally often, and those of a small class more often than those of a large one.

    Where :class:`WeightedRandomSampler` balances the classes on average, here each single batch is balanced.

    Args:
        targets: N class numbers or names, one for each sample.
        samples_per_class: how many samples of each class a batch has; a batch has this times the number of classes.
        num_batches: how many batches an epoch has; by default enough for every sample to come.
        seed: with the epoch's number it fixes the order.

    Attributes:
        classes: the class numbers or names, sorted.
        batch_size: how many indices a batch has.
        epoch: the number of the next loop; see :meth:`set_epoch`.

    Raises:
        TypeError: if targets are neither integers nor strings.
        ValueError: if there are no targets, or a number is out of range.

    Example:
        >>> labels = ["cat", "dog", "dog", "dog", "dog"]
        >>> batches = ClassBalancedBatchSampler(labels, samples_per_class=1)
        >>> [sorted(labels[i] for i in batch) for batch in batches]
        [['cat', 'dog'], ['cat', 'dog'], ['cat', 'dog'], ['cat', 'dog']]
    """

    def __init__(self, targets: Targets, samples_per_class: int, num_batches: int | None = None, seed: int = 0) -> None:
        super().__init__(seed)
        check_positive(samples_per_class, "samples_per_class", "ClassBalancedBatchSampler")
        if num_batches is not None:
            check_positive(num_batches, "num_batches", "ClassBalancedBatchSampler")
        self._groups = rows_by_class(targets, "ClassBalancedBatchSampler")
        self.samples_per_class = samples_per_class
        self.num_batches = num_batches or -(-max(map(len, self._groups.values())) // samples_per_class)
        self.classes: list[Any] = list(self._groups)
        self.batch_size = samples_per_class * len(self.classes)

    def __iter__(self) -> Iterator[list[int]]:
        # The epoch is taken here, not at the first batch: two loops at once are two epochs.
        return self._batches(self._begin_random_epoch())

    def __len__(self) -> int:
        return self.num_batches

    def _batches(self, rng: np.random.Generator) -> Iterator[list[int]]:
        decks = [_dealt(rows, rng) for rows in self._groups.values()]
        for _ in range(self.num_batches):
            batch = [next(deck) for deck in decks for _ in range(self.samples_per_class)]
            # Mixed, so that a batch that is cut in pieces later has all classes in each piece.
            yield rng.permutation(batch).tolist()


def _dealt(rows: NDArray[np.int64], rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(rows).tolist()
