"""Transforms for a whole batch on the device: the last stretch of the way, after the copy.

Bytes cross the bus, a quarter of what floats would be; there they become floats, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from datakit.transforms.base import Transform, check_image, check_probability
from datakit.transforms.scale import check_channels, check_statistics


class NormalizeBatch(Transform):
    """Bytes 0..255 → normalised float32, for a batch on any device; ``Normalize(mean, std)`` after ``ToFloat()``.

    Dividing by 255, subtracting the mean and dividing by the deviation are one multiplication and one addition. They
    write into a buffer that is used again for the next batch: new memory for each batch costs more than the sums.
    Where the channels lie innermost (``torch.channels_last``), a row of pixels is multiplied by a row of factors, so
    that the processor works on long stretches rather than on three numbers at a time: four times as fast.

    So **a batch is valid until the next one is asked for**: copy what you want to keep.

    Args:
        mean: one number a channel, or one for all, of values from 0 to 1.
        std: likewise; none may be 0.

    Raises:
        ValueError: if there are no numbers, their counts differ, or one of ``std`` is not positive.

    Example:
        >>> normalize = NormalizeBatch([0.5], [0.25])
        >>> normalize(torch.full((2, 3, 4, 4), 255, dtype=torch.uint8)).unique()
        tensor([2.])
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        check_statistics(mean, std, "NormalizeBatch")
        self._factor = 1 / (255 * torch.tensor(std))
        self._shift = -torch.tensor(mean) / torch.tensor(std)
        self._buffer = torch.empty(0)

    def __call__(self, image: Tensor) -> Tensor:
        """Convert and normalise.

        Args:
            image: uint8 [..., C, H, W].

        Returns:
            float32, the same shape and memory format; see above for how long it is valid.

        Raises:
            TypeError: if ``image`` is not a tensor of bytes.
            ValueError: if it is not [..., C, H, W], or C is not the number of means.
        """
        check_image(image, "NormalizeBatch")
        if image.dtype != torch.uint8:
            raise TypeError(f"NormalizeBatch: a batch of dtype {image.dtype} arrived; uint8 is expected.")
        check_channels(image, len(self._factor), "NormalizeBatch")
        if self._factor.device != image.device:
            self._factor, self._shift = self._factor.to(image.device), self._shift.to(image.device)
        buffer = self._buffer_like(image)
        if image.ndim == 4 and image.is_contiguous(memory_format=torch.channels_last):
            width = image.shape[-1]
            factor, shift = self._factor.repeat(width), self._shift.repeat(width)
            _rows(buffer).copy_(_rows(image)).mul_(factor).add_(shift)
        else:
            buffer.copy_(image).mul_(self._factor[:, None, None]).add_(self._shift[:, None, None])
        return buffer

    def _buffer_like(self, image: Tensor) -> Tensor:
        old = self._buffer
        if old.shape != image.shape or old.stride() != image.stride() or old.device != image.device:
            self._buffer = torch.empty_like(image, dtype=torch.float32)
        return self._buffer


def _rows(batch: Tensor) -> Tensor:
    """View a channels-last batch [B, C, H, W] as rows of interleaved channels [B, H, W * C]."""
    return batch.permute(0, 2, 3, 1).flatten(2)


class FlipBatch(Transform):
    """Exchange left and right in each image of a batch with probability ``p``, each decided for itself.

    The decisions are drawn on the device, so that the host need not wait for it.

    Args:
        p: the probability.
        generator: where random numbers come from, on the batch's device; by default that device's global generator.

    Raises:
        ValueError: if ``p`` is not from 0 to 1.

    Example:
        >>> FlipBatch(p=1)(torch.tensor([[[[1, 2]]], [[[3, 4]]]])).tolist()
        [[[[2, 1]]], [[[4, 3]]]]
    """

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None) -> None:
        check_probability(p, "FlipBatch")
        self.p = p
        self.generator = generator

    def __call__(self, image: Tensor) -> Tensor:
        """Flip some of the images.

        Args:
            image: [B, C, H, W], any dtype.

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [B, C, H, W].
        """
        check_image(image, "FlipBatch")
        if image.ndim != 4:
            raise ValueError(f"FlipBatch: a tensor of shape {list(image.shape)} arrived; [B, C, H, W] is expected.")
        chosen = torch.rand(len(image), generator=self.generator, device=image.device) < self.p
        return torch.where(chosen[:, None, None, None], image.flip(-1), image)

    def eval_twin(self) -> None:
        """Evaluation leaves images as they are."""
