"""Two datasets that augment in the way that comes to mind first, and a small augmentation to try them with.

They lie in a module, because a worker process that begins afresh can only find what it can import.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset, get_worker_info

Augment = Callable[[Tensor, np.random.Generator], Tensor]


def nudge(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Move a picture [..., H, W] by up to two rows and columns; what leaves on one side comes in on the other."""
    rows, columns = (int(way) for way in rng.integers(-2, 3, size=2))
    return image.roll((rows, columns), dims=(-2, -1))


class AugmentsInInit(Dataset[Tensor]):
    """Augments each picture when the dataset is made."""

    def __init__(self, images: Tensor, augment: Augment, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.images = [augment(image, rng) for image in images]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.images[index]


class SeedsOnce(Dataset[tuple[int, int, int]]):
    """Draws from one generator that is seeded when the dataset is made; tells who drew what."""

    def __init__(self, samples: int, seed: int) -> None:
        self.samples = samples
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, index: int) -> tuple[int, int, int]:
        worker = get_worker_info()
        return index, 0 if worker is None else worker.id, int(self.rng.integers(0, 100))
