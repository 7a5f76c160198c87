"""PyTorch's DataLoader on uint8 tensors: torchvision's JPEG decoder and v2 transforms."""

from __future__ import annotations

from torch.utils.data import DataLoader

from benchmarks.sample import FileSamples
from benchmarks.work import Epoch, ImageWork

TITLE = "torch DataLoader, torchvision decode"
LIBRARIES = ("torch", "torchvision")


def images(work: ImageWork) -> Epoch:
    """Load with worker processes that stay for the next epoch."""
    loader = DataLoader(
        FileSamples(work), work.batch_size, shuffle=True, num_workers=work.workers, persistent_workers=work.workers > 0
    )
    return lambda: loader
