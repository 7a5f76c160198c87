"""Images of unequal size → one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from datakit._errors import check_positive
from datakit.collates.leading import join_leading, split_leading


class PaddedImages(NamedTuple):
    """B images, each in the upper left corner of a canvas of H × W.

    Attributes:
        images: [B, C, H, W], the images' dtype.
        mask: bool [B, H, W]; true where ``images`` holds picture, false where it is padding.
        sizes: int64 [B, 2], the height and width of each image before.
    """

    images: Tensor
    mask: Tensor
    sizes: Tensor


def pad_images(batch: Sequence[Any], multiple: int = 1, fill: float = 0) -> Any:
    """Pad images to the greatest height and the greatest width of the batch; a collate.

    Args:
        batch: B samples: images [C, height, width] of any sizes, or tuples that begin with such an image.
        multiple: the canvas's height and width are rounded up to a multiple of this; a network that halves its input
            five times wants 32.
        fill: the value of the padding.

    Returns:
        :class:`PaddedImages`. For tuples a list: that first, and behind it the default collate of the other entries.

    Raises:
        ValueError: if there are no samples, an image is not [C, height, width], numbers of channels differ, or
            ``multiple`` is not a positive integer.
        TypeError: if a sample does not begin with a tensor, or dtypes differ.
        RuntimeError: if the other entries don't fit together.

    Source: "End-to-End Object Detection with Transformers" (Carion et al., 2020), whose batches are padded and masked.

    Example:
        >>> padded = pad_images([torch.ones(3, 4, 6), torch.ones(3, 5, 2)], multiple=8)
        >>> padded.images.shape, padded.sizes.tolist()
        (torch.Size([2, 3, 8, 8]), [[4, 6], [5, 2]])
        >>> padded.mask.sum(dim=(1, 2)).tolist()
        [24, 10]
    """
    check_positive(multiple, "multiple", "pad_images")
    images, others = split_leading(batch, "pad_images", "an image [C, height, width]")
    for number, image in enumerate(images):
        if image.ndim != 3 or image.shape[0] != images[0].shape[0]:
            raise ValueError(
                f"pad_images: sample {number} of the batch has shape {list(image.shape)}, sample 0 "
                f"{list(images[0].shape)}. Expected is [C, height, width], with the same C for all."
            )
    sizes = torch.tensor([image.shape[1:] for image in images])
    height, width = (-(-int(side) // multiple) * multiple for side in sizes.amax(dim=0))
    canvas = images[0].new_full((len(images), images[0].shape[0], height, width), fill)
    mask = torch.zeros(len(images), height, width, dtype=torch.bool)
    for number, image in enumerate(images):
        _, h, w = image.shape
        canvas[number, :, :h, :w] = image
        mask[number, :h, :w] = True
    return join_leading(PaddedImages(canvas, mask, sizes), others)
