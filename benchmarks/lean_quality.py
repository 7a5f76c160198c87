"""How near are the pixels of a fast resize to those of an exact one?

Set-up: real photographs → a central box that is so many times larger than the result → 224×224. The reference is the
whole image decoded, then resized in float64 with antialiasing, never rounded. PSNR in dB over all photographs: higher
is nearer; above 50 dB is rounding, below 35 dB can be seen. Result: see ``docs/benchmarks/quality.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from datakit import samples
from datakit.crop_boxes import Box
from datakit.datasets.decode import decode_rgb
from datakit.resize import resize_into

SIZE = 224
RATIOS = (1.25, 1.5, 2.0, 3.0, 4.0)
SIDE = int(SIZE * max(RATIOS))


def exact(path: Path, box: Box) -> Tensor:
    """Resize in float64; the reference."""
    return F.interpolate(_cut(decode_rgb(path), box)[None].double(), (SIZE, SIZE), mode="bilinear", antialias=True)[0]


def lean(path: Path, box: Box) -> Tensor:
    """Resize uint8 into place: datakit's."""
    out = torch.empty(3, SIZE, SIZE, dtype=torch.uint8)
    resize_into(_cut(decode_rgb(path), box), out)
    return out


def pillow(path: Path, box: Box) -> Tensor:
    """Pillow's resize, antialiased; what torchvision does with Pillow's images."""
    return _pillow(Image.open(path).convert("RGB"), box)


def reduced(path: Path, box: Box) -> Tensor:
    """Let the decoder halve the image as often as the box stays large enough (Pillow's draft mode), then resize."""
    with Image.open(path) as image:
        whole = image.height
        least = math.ceil(whole * SIZE / box.height)
        image.draft("RGB", (least, least))
        factor = image.height / whole
        return _pillow(image.convert("RGB"), Box(*(round(side * factor) for side in box)))


def no_antialias(path: Path, box: Box) -> Tensor:
    """Bilinear without antialiasing: the default of OpenCV and of ``F.interpolate``."""
    cut = _cut(decode_rgb(path), box)[None].double()
    return F.interpolate(cut, (SIZE, SIZE), mode="bilinear").round()[0]


WAYS: dict[str, Callable[[Path, Box], Tensor]] = {
    "datakit, uint8 into place": lean,
    "Pillow's resize": pillow,
    "reduced decoding, then Pillow's resize": reduced,
    "no antialiasing": no_antialias,
}


def psnr(image: Tensor, reference: Tensor) -> float:
    """Return the peak signal-to-noise ratio in dB; infinite where all values are equal.

    Args:
        image: any shape, values 0..255.
        reference: the same shape.
    """
    error = (image.double() - reference.double()).square().mean().item()
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def measure(files: list[Path]) -> dict[str, list[float]]:
    """Compare each way with the reference: way → PSNR in dB for each of ``RATIOS``, all photographs together."""
    table: dict[str, list[float]] = {name: [] for name in WAYS}
    for ratio in RATIOS:
        side = round(SIZE * ratio)
        box = Box((SIDE - side) // 2, (SIDE - side) // 2, side, side)
        reference = torch.stack([exact(file, box) for file in files])
        for name, way in WAYS.items():
            table[name].append(psnr(torch.stack([way(file, box) for file in files]), reference))
    return table


def large_photographs(folder: Path) -> list[Path]:
    """Write the photographs as square JPEGs of 896×896, quality 95; photographs that are smaller are left out."""
    files = []
    for name, source in samples.photographs().items():
        with Image.open(source) as image:
            side = min(image.size)
            if side >= SIZE * 2 - 48:
                square = image.convert("RGB").crop((0, 0, side, side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                square.save(folder / f"{name}.jpg", quality=95)
                files.append(folder / f"{name}.jpg")
    return files


def _pillow(image: Image.Image, box: Box) -> Tensor:
    edges = (box.left, box.top, box.left + box.width, box.top + box.height)
    pixels = np.array(image.crop(edges).resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    return torch.from_numpy(pixels).permute(2, 0, 1)


def _cut(image: Tensor, box: Box) -> Tensor:
    return image[:, box.top : box.top + box.height, box.left : box.left + box.width]


def main() -> None:
    """Print a Markdown table."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        table = measure(large_photographs(Path(folder)))
    print("| PSNR in dB, box ÷ result | " + " | ".join(f"{ratio:g}" for ratio in RATIOS) + " |")
    print("|---" * (len(RATIOS) + 1) + "|")
    for name, values in table.items():
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in values) + " |")


if __name__ == "__main__":
    main()
