"""The grid of an experiment about augmentation: originals beside several draws, digits and photographs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from datakit.experiments.augmentation_operations import augmented
from datakit.experiments.augmentation_reader import split_digits
from datakit.samples import photographs

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

DRAWS = 5
SIDE = 96  # pixels of a photograph
DIGITS = (6, 2)
PHOTOGRAPHS = ("chelsea", "china")
IN_WORDS = "a 6, a 2, a cat and a temple"


def draw_grid(figure: SubFigure, operation: str, strength: int, seed: int) -> None:
    """Draw each original and, beside it, several augmented twins.

    Args:
        figure: where to draw.
        operation: see :mod:`datakit.experiments.augmentation_operations`.
        strength: per cent.
        seed: which draws.
    """
    originals = [_digit(digit) for digit in DIGITS] + [photograph(name) for name in PHOTOGRAPHS]
    rows = figure.subplots(len(originals), 1 + DRAWS)
    for row, original in zip(rows, originals, strict=True):
        twins = augmented(original.expand(DRAWS, -1, -1, -1), operation, strength, seed)
        for axes, picture in zip(row, [original, *twins], strict=True):
            # Ink is dark on paper; the numbers behind it are high.
            shown = 1 - picture[0] if len(picture) == 1 else picture.permute(1, 2, 0)
            axes.imshow(shown.numpy(), cmap="gray", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
    rows[0][0].set_title("original", fontsize=10)
    rows[0][1].set_title("augmented", fontsize=10)


@cache
def photograph(name: str) -> Tensor:
    """Return the middle of a sample photograph, float32 from 0 to 1, [3, 96, 96].

    Raises:
        ModuleNotFoundError: if the package that holds it is not installed.
    """
    from PIL import Image, ImageOps

    with Image.open(photographs()[name]) as picture:
        small = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE))
    return torch.from_numpy(np.array(small)).permute(2, 0, 1) / 255


def _digit(digit: int) -> Tensor:
    _, (images, labels) = split_digits()
    return images[int((labels == digit).nonzero()[0])]
