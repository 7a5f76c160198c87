"""Samples in random order: all of them, or a chosen part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized

import torch
from torch import Tensor

from datakit._errors import check_bool, check_positive
from datakit.samplers.sizes import check_sized


class RandomSampler:
    """Samples in random order: the same draws as PyTorch's sampler makes from the same generator.

    Without replacement, every sample comes once before any comes twice. With it, each draw is from all samples.

    Args:
        data_source: the dataset; only its length matters.
        replacement: whether a sample may come again before all others have come.
        num_samples: how many indices an epoch has; by default the dataset's length.
        generator: where random numbers come from; by default PyTorch's global generator.

    Raises:
        ValueError: if the dataset is empty, ``num_samples`` is not a positive integer or ``replacement`` not a bool.

    Source: "torch.utils.data", PyTorch documentation, RandomSampler.

    Example:
        >>> sampler = RandomSampler(["a", "b", "c"], generator=torch.Generator().manual_seed(0))
        >>> list(sampler), list(sampler)
        ([2, 0, 1], [1, 2, 0])
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        check_bool(replacement, "replacement", "RandomSampler")
        if num_samples is not None:
            check_positive(num_samples, "num_samples", "RandomSampler")
        check_sized(data_source, "RandomSampler")
        if len(data_source) == 0:
            raise ValueError(
                "RandomSampler: the dataset is empty, so nothing can be drawn. Check what it was built from."
            )
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator

    @property
    def num_samples(self) -> int:
        """How many indices an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        # A generator, so that numbers are drawn when the first is asked for and not before, as in PyTorch.
        yield from self.draw().tolist()

    def draw(self) -> Tensor:
        """Draw a whole epoch at once.

        Returns:
            int64 tensor [num_samples]: what a loop yields.
        """
        n = len(self.data_source)
        generator = self.generator
        if generator is None:
            # One draw from the global generator, so that an epoch disturbs it as little as PyTorch's does.
            generator = torch.Generator()
            generator.manual_seed(int(torch.empty((), dtype=torch.int64).random_().item()))
        if self.replacement:
            return torch.randint(n, (self.num_samples,), generator=generator)
        rounds = [torch.randperm(n, generator=generator) for _ in range(-(-self.num_samples // n))]
        if self.generator is not None and self.num_samples % n == 0:
            # PyTorch draws one round more, of which nothing is taken, and what the generator gives next depends on it.
            torch.randperm(n, generator=generator)
        return torch.cat(rounds)[: self.num_samples] if len(rounds) > 1 else rounds[0][: self.num_samples]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler:
    """The given indices in random order: the same draws as PyTorch's sampler makes from the same generator.

    Args:
        indices: which samples; those of the training split, say.
        generator: where random numbers come from; by default PyTorch's global generator.

    Raises:
        TypeError: if they have no length.
        ValueError: if there are no indices.

    Source: "torch.utils.data", PyTorch documentation, SubsetRandomSampler.

    Example:
        >>> sorted(SubsetRandomSampler([7, 3, 5]))
        [3, 5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: torch.Generator | None = None) -> None:
        check_sized(indices, "SubsetRandomSampler")
        if len(indices) == 0:
            raise ValueError("SubsetRandomSampler: no indices arrived, so nothing can be drawn. Check how you split.")
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for place in torch.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)
