"""Change the number of pixels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from datakit.transforms.base import Size, Transform, check_image, height_and_width


class Resize(Transform):
    """Resize images: bilinear, with antialiasing.

    Antialiasing lets every pixel of the original count. Without it, an image that shrinks to a quarter is made of a
    few of its pixels, and a network trained on the one does worse on the other.

    Args:
        size: one number for the shorter side, the other follows from the image's shape; or (height, width).

    Raises:
        ValueError: if ``size`` is not one or two positive integers.

    Source: "On Aliased Resizing and Surprising Subtleties in GAN Evaluation" (Parmar et al., 2022).

    Example:
        >>> Resize(32)(torch.zeros(3, 64, 128, dtype=torch.uint8)).shape
        torch.Size([3, 32, 64])
    """

    def __init__(self, size: Size) -> None:
        height_and_width(size, "Resize")
        self.size = size

    def __call__(self, image: Tensor) -> Tensor:
        """Resize.

        Args:
            image: uint8 or floating point [..., C, H, W].

        Returns:
            The same dtype, [..., C, H', W'].

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W].
        """
        check_image(image, "Resize")
        return resize(image, self._target(*image.shape[-2:]))

    def _target(self, height: int, width: int) -> tuple[int, int]:
        if not isinstance(self.size, int):
            return self.size
        if height <= width:
            return self.size, self.size * width // height
        return self.size * height // width, self.size


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize [..., C, H, W] to another height and width, bilinear, with antialiasing; the dtype stays."""
    if tuple(image.shape[-2:]) == size:
        return image
    if size[1] == 1 < size[0]:
        # PyTorch's antialiasing (2.15) gets a single column wrong, and a single row right where strides are ordinary.
        turned = image.transpose(-1, -2).clone(memory_format=torch.contiguous_format)
        return resize(turned, (1, size[0])).transpose(-1, -2).contiguous()
    flat = image.reshape(-1, *image.shape[-3:])
    # A CPU resizes bytes as they are; a GPU has no such kernel, and PyTorch's fails where a single pixel is left.
    if image.dtype == torch.uint8 and (image.device.type != "cpu" or size == (1, 1)):
        resized = interpolate(flat.float(), size, mode="bilinear", antialias=True).round_().clamp_(0, 255).byte()
    else:
        resized = interpolate(flat, size, mode="bilinear", antialias=True)
    return resized.reshape(*image.shape[:-2], *size)
