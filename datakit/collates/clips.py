"""Video clips → one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from datakit.collates.leading import join_leading, split_leading


class PaddedClips(NamedTuple):
    """B clips of at most T frames.

    Attributes:
        clips: [B, T, C, H, W], the clips' dtype. ``clips.transpose(1, 2)`` is the order [B, C, T, H, W] that
            3-D convolutions take; it is a view, so nothing is copied.
        mask: bool [B, T]; false where a frame only repeats the clip's last one.
    """

    clips: Tensor
    mask: Tensor


def clip_collate(batch: Sequence[Any]) -> Any:
    """Stack clips; one that is too short, because its video ended, repeats its last frame.

    A repeated frame looks like a still, which a network meets in real videos too; a black one it never does.

    Args:
        batch: B samples: clips [frames, C, height, width] that differ in the number of frames only, or tuples that
            begin with such a clip.

    Returns:
        :class:`PaddedClips`. For tuples a list: that first, and behind it the default collate of the other entries.

    Raises:
        ValueError: if there are no samples, a clip has no frames or is not [frames, C, height, width], or frames differ
            in shape.
        TypeError: if a sample does not begin with a tensor, or dtypes differ.
        RuntimeError: if the other entries don't fit together.

    Example:
        >>> batch = clip_collate([torch.zeros(4, 3, 8, 8), torch.zeros(2, 3, 8, 8)])
        >>> batch.clips.shape, batch.mask.tolist()
        (torch.Size([2, 4, 3, 8, 8]), [[True, True, True, True], [True, True, False, False]])
    """
    clips, others = split_leading(batch, "clip_collate", "a clip [frames, C, height, width]")
    for number, clip in enumerate(clips):
        if clip.ndim != 4 or len(clip) == 0 or clip.shape[1:] != clips[0].shape[1:]:
            raise ValueError(
                f"clip_collate: sample {number} of the batch has shape {list(clip.shape)}, sample 0 "
                f"{list(clips[0].shape)}. Expected is [frames, C, height, width] with at least one frame, and frames "
                "of one shape; crop or resize them in the dataset."
            )
    frames = torch.arange(max(map(len, clips)))
    stacked = torch.stack([clip[frames.clamp(max=len(clip) - 1)] for clip in clips])
    mask = torch.stack([frames < len(clip) for clip in clips])
    return join_leading(PaddedClips(stacked, mask), others)
