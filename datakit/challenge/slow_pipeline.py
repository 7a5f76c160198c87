"""A pipeline that works, and crawls. Find out why, and make it fast: the batches must stay the same, byte for byte.

Change what you like in here, and add what you like, as long as `batches` keeps its arguments and yields the same.
`datakit challenge run my_pipeline.py` runs yours and the original in turn, compares every batch, and says how many
times as fast yours is. A run starts in a new process, with pictures and a seed that your pipeline hasn't seen.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torchvision.io import decode_jpeg, read_file
from torchvision.transforms.v2.functional import resize

BATCH_SIZE = 32
SIDE = 96


def batches(folder: Path, seed: int, epochs: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of all epochs, one epoch after the other.

    Args:
        folder: holds ``manifest.csv``, with the columns ``path`` (relative to the folder) and ``label``, and the JPEGs.
        seed: decides the order and the crops, together with the epoch.
        epochs: how often each picture is seen.

    Yields:
        Images uint8 [32, 3, 96, 96] and labels int64 [32], numbers of the sorted label names. An epoch's last batch
        may be smaller.
    """
    for epoch in range(epochs):
        images = torch.empty(0, 3, SIDE, SIDE, dtype=torch.uint8)
        labels = torch.empty(0, dtype=torch.int64)
        order = list(range(len(read_manifest(folder))))
        random.Random(f"{seed} {epoch}").shuffle(order)
        for index in order:
            image, label = load_sample(folder, index, random.Random(f"{seed} {epoch} {index}"))
            images = torch.cat([images, image.unsqueeze(0)])
            labels = torch.cat([labels, torch.tensor([label])])
            if len(labels) == BATCH_SIZE:
                yield images, labels
                images, labels = images[:0], labels[:0]
        if len(labels) > 0:
            yield images, labels


def load_sample(folder: Path, index: int, rng: random.Random) -> tuple[Tensor, int]:
    """Load one picture: a square part of it, resized, and mirrored half of the time; and the number of its label."""
    row = read_manifest(folder)[index]
    names = sorted({each["label"] for each in read_manifest(folder)})
    height, width = picture_size(folder / row["path"])
    side = rng.randint(min(height, width) // 2, min(height, width))
    top, left = rng.randint(0, height - side), rng.randint(0, width - side)
    mirrored = rng.random() < 0.5
    part = load_picture(folder / row["path"])[:, top : top + side, left : left + side]
    image = resize(part, [SIDE, SIDE], antialias=True)
    if mirrored:
        image = mirror(image)
    return through_floats(image), names.index(row["label"])


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the manifest."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def picture_size(path: Path) -> tuple[int, int]:
    """Return a picture's height and width."""
    _, height, width = load_picture(path).shape
    return height, width


def load_picture(path: Path) -> Tensor:
    """Decode a JPEG: uint8 [3, height, width]."""
    picture: Tensor = decode_jpeg(read_file(str(path)))
    return picture


def mirror(image: Tensor) -> Tensor:
    """Swap left and right, column by column."""
    mirrored = torch.empty_like(image)
    for column in range(SIDE):
        mirrored[:, :, column] = image[:, :, SIDE - 1 - column]
    return mirrored


def through_floats(image: Tensor) -> Tensor:
    """Turn the pixels into numbers from 0 to 1, look whether they are, and turn them back."""
    numbers = [value / 255 for value in image.flatten().tolist()]
    assert all(0 <= number <= 1 for number in numbers)
    return (torch.tensor(numbers, dtype=torch.float64) * 255).round().to(torch.uint8).reshape(image.shape)
