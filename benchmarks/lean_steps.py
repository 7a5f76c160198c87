"""What does each step of an image sample cost, the usual way and the lean way?

Set-up: a JPEG of 500×375 → random resized crop to 224×224 with antialiasing → flip → its place in a batch of 64. One
thread, CPU time, the same box for both ways; rounds interleaved. The usual way is torchvision v2 on Pillow's images;
its float32 conversion happens for each sample. Result: the table in ``datakit/datasets/lean_images.py``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from PIL import Image
from torchvision.transforms import v2

from benchmarks.corpus import photo_files
from datakit.crop_boxes import Box, random_resized_box
from datakit.datasets.decode import decode_rgb
from datakit.randomness import sample_random
from datakit.resize import resize_into

ROUNDS = 7
REPEATS = 100
BATCH = 64
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
BOX = Box(40, 60, 260, 330)

Step = Callable[[int], object]


def usual_way(path: str) -> dict[str, Step]:
    """Make the steps of a sample of torchvision v2, each as a function of a running number."""
    draw_crop = v2.RandomResizedCrop(224, antialias=True)
    image = Image.open(path).convert("RGB")
    crop = v2.functional.resized_crop(image, *BOX, [224, 224])
    to_float = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])
    samples = [to_float(crop) for _ in range(BATCH)]
    return {
        "draw box and flip": lambda _: (draw_crop.make_params([image]), torch.rand(1)),
        "read and decode": lambda _: Image.open(path).convert("RGB"),
        "crop, antialiased resize": lambda _: v2.functional.resized_crop(image, *BOX, [224, 224]),
        "flip": lambda _: v2.functional.horizontal_flip(crop),
        "float32, normalise": lambda _: to_float(crop),
        "stack (a 64th)": lambda number: torch.stack(samples) if number % BATCH == 0 else None,
    }


def lean_way(path: str) -> dict[str, Step]:
    """Make the steps of a lean sample, each as a function of a running number."""
    image = decode_rgb(path)
    batch = torch.empty(BATCH, 3, 224, 224, dtype=torch.uint8, memory_format=torch.channels_last)
    floats = torch.empty(batch.shape, memory_format=torch.channels_last)
    mean, scale = (torch.tensor(values).view(1, 3, 1, 1) * 255 for values in (MEAN, STD))
    top, left, height, width = BOX

    def mirror(number: int) -> None:
        here = batch[number % BATCH]
        here.copy_(here.flip(-1))

    def convert(number: int) -> None:
        if number % BATCH == 0:
            floats.copy_(batch).sub_(mean).div_(scale)

    return {
        "draw box and flip": lambda _: (random_resized_box(375, 500), sample_random().random()),
        "read and decode": lambda _: decode_rgb(path),
        "crop, antialiased resize": lambda number: resize_into(
            image[:, top : top + height, left : left + width], batch[number % BATCH]
        ),
        "flip": mirror,
        "float32, normalise": convert,
        "stack (a 64th)": lambda _: None,
    }


def measure(path: str, rounds: int = ROUNDS, repeats: int = REPEATS) -> dict[str, tuple[float, float]]:
    """Measure each step once a round, both ways side by side.

    Returns:
        Step → median CPU µs an image, the usual way and the lean way.
    """
    ways = usual_way(path), lean_way(path)
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ways[0]}
    for _ in range(rounds):
        for name in taken:
            for way, values in zip(ways, taken[name], strict=True):
                values.append(_microseconds(way[name], repeats))
    return {name: (statistics.median(usual), statistics.median(lean)) for name, (usual, lean) in taken.items()}


def _microseconds(step: Step, repeats: int) -> float:
    # A multiple of the batch, so that what happens once a batch is counted with its share.
    repeats = -(-repeats // BATCH) * BATCH
    began = time.process_time()
    for number in range(repeats):
        step(number)
    return (time.process_time() - began) / repeats * 1e6


def main() -> None:
    """Print a Markdown table."""
    torch.set_num_threads(1)
    medians = measure(str(photo_files(8)[0]))
    print("| step, CPU µs an image | usual way | lean way |")
    print("|---|---|---|")
    for name, (usual, lean) in medians.items():
        print(f"| {name} | {usual:.0f} | {lean:.0f} |")
    print(f"| **all** | {sum(u for u, _ in medians.values()):.0f} | {sum(x for _, x in medians.values()):.0f} |")


if __name__ == "__main__":
    main()
