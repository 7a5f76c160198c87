"""One way to meet the challenge: read once, decode once, work side by side, and no Python for single pixels."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor
from torchvision.io import decode_jpeg, read_file
from torchvision.transforms.v2.functional import resize

from datakit import usable_cores

BATCH_SIZE = 32
SIDE = 96


def batches(folder: Path, seed: int, epochs: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the same as the slow pipeline."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["label"] for row in rows})
    labels = torch.tensor([names.index(row["label"]) for row in rows])
    # Decoded pictures fit into memory here, and the second epoch needs them again.
    pictures: list[Tensor | None] = [None] * len(rows)

    def sample(place: tuple[int, int]) -> Tensor:
        epoch, index = place
        picture = pictures[index]
        if picture is None:
            picture = pictures[index] = decode_jpeg(read_file(str(folder / rows[index]["path"])))
        _, height, width = picture.shape
        rng = random.Random(f"{seed} {epoch} {index}")
        side = rng.randint(min(height, width) // 2, min(height, width))
        top, left = rng.randint(0, height - side), rng.randint(0, width - side)
        part = picture[:, top : top + side, left : left + side]
        image: Tensor = resize(part, [SIDE, SIDE], antialias=True)
        return image.flip(-1) if rng.random() < 0.5 else image

    places = []
    for epoch in range(epochs):
        order = list(range(len(rows)))
        random.Random(f"{seed} {epoch}").shuffle(order)
        places.append([(epoch, index) for index in order])
    # Threads, as decoding and resizing release the interpreter's lock; one for each core leaves none of them waiting.
    torch.set_num_threads(1)
    with ThreadPoolExecutor(max(1, int(usable_cores()))) as pool:
        for epoch_places in places:
            images = pool.map(sample, epoch_places)
            for first in range(0, len(epoch_places), BATCH_SIZE):
                chosen = epoch_places[first : first + BATCH_SIZE]
                yield torch.stack([next(images) for _ in chosen]), labels[[index for _, index in chosen]]
