"""What an experiment about augmentation may do to pictures: datakit's transforms, each with one strength."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from datakit.randomness import sample_seed
from datakit.transforms import (
    ColorJitter,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Transform,
)

# As a learner reads it → the key of `OPERATIONS`.
LABELS = {
    "mirror (left and right)": "mirror",
    "upside down": "upside_down",
    "turn": "turn",
    "move": "move",
    "zoom": "zoom",
    "brightness": "brightness",
    "contrast": "contrast",
}

# (strength from 0 to 1, side of the square picture in pixels) → transform.
OPERATIONS: dict[str, Callable[[float, int], Transform]] = {
    "mirror": lambda strength, side: RandomHorizontalFlip(p=strength),
    "upside_down": lambda strength, side: RandomVerticalFlip(p=strength),
    "turn": lambda strength, side: RandomRotation(180 * strength, "bilinear"),
    "move": lambda strength, side: RandomCrop(side, padding=round(side / 2 * strength)),
    "zoom": lambda strength, side: RandomResizedCrop(side, scale=(1 - 0.9 * strength, 1.0)),
    "brightness": lambda strength, side: ColorJitter(brightness=strength),
    "contrast": lambda strength, side: ColorJitter(contrast=strength),
}

WHAT_STRENGTH_IS = {
    "mirror": "{0} of 100 pictures are mirrored",
    "upside_down": "{0} of 100 pictures are turned upside down",
    "turn": "turned by up to {1:.0f} degrees, either way",
    "move": "moved by up to {0} % of half the side",
    "zoom": "a part is enlarged, as little as {2:.0f} % of the area",
    "brightness": "all values times a factor from {3:g} to {4:g}",
    "contrast": "distances from the mean times a factor from {3:g} to {4:g}",
}


def augmented(images: Tensor, operation: str, strength: int, seed: int, epoch: int = 0) -> Tensor:
    """Augment each picture with random numbers of its own.

    Args:
        images: floating point from 0 to 1, [N, C, S, S]; C is 1 or 3.
        operation: a key of :data:`OPERATIONS`.
        strength: per cent, 0 … 100.
        seed: the seed; picture, ``epoch`` and this one make its random numbers.
        epoch: which pass over the pictures.

    Returns:
        A new tensor of the same shape.

    Raises:
        ValueError: if there is no such operation, or the strength is out of its range.
    """
    transform = make(operation, strength, images.shape[-1])
    drawn = []
    for index, image in enumerate(images):
        with sample_seed(seed, epoch, index):
            # Colours are changed in three channels; grey is three equal ones.
            drawn.append(transform(image.expand(3, -1, -1))[: len(image)])
    return torch.stack(drawn)


def make(operation: str, strength: int, side: int) -> Transform:
    """Make an operation's transform for square pictures of ``side`` pixels.

    Raises:
        ValueError: if there is no such operation, or the strength is out of its range.
    """
    if operation not in OPERATIONS or not 0 <= strength <= 100:
        raise ValueError(
            f"operation={operation!r} with strength={strength!r} arrived. Use one of {', '.join(OPERATIONS)}, and a "
            "strength from 0 to 100 per cent."
        )
    return OPERATIONS[operation](strength / 100, side)


def in_words(operation: str, strength: int) -> str:
    """Say what an operation of this strength does."""
    share = strength / 100
    return WHAT_STRENGTH_IS[operation].format(strength, 180 * share, 100 - 90 * share, 1 - share, 1 + share)
