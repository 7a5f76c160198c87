"""JPEG bytes → pixels, by the decoder that took the least time.

All well-kept decoders contain libjpeg-turbo and give the same pixels, so the choice changes nothing but the time.
CPU time for a JPEG of 500×375 pixels (one thread, medians of nine interleaved rounds): simplejpeg 718 µs, OpenCV 759,
TorchCodec 798, torchvision 811, Pillow 1040. simplejpeg is also the smallest, takes bytes as they are, and releases the
GIL; torchvision's decoder is deprecated since 0.29. ``python -m benchmarks.decoders`` measures them again.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import torch
from PIL import Image
from torch import Tensor

FIRST_BYTES = b"\xff\xd8\xff"


def decode_jpeg(data: bytes) -> Tensor | None:
    """Decode a JPEG, if the fast decoder can.

    Args:
        data: a whole file.

    Returns:
        uint8 tensor [3, height, width], channels-last in memory; or ``None`` where Pillow must do the work: simplejpeg
        is not installed, the bytes are no JPEG, are damaged (Pillow's error says how), hold four colours (CMYK), or
        hold more pixels than Pillow takes for an attack (``PIL.Image.MAX_IMAGE_PIXELS``).

    Example:
        >>> decode_jpeg(b"no JPEG") is None
        True
    """
    simplejpeg = _simplejpeg()
    if simplejpeg is None or not data.startswith(FIRST_BYTES):
        return None
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
        if colours in ("CMYK", "YCCK") or height * width > (Image.MAX_IMAGE_PIXELS or float("inf")):
            return None
        return torch.from_numpy(simplejpeg.decode_jpeg(data, "RGB")).permute(2, 0, 1)
    except ValueError:
        return None


# Cached, because Python looks for a missing module again at each import.
@cache
def _simplejpeg() -> ModuleType | None:
    return import_module("simplejpeg") if find_spec("simplejpeg") else None
