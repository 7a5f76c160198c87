"""Colours as hue, saturation and value, and back."""

from __future__ import annotations

import torch
from torch import Tensor


def rgb_to_hsv(image: Tensor) -> Tensor:
    """Convert colours.

    Args:
        image: red, green, blue from 0 to 1, floating point [..., 3, H, W].

    Returns:
        Hue (0 red, 1/3 green, 2/3 blue, 1 red again), saturation and value, each from 0 to 1; the same shape. Grey has
        no hue; 0 is returned.

    Source: "Color Gamut Transform Pairs" (Smith, 1978).
    """
    red, green, blue = image.unbind(dim=-3)
    value = image.amax(dim=-3)
    span = value - image.amin(dim=-3)
    # Where the span is 0 all differences are 0 too, and 1 keeps the division from failing.
    divisor = torch.where(span == 0, 1, span)
    from_red = (green - blue) / divisor % 6
    from_green = (blue - red) / divisor + 2
    from_blue = (red - green) / divisor + 4
    hue = torch.where(value == red, from_red, torch.where(value == green, from_green, from_blue)) / 6
    saturation = span / torch.where(value == 0, 1, value)
    return torch.stack([hue, saturation, value], dim=-3)


def hsv_to_rgb(image: Tensor) -> Tensor:
    """Convert colours the other way; see :func:`rgb_to_hsv`."""
    hue, saturation, value = image.unbind(dim=-3)

    def channel(shift: int) -> Tensor:
        # Around the circle a channel is full for a third, falls for a sixth, is lowest for a third, rises for a sixth.
        place = (hue * 6 + shift) % 6
        lowered = torch.minimum(place, 4 - place).clamp(0, 1)
        return value - value * saturation * lowered

    return torch.stack([channel(5), channel(3), channel(1)], dim=-3)
