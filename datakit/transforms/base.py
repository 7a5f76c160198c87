"""What all transforms have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor

from datakit._errors import check_positive, kind_of

Size = int | tuple[int, int]
"""A height and a width in pixels; one number for both."""


class Transform(ABC):
    """Image [..., C, H, W] → image [..., C, H', W']."""

    @abstractmethod
    def __call__(self, image: Tensor) -> Tensor:
        """Return the altered image; the one that came in is not changed."""

    def eval_twin(self) -> Transform | None:
        """Return what stands in this transform's place in evaluation; ``None`` for nothing.

        A transform without randomness is its own twin.
        """
        return self


def check_image(image: Any, owner: str) -> None:
    """Refuse what is not an image, or a batch of them.

    Raises:
        TypeError: if it is not a tensor.
        ValueError: if it is not [..., C, H, W] with pixels.
    """
    if not isinstance(image, Tensor):
        raise TypeError(
            f"{owner}: {kind_of(image)} arrived; a tensor [..., C, H, W] is expected. "
            "torchvision.transforms.v2.functional.pil_to_tensor makes one of a PIL image."
        )
    if image.ndim < 3 or 0 in image.shape[-3:]:
        raise ValueError(
            f"{owner}: a tensor of shape {list(image.shape)} arrived; [..., C, H, W] with pixels is expected."
        )


def height_and_width(size: Size, owner: str) -> tuple[int, int]:
    """Return ``size`` as (height, width).

    Raises:
        ValueError: if it is neither a positive integer nor two of them.
    """
    both = (size, size) if isinstance(size, int) else tuple(size)
    if len(both) != 2:
        raise ValueError(f"{owner}: size must be one integer or (height, width); {size!r} arrived.")
    for side in both:
        check_positive(side, "size", owner)
    return both[0], both[1]


def check_probability(p: float, owner: str) -> None:
    """Refuse a probability outside 0..1.

    Raises:
        ValueError: if ``p`` is no number, or outside.
    """
    if not isinstance(p, (int, float)) or not 0 <= p <= 1:
        raise ValueError(f"{owner}: p must be a probability from 0 to 1; {p!r} arrived.")
