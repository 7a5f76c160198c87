"""Which part of an image to keep. A box is drawn before a pixel is touched, so it costs next to nothing."""

from __future__ import annotations

import math
from typing import NamedTuple

from datakit.randomness import sample_random

TRIES = 10


class Box(NamedTuple):
    """A part of an image, in pixels."""

    top: int
    left: int
    height: int
    width: int


def random_resized_box(
    height: int,
    width: int,
    scale: tuple[float, float] = (0.08, 1.0),
    ratio: tuple[float, float] = (3 / 4, 4 / 3),
) -> Box:
    """Draw the box of torchvision's ``RandomResizedCrop``: a random area of a random shape at a random place.

    Args:
        height: of the image.
        width: of the image.
        scale: the least and the greatest share of the image's area.
        ratio: the least and the greatest width ÷ height; drawn so that 3/4 is as likely as 4/3.

    Returns:
        A box inside the image. If ten draws don't fit, the largest central one with an allowed ratio.

    Raises:
        ValueError: if the image has no pixels, or ``scale`` or ``ratio`` is not a positive range.

    Example:
        >>> box = random_resized_box(375, 500, scale=(1.0, 1.0), ratio=(4 / 3, 4 / 3))
        >>> box
        Box(top=0, left=0, height=375, width=500)

    Source: "Going Deeper with Convolutions" (C. Szegedy and others, 2015), section 6; torchvision's
    ``RandomResizedCrop``.
    """
    _check(height, width, scale, ratio)
    draw = sample_random()
    lowest, highest = math.log(ratio[0]), math.log(ratio[1])
    for _ in range(TRIES):
        area = height * width * draw.uniform(*scale)
        shape = math.exp(draw.uniform(lowest, highest))
        box_width, box_height = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < box_width <= width and 0 < box_height <= height:
            top, left = draw.randint(0, height - box_height), draw.randint(0, width - box_width)
            return Box(top, left, box_height, box_width)
    return _central(height, width, min(height, round(width / ratio[0])), min(width, round(height * ratio[1])))


def center_box(height: int, width: int, share: float = 224 / 256) -> Box:
    """Return the central square that evaluation uses: always the same one.

    "Resize the shorter side to 256, then cut the central 224×224" is one box and one resize: the box's side is
    224/256 of the shorter side.

    Args:
        height: of the image.
        width: of the image.
        share: the square's side ÷ the shorter side, above 0 and at most 1.

    Raises:
        ValueError: if the image has no pixels or ``share`` is out of range.

    Example:
        >>> center_box(375, 500)
        Box(top=23, left=86, height=328, width=328)
    """
    _check(height, width)
    if not 0 < share <= 1:
        raise ValueError(f"center_box: share must be above 0 and at most 1; {share!r} arrived.")
    side = max(1, round(min(height, width) * share))
    return _central(height, width, side, side)


def _central(height: int, width: int, box_height: int, box_width: int) -> Box:
    box_height, box_width = max(1, box_height), max(1, box_width)
    return Box((height - box_height) // 2, (width - box_width) // 2, box_height, box_width)


def _check(height: int, width: int, *ranges: tuple[float, float]) -> None:
    if height < 1 or width < 1:
        raise ValueError(f"A box needs an image with pixels; one of height {height} and width {width} arrived.")
    for low, high in ranges:
        if not 0 < low <= high:
            raise ValueError(
                f"random_resized_box: scale and ratio are (least, greatest), both above 0; ({low}, {high}) arrived."
            )
