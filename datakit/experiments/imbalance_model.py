"""Handwritten digits of which few are eights, and a small model that looks for those few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from datakit.samples import digits

POOL = 80  # eights that a training set may have; the other 94 are kept for the test
COMMON, COMMON_TEST = 400, 500  # other digits, for training and for the test
LEARNING_RATE = 0.3


@dataclass(frozen=True)
class Digits:
    """One way to divide the digits.

    Attributes:
        x: float32 [N, 64], the training pictures; ink is 1, paper 0, and 0.3 is taken off.
        y: int64 [N], 1 for an eight.
        x_test: float32 [594, 64], the test pictures on the same scale.
        y_test: int64 [594].
    """

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor


def divide(rare: int, seed: int) -> Digits:
    """Divide the digits: 400 others and ``rare`` eights train; 500 others and 94 eights test.

    Args:
        rare: how many eights train, 1 … 80. A larger number keeps those of a smaller one, and the test pictures are the
            same for all.
        seed: which pictures.

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed.
    """
    images, labels = digits()
    generator = torch.Generator().manual_seed(seed)

    def shuffled(wanted: Tensor) -> Tensor:
        rows = wanted.nonzero().flatten()
        return rows[torch.randperm(len(rows), generator=generator)]

    eights, others = shuffled(labels == 8), shuffled(labels != 8)
    train = torch.cat([others[:COMMON], eights[:rare]])
    test = torch.cat([others[COMMON : COMMON + COMMON_TEST], eights[POOL:]])
    x, y = images.flatten(1) / 16 - 0.3, (labels == 8).long()
    return Digits(x[train], y[train], x[test], y[test])


def fit(data: Digits, batches: Iterable[list[int]], epochs: int, weights: Tensor | None = None) -> tuple[float, float]:
    """Train a logistic regression by stochastic gradient descent, and test it.

    Its gradient is written out: a few lines, and so small a model then needs no second thread, which a busy machine may
    not have.

    Args:
        data: what to train and test on.
        batches: a batch sampler, looped over once an epoch.
        epochs: how many.
        weights: float32 [2], what another digit and what an eight counts in the loss; by default the same. The loss of
            a batch is divided by the sum of its weights, as ``torch.nn.CrossEntropyLoss`` does it.

    Returns:
        The shares of the test's eights, and of its other digits, that were recognised, in per cent.
    """
    counts = torch.ones(len(data.y)) if weights is None else weights[data.y]
    wanted = data.y.float()
    slope, shift = torch.zeros(data.x.shape[1]), torch.zeros(())
    for _ in range(epochs):
        for batch in batches:
            x = data.x[batch]
            error = counts[batch] * (torch.sigmoid(x @ slope + shift) - wanted[batch]) / counts[batch].sum()
            slope -= LEARNING_RATE * (error @ x)
            shift -= LEARNING_RATE * error.sum()
    found = data.x_test @ slope + shift > 0
    eight = data.y_test == 1
    return 100 * float(found[eight].float().mean()), 100 * float((~found[~eight]).float().mean())
