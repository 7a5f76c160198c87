"""The JPEGs that every benchmark of images reads."""

from __future__ import annotations

import os
from pathlib import Path

from datakit import ImageDataset, samples

SIZE = (375, 500)


def cache_folder() -> Path:
    """Return where corpora and converted copies are kept: ``$DATAKIT_BENCHMARKS``, or in the user's cache folder."""
    return Path(os.environ.get("DATAKIT_BENCHMARKS") or Path.home() / ".cache" / "datakit-benchmarks")


def photo_dataset(n: int, folder: Path | None = None) -> ImageDataset:
    """Return ``n`` JPEGs of about 500×375 with their labels; they are written at the first call."""
    return ImageDataset(samples.photo_corpus((folder or cache_folder()) / f"photos-{n}", n, SIZE))


def photo_files(n: int, folder: Path | None = None) -> list[Path]:
    """Return the files of :func:`photo_dataset`."""
    return photo_dataset(n, folder).paths
