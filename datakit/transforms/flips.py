"""Mirror images at random."""

from __future__ import annotations

from torch import Tensor

from datakit.randomness import sample_random
from datakit.transforms.base import Transform, check_image, check_probability


class RandomHorizontalFlip(Transform):
    """Exchange left and right with probability ``p``; a whole batch or none of it.

    Use it only where the mirrored picture means the same: not for digits, not for text.

    Args:
        p: the probability.

    Raises:
        ValueError: if ``p`` is not from 0 to 1.

    Example:
        >>> import torch
        >>> RandomHorizontalFlip(p=1)(torch.tensor([[[1, 2, 3]]])).tolist()
        [[[3, 2, 1]]]
    """

    _dimension = -1

    def __init__(self, p: float = 0.5) -> None:
        check_probability(p, type(self).__name__)
        self.p = p

    def draw(self) -> bool:
        """Decide whether to flip."""
        return sample_random().random() < self.p

    def __call__(self, image: Tensor) -> Tensor:
        """Flip, or return the image as it is.

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W].
        """
        check_image(image, type(self).__name__)
        return image.flip(self._dimension) if self.draw() else image

    def eval_twin(self) -> None:
        """Evaluation leaves images as they are."""


class RandomVerticalFlip(RandomHorizontalFlip):
    """Exchange top and bottom with probability ``p``; a whole batch or none of it.

    Args:
        p: the probability.

    Raises:
        ValueError: if ``p`` is not from 0 to 1.

    Example:
        >>> import torch
        >>> RandomVerticalFlip(p=1)(torch.tensor([[[1], [2], [3]]])).tolist()
        [[[3], [2], [1]]]
    """

    _dimension = -2
