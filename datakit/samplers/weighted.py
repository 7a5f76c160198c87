"""Samples drawn by weight: the first answer to classes of unequal size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from datakit._errors import check_bool, check_positive
from datakit.samplers.by_class import Targets, rows_by_class

# `torch.multinomial` refuses more.
MOST_WEIGHTS = 2**24


def sample_weights(targets: Targets) -> Tensor:
    """Give every sample the weight 1 / (size of its class), so that each class is drawn equally often.

    Args:
        targets: N class numbers or names, one for each sample.

    Returns:
        float64 [N]: one weight for each *sample*. The weights of a class sum to 1.

    Raises:
        TypeError: if targets are neither integers nor strings.
        ValueError: if there are none, or they are not [N].

    Example:
        >>> sample_weights(["cat", "dog", "dog", "dog"]).tolist()
        [1.0, 0.3333333333333333, 0.3333333333333333, 0.3333333333333333]
    """
    groups = rows_by_class(targets, "sample_weights")
    weights = torch.empty(sum(map(len, groups.values())), dtype=torch.float64)
    for rows in groups.values():
        weights[torch.from_numpy(rows)] = 1 / len(rows)
    return weights


class WeightedRandomSampler:
    """Samples drawn with unequal chances: the same draws as PyTorch's sampler makes from the same generator.

    There is one weight for each **sample**, not one for each class, and ``num_samples`` is the length of an epoch, not
    the number of classes: with a weight a class, only the first few samples would ever be drawn, without an error.
    :func:`sample_weights` turns class labels into weights of samples.

    Drawing a rare sample often does not make more data of it: :func:`datakit.count_draws` tells how many distinct
    samples an epoch saw.

    Args:
        weights: N numbers ≥ 0, one for each sample of the dataset; they need not sum to 1.
        num_samples: how many indices an epoch has; usually N.
        replacement: whether a sample may be drawn again in the same epoch. Without it every draw changes the chances of
            the rest, and with ``num_samples`` = N the epoch holds every sample once: no balance at all.
        generator: where random numbers come from; by default PyTorch's global generator.

    Raises:
        ValueError: if weights are not [N], negative, not finite or all 0; if ``num_samples`` is not a positive integer,
            or more than can be drawn without replacement; if ``replacement`` is not a bool.

    Source: "torch.utils.data", PyTorch documentation, WeightedRandomSampler.

    Example:
        >>> labels = [0] * 90 + [1] * 10
        >>> sampler = WeightedRandomSampler(sample_weights(labels), num_samples=100)
        >>> len(list(sampler))
        100
    """

    def __init__(
        self,
        weights: Tensor | Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        check_positive(num_samples, "num_samples", "WeightedRandomSampler")
        check_bool(replacement, "replacement", "WeightedRandomSampler")
        self.weights = torch.as_tensor(weights, dtype=torch.float64)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator
        self._check_weights()

    def __iter__(self) -> Iterator[int]:
        drawn = torch.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples

    def _check_weights(self) -> None:
        weights = self.weights
        if weights.ndim != 1 or not 1 <= len(weights) <= MOST_WEIGHTS:
            raise ValueError(
                f"WeightedRandomSampler: weights of shape {list(weights.shape)} arrived; [N] is expected: "
                f"one weight for each sample, at most {MOST_WEIGHTS:,} of them."
            )
        wrong = (~(weights >= 0) | weights.isinf()).nonzero()
        if len(wrong):
            at = int(wrong[0])
            raise ValueError(
                f"WeightedRandomSampler: weight {at} is {weights[at].item()}. Weights must be finite and 0 or above."
            )
        can_come = int(weights.count_nonzero())
        if can_come == 0:
            raise ValueError("WeightedRandomSampler: all weights are 0, so nothing can be drawn. Make one positive.")
        if not self.replacement and self.num_samples > can_come:
            raise ValueError(
                f"WeightedRandomSampler: {self.num_samples} samples can't be drawn without replacement from "
                f"{can_come} with a weight above 0. Lower num_samples, or pass replacement=True."
            )
