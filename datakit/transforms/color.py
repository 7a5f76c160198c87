"""Change brightness, contrast, saturation and hue at random."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from datakit.randomness import sample_random
from datakit.transforms.base import Transform, check_image
from datakit.transforms.hsv import hsv_to_rgb, rgb_to_hsv

Strength = float | tuple[float, float]
"""How far a factor may lie from 1 (from 0 for hue), or the least and the greatest factor."""


class ColorJitter(Transform):
    """Change the colours of RGB images, in a random order of the four changes.

    Args:
        brightness: ``b`` draws the factor from max(0, 1 - b) to 1 + b; 0 changes nothing.
        contrast: likewise.
        saturation: likewise.
        hue: ``h`` draws the turn of the colour circle from -h to h, as a share of it; at most 0.5.

    Raises:
        ValueError: if a strength is negative, not a range, or out of its bounds.

    Source: ``torchvision.transforms.v2.ColorJitter``, whose results these are.

    Example:
        >>> jitter = ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1)
        >>> jitter(torch.zeros(3, 8, 8, dtype=torch.uint8)).dtype
        torch.uint8
    """

    def __init__(
        self, brightness: Strength = 0, contrast: Strength = 0, saturation: Strength = 0, hue: Strength = 0
    ) -> None:
        strengths = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}
        self.ranges = {name: _factors(name, strength) for name, strength in strengths.items() if strength != 0}

    def draw(self) -> list[tuple[str, float]]:
        """Choose the changes with their factors, in the order in which they are applied."""
        random = sample_random()
        changes = [(name, random.uniform(*factors)) for name, factors in self.ranges.items()]
        random.shuffle(changes)
        return changes

    def __call__(self, image: Tensor) -> Tensor:
        """Change the colours.

        Args:
            image: RGB, uint8 or floating point from 0 to 1, [..., 3, H, W].

        Raises:
            TypeError: if ``image`` is not such a tensor.
            ValueError: if it is not [..., 3, H, W].
        """
        check_image(image, "ColorJitter")
        if image.shape[-3] != 3:
            raise ValueError(f"ColorJitter: {image.shape[-3]} channels arrived; 3 are expected: red, green, blue.")
        if image.dtype != torch.uint8 and not image.is_floating_point():
            raise TypeError(
                f"ColorJitter: an image of dtype {image.dtype} arrived; uint8 or floating point is expected."
            )
        for name, factor in self.draw():
            image = CHANGES[name](image, factor)
        return image

    def eval_twin(self) -> None:
        """Evaluation leaves colours as they are."""


def adjust_brightness(image: Tensor, factor: float) -> Tensor:
    """Multiply all values by ``factor``."""
    return _within_bounds(image * factor, image)


def adjust_contrast(image: Tensor, factor: float) -> Tensor:
    """Move all values away from (factor above 1) or towards (below 1) the image's mean brightness."""
    return _blend(image, grey(image).mean(dim=(-3, -2, -1), keepdim=True), factor)


def adjust_saturation(image: Tensor, factor: float) -> Tensor:
    """Move each pixel away from (factor above 1) or towards (below 1) its own grey."""
    return _blend(image, grey(image), factor)


def adjust_hue(image: Tensor, turn: float) -> Tensor:
    """Turn the colour circle by ``turn`` of it: by 1/3 red becomes green, green blue, blue red."""
    is_bytes = image.dtype == torch.uint8
    hue, saturation, value = rgb_to_hsv(image.float() / 255 if is_bytes else image).unbind(dim=-3)
    rgb = hsv_to_rgb(torch.stack([(hue + turn) % 1, saturation, value], dim=-3))
    return (rgb * 255).round().to(torch.uint8) if is_bytes else rgb


CHANGES: dict[str, Callable[[Tensor, float], Tensor]] = {
    "brightness": adjust_brightness,
    "contrast": adjust_contrast,
    "saturation": adjust_saturation,
    "hue": adjust_hue,
}


def grey(image: Tensor) -> Tensor:
    """Return how bright each pixel looks, [..., 1, H, W]: the eye sees green best. Whole numbers stay whole."""
    red, green, blue = image.unsqueeze(-4).unbind(dim=-3)
    brightness = 0.2989 * red + 0.587 * green + 0.114 * blue
    return brightness if image.is_floating_point() else brightness.floor()


def _blend(image: Tensor, other: Tensor, share: float) -> Tensor:
    return _within_bounds(image * share + other * (1 - share), image)


def _within_bounds(values: Tensor, image: Tensor) -> Tensor:
    return values.clamp(0, 1 if image.is_floating_point() else 255).to(image.dtype)


def _factors(name: str, strength: Strength) -> tuple[float, float]:
    neutral, least, most = (0.0, -0.5, 0.5) if name == "hue" else (1.0, 0.0, float("inf"))
    if isinstance(strength, (int, float)):
        low, high = max(least, neutral - strength), neutral + strength
    else:
        low, high = strength
    if not least <= low <= high <= most:
        raise ValueError(
            f"ColorJitter: {name}={strength!r} arrived; a number, 0 or above, or (least, greatest) is expected, with "
            f"factors from {least:g} to {most:g}."
        )
    return low, high
