"""A small classifier of handwritten digits: what an augmentation does is measured by what it reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from datakit.experiments.photograph_strategies import one_core
from datakit.samples import digits

TRAINING = 900  # digits to learn from; the other 897 are there to be read
HIDDEN = 64
STEPS = 300
BATCH = 150
RATE = 0.01

Reader = Callable[[Tensor], Tensor]
"""Images [N, 1, 8, 8] → the digits that are read in them, int64 [N]."""


class Digits(NamedTuple):
    """Images, float32 from 0 to 1, [N, 1, 8, 8], and labels, int64 [N]."""

    images: Tensor
    labels: Tensor


@cache
def split_digits() -> tuple[Digits, Digits]:
    """Return the digits to learn from and those to be read: the same on every machine.

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed.
    """
    images, labels = digits()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    pixels = images.float() / 16
    here, there = order[:TRAINING], order[TRAINING:]
    return Digits(pixels[here], labels[here]), Digits(pixels[there], labels[there])


def learn(images: Tensor, labels: Tensor, seed: int = 0) -> Reader:
    """Train a network with one hidden layer, on mini-batches.

    Args:
        images: float32 [N, 1, 8, 8].
        labels: int64 [N].
        seed: draws the first weights and the batches. No global generator is used or changed.
    """
    generator = torch.Generator().manual_seed(seed)
    pixels = images.flatten(1)
    first = _weights(pixels.shape[1], HIDDEN, generator)
    second = _weights(HIDDEN, 10, generator)
    first_bias, second_bias = torch.zeros(HIDDEN, requires_grad=True), torch.zeros(10, requires_grad=True)

    def scores(pixels: Tensor) -> Tensor:
        return torch.relu(pixels @ first + first_bias) @ second + second_bias

    optimizer = torch.optim.Adam([first, first_bias, second, second_bias], lr=RATE)
    # The caller may have switched gradients off. And sharing such small sums among cores takes longer than doing them.
    with torch.enable_grad(), one_core():
        for _ in range(STEPS):
            chosen = torch.randint(len(pixels), (BATCH,), generator=generator)
            optimizer.zero_grad()
            loss = cross_entropy(scores(pixels[chosen]), labels[chosen])
            torch.autograd.backward(loss)
            optimizer.step()

    @torch.no_grad()
    def read(images: Tensor) -> Tensor:
        return scores(images.flatten(1)).argmax(dim=1)

    return read


def accuracy(read: Reader, images: Tensor, labels: Tensor) -> float:
    """Return how many per cent of the pictures are read as what they are."""
    return 100 * (read(images) == labels).float().mean().item()


def _weights(inputs: int, outputs: int, generator: torch.Generator) -> Tensor:
    weights: Tensor = torch.randn(inputs, outputs, generator=generator) / inputs**0.5
    return weights.requires_grad_()
