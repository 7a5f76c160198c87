"""Random transforms of other libraries, made a function of the sample."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from datakit._errors import kind_of
from datakit.randomness import globals_restored, sample_random, seed_globals
from datakit.transforms.base import Transform

# The process has one of each global generator; two threads must not seed it at the same time.
_one_at_a_time = threading.Lock()


class Reproducible(Transform):
    """Run a transform that draws from global generators, as torchvision's do, on the sample's own random numbers.

    Policies such as RandAugment are best taken from torchvision, which keeps them well. But what they draw depends on
    what the process drew before, so on the worker and on the number of workers. Here the global generators of Python,
    NumPy and PyTorch are seeded for the one call from :func:`datakit.randomness.sample_random`, and left as they were.

    With threads as workers that holds as long as no other thread, the training loop's for one, draws from a global
    generator at the same moment (dropout on a CPU does): use process workers then.

    Args:
        transform: any callable that takes its random numbers from global generators.

    Raises:
        TypeError: if ``transform`` can't be called.

    Source: "RandAugment: Practical automated data augmentation with a reduced search space" (Cubuk et al., 2020).

    Example:
        >>> from torchvision.transforms import v2
        >>> from datakit.transforms import Compose, RandomResizedCrop, ToFloat
        >>> train = Compose([RandomResizedCrop(224), Reproducible(v2.RandAugment()), ToFloat()])
        >>> train.eval_twin()
        Compose(Resize, CenterCrop, ToFloat)
    """

    def __init__(self, transform: Callable[[Any], Any]) -> None:
        if not callable(transform):
            raise TypeError(f"Reproducible: {kind_of(transform)} arrived, which can't be called.")
        self.transform = transform

    def __call__(self, image: Any) -> Any:
        """Apply the transform."""
        seed = sample_random().getrandbits(63)
        with _one_at_a_time, globals_restored():
            seed_globals(seed)
            return self.transform(image)

    def eval_twin(self) -> None:
        """Evaluation leaves images as they are."""
