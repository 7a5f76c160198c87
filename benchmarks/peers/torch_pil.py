"""PyTorch's DataLoader as most training scripts use it: Pillow's images, torchvision v2, float32 in the worker."""

from __future__ import annotations

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from benchmarks.work import MEAN, STD, Epoch, ImageWork

TITLE = "torch DataLoader, Pillow"
LIBRARIES = ("torch", "torchvision", "pillow")


class PillowSamples(Dataset[tuple[torch.Tensor, int]]):
    """Samples by Pillow and torchvision v2."""

    def __init__(self, work: ImageWork) -> None:
        steps = [v2.RandomResizedCrop(work.size, antialias=True), v2.RandomHorizontalFlip(), v2.ToImage()]
        if work.float32:
            steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
        self.files, self.labels, self.transform = work.files, work.labels, v2.Compose(steps)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        with Image.open(self.files[index]) as image:
            return self.transform(image.convert("RGB")), self.labels[index]


def images(work: ImageWork) -> Epoch:
    """Load with worker processes that stay for the next epoch."""
    loader = DataLoader(
        PillowSamples(work),
        work.batch_size,
        shuffle=True,
        num_workers=work.workers,
        persistent_workers=work.workers > 0,
    )
    return lambda: loader
