"""PyTorch's DataLoader with datakit's lean samples: what the sample gains without the loader."""

from __future__ import annotations

from torch.utils.data import DataLoader

from benchmarks.lean import lean_images, normalised
from benchmarks.work import Epoch, ImageWork

TITLE = "torch DataLoader, datakit's sample"
LIBRARIES = ("torch", "simplejpeg")


def images(work: ImageWork) -> Epoch:
    """Load with worker processes that stay for the next epoch; a whole batch is normalised in the main process."""
    loader = DataLoader(
        lean_images(work), work.batch_size, shuffle=True, num_workers=work.workers, persistent_workers=work.workers > 0
    )
    return (lambda: normalised(loader)) if work.float32 else (lambda: loader)
