"""Epochs that can be called by number."""

from __future__ import annotations

import numpy as np

from datakit._errors import check_not_negative


class EpochCounter:
    """Numbers the loops over a sampler: 0, 1, 2, …, or on from where :meth:`set_epoch` put it.

    Attributes:
        epoch: the number of the next loop.
    """

    def __init__(self) -> None:
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Make the next loop epoch number ``epoch``; a resumed run continues so.

        Raises:
            ValueError: if ``epoch`` is not an integer, or is negative.
        """
        check_not_negative(epoch, "epoch", f"{type(self).__name__}.set_epoch")
        self.epoch = epoch

    def _begin_epoch(self) -> int:
        epoch = self.epoch
        self.epoch += 1
        return epoch


class SeededEpochs(EpochCounter):
    """Random numbers that are a function of (seed, epoch), so any epoch can be had again without those before it.

    Args:
        seed: 0 or above. Epochs of neighbouring seeds have nothing in common, as they would with ``seed + epoch``.

    Raises:
        ValueError: if ``seed`` is not an integer, or is negative.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        check_not_negative(seed, "seed", type(self).__name__)
        self.seed = seed

    def _begin_random_epoch(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self._begin_epoch()])
