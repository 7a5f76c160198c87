"""Bytes → numbers around 0. For a whole batch on the device see ``NormalizeBatch``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from datakit.transforms.base import Transform, check_image


class ToFloat(Transform):
    """Bytes 0..255 → float32 0..1.

    A float takes four times the memory of a byte. Late in the pipeline, best on the device, is the place for this.

    Example:
        >>> ToFloat()(torch.tensor([[[0, 51, 255]]], dtype=torch.uint8)).tolist()
        [[[0.0, 0.20000000298023224, 1.0]]]
    """

    def __call__(self, image: Tensor) -> Tensor:
        """Convert.

        Args:
            image: uint8 [..., C, H, W].

        Raises:
            TypeError: if ``image`` is not a tensor of bytes: dividing floats by 255 once more would make them black.
            ValueError: if it is not [..., C, H, W].
        """
        check_image(image, "ToFloat")
        if image.dtype != torch.uint8:
            raise TypeError(
                f"ToFloat: an image of dtype {image.dtype} arrived; uint8 is expected. Is it converted twice?"
            )
        return image.float() / 255


class Normalize(Transform):
    """Subtract a mean and divide by a standard deviation, channel by channel.

    Args:
        mean: one number a channel, or one for all; of values from 0 to 1, as :class:`ToFloat` makes them.
        std: likewise; none may be 0.

    Raises:
        ValueError: if there are no numbers, their counts differ, or one of ``std`` is not positive.

    Example:
        >>> Normalize([0.5], [0.25])(torch.tensor([[[0.0, 0.5, 1.0]]])).tolist()
        [[[-2.0, 0.0, 2.0]]]
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        check_statistics(mean, std, "Normalize")
        self.mean = torch.tensor(mean)[:, None, None]
        self.std = torch.tensor(std)[:, None, None]

    def __call__(self, image: Tensor) -> Tensor:
        """Normalise.

        Args:
            image: floating point [..., C, H, W].

        Raises:
            TypeError: if ``image`` is not floating point.
            ValueError: if it is not [..., C, H, W], or C is not the number of means.
        """
        check_image(image, "Normalize")
        if not image.is_floating_point():
            raise TypeError(f"Normalize: an image of dtype {image.dtype} arrived; put ToFloat before Normalize.")
        check_channels(image, len(self.mean), "Normalize")
        return (image - self.mean.to(image)) / self.std.to(image)


def check_statistics(mean: Sequence[float], std: Sequence[float], owner: str) -> None:
    """Refuse means and standard deviations that don't belong together.

    Raises:
        ValueError: if there are none, counts differ, or a standard deviation is not positive.
    """
    if not 0 < len(mean) == len(std) or min(std) <= 0:
        raise ValueError(
            f"{owner}: mean={list(mean)} and std={list(std)} arrived; one number a channel is expected in each, "
            "and those of std must be above 0."
        )


def check_channels(image: Tensor, expected: int, owner: str) -> None:
    """Refuse an image with another number of channels than there are means.

    Raises:
        ValueError: if the numbers differ and ``expected`` is not 1.
    """
    if expected not in (1, image.shape[-3]):
        raise ValueError(f"{owner}: an image with {image.shape[-3]} channels arrived, but there are {expected} means.")
