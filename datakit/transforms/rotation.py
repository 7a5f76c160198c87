"""Turn images by a random angle."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from datakit.randomness import sample_random
from datakit.transforms.base import Transform, check_image

Interpolation = Literal["nearest", "bilinear"]


class RandomRotation(Transform):
    """Turn images around their middle; the size stays, and the corners that come in from outside are filled.

    Args:
        degrees: angles are drawn from -degrees to degrees, or between two given ones; positive is counter-clockwise.
        interpolation: ``"nearest"`` copies the nearest pixel, ``"bilinear"`` blends the four around.
        fill: the value of what comes in from outside.

    Raises:
        ValueError: if ``degrees`` is negative or not a range, or ``interpolation`` is unknown.

    Example:
        >>> RandomRotation((90, 90))(torch.tensor([[[1, 2], [3, 4]]])).tolist()
        [[[2, 4], [1, 3]]]
    """

    def __init__(
        self,
        degrees: float | tuple[float, float],
        interpolation: Interpolation = "nearest",
        fill: float = 0,
    ) -> None:
        low, high = (-degrees, degrees) if isinstance(degrees, (int, float)) else degrees
        if not low <= high:
            raise ValueError(
                f"RandomRotation: degrees must be one number, 0 or above, or (least, greatest); {degrees!r} arrived."
            )
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(f"RandomRotation: interpolation is 'nearest' or 'bilinear'; {interpolation!r} arrived.")
        self.degrees = (low, high)
        self.interpolation: Interpolation = interpolation
        self.fill = fill

    def draw(self) -> float:
        """Choose the angle in degrees."""
        return sample_random().uniform(*self.degrees)

    def __call__(self, image: Tensor) -> Tensor:
        """Turn.

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W].
        """
        check_image(image, "RandomRotation")
        return rotate(image, self.draw(), self.interpolation, self.fill)

    def eval_twin(self) -> None:
        """Evaluation leaves images as they are."""


def rotate(image: Tensor, angle: float, interpolation: Interpolation = "nearest", fill: float = 0) -> Tensor:
    """Turn [..., C, H, W] counter-clockwise by ``angle`` degrees around its middle.

    For each pixel of the result the place in the original is computed, by the rotation the other way; so every pixel
    of the result is set, and just once.
    """
    height, width = image.shape[-2:]
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    # Pixels' coordinates, seen from the middle of the image; y points down.
    y = torch.arange(height, device=image.device, dtype=torch.float32)[:, None] - (height - 1) / 2
    x = torch.arange(width, device=image.device, dtype=torch.float32) - (width - 1) / 2
    from_x, from_y = cosine * x - sine * y, sine * x + cosine * y
    # grid_sample counts from -1 at one edge to 1 at the other.
    grid = torch.stack([from_x / (width / 2), from_y / (height / 2)], dim=-1)
    flat = image.reshape(-1, *image.shape[-3:]).float()
    # A channel of ones turns along, and tells which part of each pixel comes from inside.
    covered = torch.cat([flat, torch.ones_like(flat[:, :1])], dim=1)
    turned = grid_sample(covered, grid.expand(len(flat), -1, -1, -1), interpolation, "zeros", align_corners=False)
    pixels, inside = turned[:, :-1], turned[:, -1:]
    pixels = pixels + (1 - inside) * fill
    return (pixels if image.is_floating_point() else pixels.round_()).to(image.dtype).reshape(image.shape)
