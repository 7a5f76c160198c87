"""As many different JPEGs as an experiment needs, cut from a few real photographs."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

RECORD = "corpus.json"
MANIFEST = "manifest.csv"
IMAGES = "images"
SMALLEST_CROP = 0.5


def photo_corpus(
    folder: str | Path,
    n: int,
    size: tuple[int, int] = (375, 500),
    seed: int = 0,
    quality: int = 90,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write ``n`` JPEGs and a manifest, for :class:`datakit.ImageDataset`.

    Each image is a random crop of a real photograph, sometimes mirrored, resized to ``size``: so a decoder has real
    work to do. The photographs take turns, and an image's label is its photograph's name. The same arguments give the
    same bytes. A complete corpus with the same arguments is used as it is; an unfinished or different one is rebuilt.

    Args:
        folder: where to write; created if it is not there. Keep it for the corpus alone.
        n: how many images.
        size: height and width in pixels.
        seed: another seed gives other crops.
        quality: JPEG quality, 1 to 95.
        progress: called with (images written, ``n``) after each image.

    Returns:
        The manifest: a CSV file with the columns ``path`` (relative to ``folder``) and ``label``.

    Raises:
        ValueError: if ``n``, ``size`` or ``quality`` is out of range.
        FileExistsError: if ``folder`` holds files of somebody else.
        ModuleNotFoundError: if a package that ships the photographs is not installed.
    """
    from datakit.samples import photographs

    if n < 1 or min(size) < 1 or not 1 <= quality <= 95:
        raise ValueError(
            f"photo_corpus: n={n}, size={size}, quality={quality} arrived. "
            "Use n ≥ 1, a height and a width of at least 1 pixel, and a quality from 1 to 95."
        )
    folder = Path(folder)
    wanted: dict[str, Any] = {"n": n, "size": list(size), "seed": seed, "quality": quality}
    if _is_complete(folder, wanted):
        return folder / MANIFEST
    _clear(folder)
    # The record comes first: a corpus killed from here on is known for an unfinished one.
    _write_record(folder, {**wanted, "complete": False})
    (folder / IMAGES).mkdir()
    sources = [(name, _open(path)) for name, path in photographs().items()]
    entries = []
    for i in range(n):
        label, photograph = sources[i % len(sources)]
        # One generator an image: image 7 is the same in a corpus of 10 and in one of 1,000.
        image = _variation(photograph, size, random.Random(f"{seed} {i}"))
        path = f"{IMAGES}/{i:06d}.jpg"
        image.save(folder / path, quality=quality)
        entries.append((path, label, (folder / path).stat().st_size))
        if progress is not None:
            progress(i + 1, n)
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "label"))
        writer.writerows((path, label) for path, label, _ in entries)
    _write_record(folder, {**wanted, "complete": True, "bytes": {path: length for path, _, length in entries}})
    return folder / MANIFEST


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _variation(photograph: Image.Image, size: tuple[int, int], draw: random.Random) -> Image.Image:
    """Crop at random, in the proportions of ``size``; mirror every second one; resize."""
    height, width = size
    largest = min(photograph.width / width, photograph.height / height)
    scale = largest * draw.uniform(SMALLEST_CROP, 1)
    left = draw.uniform(0, photograph.width - width * scale)
    top = draw.uniform(0, photograph.height - height * scale)
    box = (left, top, left + width * scale, top + height * scale)
    image = photograph.resize((width, height), Image.Resampling.BILINEAR, box=box)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.random() < 0.5 else image


def _is_complete(folder: Path, wanted: dict[str, Any]) -> bool:
    if not (folder / RECORD).is_file() or not (folder / MANIFEST).is_file():
        return False
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    lengths: dict[str, int] = record.pop("bytes", {})
    return record == {**wanted, "complete": True} and all(
        (folder / path).is_file() and (folder / path).stat().st_size == length for path, length in lengths.items()
    )


def _clear(folder: Path) -> None:
    """Make the folder empty, but never delete what an earlier corpus did not write."""
    folder.mkdir(parents=True, exist_ok=True)
    others = {entry.name for entry in folder.iterdir()} - {f"{RECORD}.part"}
    if others and RECORD not in others:
        raise FileExistsError(
            f"photo_corpus: {folder} is not empty and holds no {RECORD}, so its files are not an earlier corpus. "
            "Pass a new folder."
        )
    shutil.rmtree(folder / IMAGES, ignore_errors=True)
    (folder / MANIFEST).unlink(missing_ok=True)


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    # Written aside and renamed, so that a kill at any moment leaves the old record or the new one, never half of one.
    aside = folder / f"{RECORD}.part"
    aside.write_text(json.dumps(record), encoding="utf-8")
    aside.replace(folder / RECORD)
