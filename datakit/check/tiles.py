"""Pictures that say who they are."""

from __future__ import annotations

import torch


def tile(number: int, height: int = 2, width: int = 3) -> torch.Tensor:
    """Make a picture in which each pixel names its own place: (row, column, ``number``) as (red, green, blue).

    A picture that was turned, mirrored, mixed up with another or read in the wrong order of channels is seen at once.

    Args:
        number: which picture it is, 0 … 255.
        height: rows, 1 … 256.
        width: columns, 1 … 256.

    Returns:
        uint8 tensor ``[3, height, width]``.

    Raises:
        ValueError: if a number does not fit into a byte.
    """
    if not 0 <= number <= 255 or not 1 <= height <= 256 or not 1 <= width <= 256:
        raise ValueError(
            f"tile({number}, height={height}, width={width}): expected a number of 0 … 255 and sides of 1 … 256, "
            "because each is written into a byte."
        )
    rows = torch.arange(height).view(height, 1).expand(height, width)
    columns = torch.arange(width).expand(height, width)
    return torch.stack([rows, columns, torch.full((height, width), number)]).to(torch.uint8)
