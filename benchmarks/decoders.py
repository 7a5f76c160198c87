"""Which JPEG decoder takes the least CPU time, and do they agree on the pixels?

Set-up: 200 JPEGs of 500×375 in memory, each decoded to RGB uint8 by one decoder after the other, in one thread; rounds
are interleaved, so that a slow moment of the machine touches all. CPU time is counted, so that other programs disturb
less. Decoders that are not installed are left out. Result: see ``docs/benchmarks/decoders.md``.
"""

from __future__ import annotations

import io
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.corpus import photo_files

ROUNDS = 9
Pixels = npt.NDArray[np.uint8]


def pillow() -> Callable[[bytes], Any]:
    """Pillow's decoder, as most training scripts use it."""
    return lambda data: np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def simplejpeg() -> Callable[[bytes], Any]:
    """A thin wrapper of libjpeg-turbo."""
    import simplejpeg

    return lambda data: simplejpeg.decode_jpeg(data, "RGB")


def opencv() -> Callable[[bytes], Any]:
    """OpenCV, asked for RGB."""
    import cv2

    cv2.setNumThreads(1)
    return lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def torchvision() -> Callable[[bytes], Any]:
    """torchvision's, which is deprecated since 0.29."""
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg

    return lambda data: decode_jpeg(torch.from_numpy(np.frombuffer(data, np.uint8)), ImageReadMode.RGB)


def torchcodec() -> Callable[[bytes], Any]:
    """TorchCodec, which torchvision names as its successor."""
    from torchcodec.decoders import decode_jpeg

    return lambda data: decode_jpeg(data)


DECODERS = (simplejpeg, opencv, torchcodec, torchvision, pillow)


def installed() -> dict[str, Callable[[bytes], Any]]:
    """Make every decoder whose library can be imported."""
    found = {}
    for make in DECODERS:
        try:
            found[make.__name__] = make()
        except (ImportError, OSError, RuntimeError) as error:
            print(f"{make.__name__:<12} left out: {str(error).splitlines()[0]}")
    return found


def measure(files: list[bytes], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Measure each decoder once a round.

    Returns:
        Decoder → CPU µs an image, one number a round.
    """
    decoders = installed()
    taken: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(rounds):
        for name, decode in decoders.items():
            began = time.process_time()
            for data in files:
                decode(data)
            taken[name].append((time.process_time() - began) / len(files) * 1e6)
    return taken


def largest_difference(files: list[bytes]) -> dict[str, int]:
    """Compare the pixels with Pillow's: decoder → the largest difference of a value, 0..255."""
    reference = [np.asarray(pillow()(data)).astype(int) for data in files]
    return {
        name: max(
            int(np.abs(_height_first(decode(data)) - wanted).max())
            for data, wanted in zip(files, reference, strict=True)
        )
        for name, decode in installed().items()
    }


def _height_first(image: Any) -> npt.NDArray[np.int64]:
    pixels: npt.NDArray[np.int64] = np.asarray(image).astype(int)
    return pixels.transpose(1, 2, 0) if pixels.shape[0] == 3 else pixels


def main() -> None:
    """Print a Markdown table."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    files = [Path(path).read_bytes() for path in photo_files(200)]
    taken = measure(files)
    differences = largest_difference(files[:40])
    print("| decoder | CPU µs an image, median | least–most | ÷ Pillow, paired median | largest pixel difference |")
    print("|---|---|---|---|---|")
    for name, values in taken.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(values, taken["pillow"], strict=True))
        spread = f"{min(values):.0f}–{max(values):.0f}"
        print(f"| {name} | {statistics.median(values):.0f} | {spread} | {ratio:.2f} | {differences[name]} |")


if __name__ == "__main__":
    main()
