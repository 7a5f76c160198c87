"""Batches whose images and labels are mixed in pairs: MixUp and CutMix."""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from datakit._errors import check_positive
from datakit.collate import default_collate
from datakit.randomness import sample_random


class Box(NamedTuple):
    """A rectangle of pixels: from (x1, y1), included, to (x2, y2), excluded."""

    x1: int
    y1: int
    x2: int
    y2: int


class PairMixing(ABC):
    """What MixUp and CutMix share: image i meets image i - 1, and the labels follow in the same proportion.

    Args:
        num_classes: the number of classes, C.
        alpha: each batch draws λ ~ Beta(α, α): 1 makes all λ equally likely, below 1 most batches are hardly mixed.
        rng: where random numbers come from; by default :func:`datakit.randomness.sample_random`.

    Raises:
        ValueError: if ``num_classes`` is not a positive integer, or ``alpha`` not a positive number.
    """

    def __init__(self, num_classes: int, alpha: float = 1.0, rng: random.Random | None = None) -> None:
        name = type(self).__name__
        check_positive(num_classes, "num_classes", name)
        if not 0 < alpha < math.inf:
            raise ValueError(f"{name}: alpha must be a positive number; {alpha!r} arrived.")
        self.num_classes = num_classes
        self.alpha = alpha
        self.rng = rng

    def collate(self, samples: Sequence[tuple[Any, Any]]) -> tuple[Tensor, Tensor]:
        """Make a batch of samples ``(image, label)`` and mix it; pass this as ``collate_fn``.

        Raises:
            RuntimeError: if the samples don't fit together.
        """
        images, labels = default_collate(samples)
        return self(images, labels)

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mix a batch, on whatever device it is.

        Args:
            images: [B, C, H, W]; they are not changed.
            labels: int64 [B].

        Returns:
            The mixed images, a new tensor, and soft labels, float32 [B, number of classes]; each row sums to 1.

        Raises:
            TypeError: if a dtype is wrong.
            ValueError: if a shape is wrong, or a label is not a class number.
        """
        name = type(self).__name__
        if images.ndim != 4 or labels.shape != images.shape[:1]:
            raise ValueError(
                f"{name}: images of shape {list(images.shape)} and labels of shape {list(labels.shape)} arrived; "
                "[B, C, H, W] and [B] are expected."
            )
        if labels.dtype != torch.int64:
            raise TypeError(f"{name}: labels of dtype {labels.dtype} arrived; class numbers, int64, are expected.")
        rng = self.rng or sample_random()
        mixed, lam = self._mix(images, rng.betavariate(self.alpha, self.alpha), rng)
        return mixed, mix_labels(labels, lam, self.num_classes)

    @abstractmethod
    def _mix(self, images: Tensor, lam: float, rng: random.Random) -> tuple[Tensor, float]:
        """Return the mixed images, and the share of each that is its own."""


class MixUp(PairMixing):
    """Blend each image with another: λ of the one, 1 - λ of the other; the labels likewise.

    See :class:`PairMixing` for arguments.

    Source: "mixup: Beyond Empirical Risk Minimization" (Zhang et al., 2018).

    Example:
        >>> images, labels = torch.rand(2, 3, 8, 8), torch.tensor([0, 1])
        >>> mixed, soft = MixUp(num_classes=2, rng=random.Random(0))(images, labels)
        >>> bool(torch.allclose(mixed[0], soft[0, 0] * images[0] + soft[0, 1] * images[1]))
        True
    """

    def _mix(self, images: Tensor, lam: float, rng: random.Random) -> tuple[Tensor, float]:
        if not images.is_floating_point():
            raise TypeError(
                f"MixUp: images of dtype {images.dtype} arrived; blending needs floating point. Use ToFloat before it."
            )
        return blend(images, lam), lam


class CutMix(PairMixing):
    """Replace a rectangle of each image by the same rectangle of another; labels by the share of the area.

    The rectangle has the share 1 - λ of the image's area, less what lies outside. Images may have any dtype, because
    pixels are moved and not blended. See :class:`PairMixing` for arguments.

    Source: "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features" (Yun et al., 2019).

    Example:
        >>> black_and_white = torch.stack([torch.zeros(3, 8, 8), torch.ones(3, 8, 8)])
        >>> mixed, soft = CutMix(num_classes=2, rng=random.Random(0))(black_and_white, torch.tensor([0, 1]))
        >>> bool(torch.isclose(mixed[0].mean(), soft[0, 1]))
        True
    """

    def _mix(self, images: Tensor, lam: float, rng: random.Random) -> tuple[Tensor, float]:
        height, width = images.shape[-2:]
        box = cut_box(lam, (rng.randrange(width), rng.randrange(height)), height, width)
        return paste(images, box), 1 - (box.x2 - box.x1) * (box.y2 - box.y1) / (height * width)


def blend(images: Tensor, lam: float) -> Tensor:
    """Return λ · images + (1 - λ) · the images one place earlier in the batch."""
    return images.roll(1, 0).mul_(1 - lam).add_(images, alpha=lam)


def cut_box(lam: float, centre: tuple[int, int], height: int, width: int) -> Box:
    """Return the rectangle around ``centre`` (x, y) with the share 1 - λ of the area, cut off at the image's edges."""
    half = 0.5 * math.sqrt(1 - lam)
    half_width, half_height = int(half * width), int(half * height)
    x, y = centre
    return Box(
        max(x - half_width, 0),
        max(y - half_height, 0),
        min(x + half_width, width),
        min(y + half_height, height),
    )


def paste(images: Tensor, box: Box) -> Tensor:
    """Return a copy of the images with ``box`` taken from the image one place earlier in the batch."""
    mixed = images.clone()
    rows, columns = slice(box.y1, box.y2), slice(box.x1, box.x2)
    mixed[..., rows, columns] = images.roll(1, 0)[..., rows, columns]
    return mixed


def mix_labels(labels: Tensor, lam: float, num_classes: int) -> Tensor:
    """Return λ · one-hot labels + (1 - λ) · those one place earlier, float32 [B, num_classes].

    Raises:
        ValueError: if a label is not a class number.
    """
    # Asking a GPU for the range would make the host wait for it; there, one_hot's own check does.
    if labels.device.type == "cpu" and len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise ValueError(
            f"mix_labels: labels from {int(labels.min())} to {int(labels.max())} arrived; class numbers from 0 to "
            f"{num_classes - 1} are expected. Check num_classes."
        )
    hard = one_hot(labels, num_classes).float()
    return blend(hard, lam)
