"""Copies of a corpus in a library's own format, made once and kept."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.work import ImageWork
from datakit import ShardWriter

COMPLETE = "complete"
SHARDS = 16


def converted(work: ImageWork, name: str, write: Callable[[Path], object]) -> Path:
    """Return a folder in a library's format; ``write`` is called with the empty folder if it is not there yet.

    A copy that was not finished, because somebody stopped it, is made anew.
    """
    # Another corpus of the same length must not be served the old copy.
    key = hashlib.sha256(repr((work.files, work.labels)).encode()).hexdigest()[:12]
    folder = work.cache / f"{name}-{work.samples}-{key}"
    marker = folder.with_suffix(f".{COMPLETE}")
    if not marker.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write(folder)
        marker.touch()
    return folder


def records(work: ImageWork) -> Iterator[tuple[bytes, int]]:
    """Read every file: JPEG bytes and label."""
    for file, label in zip(work.files, work.labels, strict=True):
        yield Path(file).read_bytes(), label


def tar_shards(work: ImageWork) -> Path:
    """Return a folder of 16 tar shards by the WebDataset convention, fields ``jpg`` and ``cls``."""
    return converted(work, "tar", lambda folder: _write_tars(folder, work))


def _write_tars(folder: Path, work: ImageWork) -> None:
    with ShardWriter(str(folder / "%03d.tar"), maxcount=-(-work.samples // SHARDS)) as writer:
        for number, (data, label) in enumerate(records(work)):
            writer.write({"__key__": f"{number:07d}", "jpg": data, "cls": label})
