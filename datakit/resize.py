"""Resize an image straight into the memory where the result belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from datakit.transforms.resize import resize

# `F.interpolate` calls this operator and can't be told where to write. It is private: PyTorch may change it in any
# release. So it is used only while its signature is this one, and tests compare its pixels with torchvision's.
SIGNATURE = (
    "aten::_upsample_bilinear2d_aa.out(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, "
    "float? scales_w=None, *, Tensor(a!) out) -> Tensor(a!)"
)


def resize_into(source: Tensor, out: Tensor) -> None:
    """Resize an image into ``out``: bilinear, with antialiasing, as torchvision's ``resize`` does.

    The result is written once, where it belongs. The source may be a view of a larger image (a crop).

    Args:
        source: [channels, height, width], uint8 or a floating dtype; fastest where the channels lie last in memory.
        out: [channels, new height, new width], same channels, dtype and device; it may be one place of a batch.

    Raises:
        ValueError: if the two don't have three dimensions each, the same channels and the same dtype, or if one of
            them has no pixels.

    Example:
        >>> batch = torch.zeros(8, 3, 32, 32, dtype=torch.uint8)
        >>> resize_into(torch.full((3, 100, 80), 7, dtype=torch.uint8), batch[5])
        >>> batch.amax(dim=(1, 2, 3)).tolist()
        [0, 0, 0, 0, 0, 7, 0, 0]

    Source: "torch.nn.functional.interpolate" (``antialias``), PyTorch documentation.
    """
    if not source.ndim == out.ndim == 3 or source.shape[0] != out.shape[0] or source.dtype != out.dtype:
        raise ValueError(
            f"resize_into: the source is {_described(source)} and the place is {_described(out)}. "
            "Both must be [channels, height, width], with the same channels and dtype."
        )
    if source.numel() == 0 or out.numel() == 0:
        raise ValueError(
            f"resize_into: the source is {_described(source)} and the place is {_described(out)}, one of them without "
            "pixels. Heights and widths must be at least 1."
        )
    if _direct is not None and _is_safe(source, out):
        _direct(source.unsqueeze(0), list(out.shape[1:]), False, None, None, out=out.unsqueeze(0))
    else:
        out.copy_(resize(source, (out.shape[1], out.shape[2])))


def _is_safe(source: Tensor, out: Tensor) -> bool:
    """Does the operator write the right pixels? PyTorch's (2.15) fails in two cases.

    A result of a single column, and channels that lie first in the source and last in the result.
    """
    return out.shape[2] > 1 and (source.stride(0) == 1 or out.is_contiguous())


def _find_direct() -> Callable[..., Any] | None:
    operator = getattr(getattr(torch.ops.aten, "_upsample_bilinear2d_aa", None), "out", None)
    return operator if operator is not None and str(operator._schema) == SIGNATURE else None


_direct = _find_direct()


def _described(image: Tensor) -> str:
    return f"{str(image.dtype).removeprefix('torch.')} {list(image.shape)}"
