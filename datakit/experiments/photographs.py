"""Photographs for experiments: made once, kept in the user's cache, ready in the operating system's memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from datakit.datasets.images import ImageDataset
from datakit.samples import photo_corpus

# As a learner reads it → height and width in pixels.
SIZES = {"250 × 188": (188, 250), "500 × 375": (375, 500), "1000 × 750": (750, 1000)}


def cached_photographs(
    n: int, size: tuple[int, int], seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Path:
    """Return the manifest of ``n`` photographs, made if they are not there yet.

    All files are read once, and one is decoded: so whoever measures next measures neither the disk nor the decoder's
    start.

    Args:
        n: how many.
        size: height and width in pixels.
        seed: which ones; see :func:`datakit.samples.photo_corpus`.
        progress: called with (photographs made, ``n``).

    Raises:
        OSError: if the cache folder can't be written; the message names it.
        ModuleNotFoundError: if a package with photographs is not installed.
    """
    folder = cache_folder() / f"photographs-{n}-{size[0]}x{size[1]}-{seed}"
    try:
        manifest = photo_corpus(folder, n, size, seed, progress=progress)
    except OSError as error:
        raise OSError(
            f"The photographs can't be kept in {folder}: {error.strerror or error}. "
            "Free some space, or name a folder that you can write in the environment variable XDG_CACHE_HOME."
        ) from error
    photographs = ImageDataset(manifest)
    photographs[0]
    for file in photographs.paths:
        file.read_bytes()
    return manifest


def cache_folder() -> Path:
    """Return the folder in the user's cache that experiments may fill."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "datakit"
