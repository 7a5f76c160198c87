"""A file's bytes → an RGB image. Every dataset of pictures decodes here, and only here."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from datakit.datasets.jpeg import decode_jpeg

# What Pillow raises for a file that is no image, is cut short, is broken inside, or would fill the memory.
UNDECODABLE = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


def decode_rgb(path: str | Path) -> Tensor:
    """Read an image file.

    Greyscale, palette, CMYK and 16-bit greyscale images become 8-bit RGB; 16 bits are cut to the upper 8, as
    torchvision does. Transparency is dropped, and EXIF orientation is not applied: both as in torchvision's
    ``ImageFolder``. Of an animation the first frame is read.

    Args:
        path: the file.

    Returns:
        uint8 tensor [3, height, width], values 0..255. Its memory is channels-last, as the decoder wrote it.

    Raises:
        FileNotFoundError: if there is no such file.
        OSError, SyntaxError, ValueError, EOFError, PIL.Image.DecompressionBombError: if it can't be decoded
            (``UNDECODABLE`` lists them).
    """
    data = Path(path).read_bytes()
    decoded = decode_jpeg(data)
    if decoded is not None:
        return decoded
    with Image.open(BytesIO(data)) as image:
        pixels = np.array(_eight_bit(image).convert("RGB"))
    return torch.from_numpy(pixels).permute(2, 0, 1)


def _eight_bit(image: Image.Image) -> Image.Image:
    # `convert` would clip 16-bit values at 255, so that nearly every pixel came out white.
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.array(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError(
            f"the image has mode {image.mode!r} (32 bits a pixel), whose range of values is not known. "
            "Save it with 8 or 16 bits a pixel"
        )
    return image
