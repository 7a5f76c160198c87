"""A cache on the disk."""

from __future__ import annotations

import os
import struct
import time
import warnings
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from datakit._errors import check_bool, check_positive
from datakit.datasets.cache_base import Cache, Entry
from datakit.datasets.cache_budget import DiskBudget
from datakit.datasets.cache_files import PART, write_whole
from datakit.datasets.cache_identity import fingerprint

# A mark, the sample's index, the payload's length and its checksum.
HEADER = struct.Struct("<8sqqI")
MARK = b"datakit1"

# Tells programs that make backups what the folder is, and this class that it may delete files in it.
TAG = "CACHEDIR.TAG"
SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55\n# Samples cached by datakit. Delete the folder at will.\n"


class DiskCache(Cache):
    """Samples as files, one each, that all processes share and that the next run finds.

    Nothing that happens to the files can give a wrong sample. A file appears whole or not at all, and holds a checksum:
    a damaged one is deleted, and costs a recomputation and a warning. So does a full disk. Datasets are told apart by
    their type, their length and three samples, which are computed when the cache is given to a
    :class:`datakit.CachedDataset`. Several caches may share a folder, and its bound: what an older version of a dataset
    left there goes first, because nobody uses it.

    An entry is a pickle, and who writes a pickle can run code where it is read: use no folder that others may write to.

    Args:
        folder: where to keep the files; new, empty, or made by a ``DiskCache``.
        max_bytes: the bound on the sum of the files' sizes, over all caches in the folder.
        evict: when there is no more room: ``True``: delete what was used least recently. ``False``: keep this dataset's
            samples, and write no more. See :class:`datakit.RAMCache`.
        version: change it when the data have changed in a way that three samples don't show.

    Attributes:
        hits, misses: how many samples, in this process, were found and not found.

    Raises:
        ValueError: if an argument is out of range, or the folder holds something else.
        OSError: if the folder can't be made.

    Warns:
        RuntimeWarning: if an entry is damaged, or can't be read or written.

    Example:
        >>> import torch
        >>> from tempfile import TemporaryDirectory
        >>> from datakit import CachedDataset
        >>> images = [torch.zeros(3, 32, 32, dtype=torch.uint8) for _ in range(10)]
        >>> with TemporaryDirectory() as folder:
        ...     for run in range(2):
        ...         cache = DiskCache(folder, max_bytes=10**9)
        ...         dataset = CachedDataset(images, cache)
        ...         for image in dataset:
        ...             pass
        ...         print(cache.hits, cache.misses)
        0 10
        10 0

    Source: "Cache Directory Tagging Specification".
    """

    def __init__(self, folder: str | Path, max_bytes: int, *, evict: bool = True, version: str = "") -> None:
        check_positive(max_bytes, "max_bytes", "DiskCache")
        check_bool(evict, "evict", "DiskCache")
        super().__init__()
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        self.evict = evict
        self.version = version
        self._budget = DiskBudget(self.folder, max_bytes)
        self._home: Path | None = None
        self._full = False
        _claim(self.folder)

    @property
    def largest(self) -> int:
        """The size in bytes of the largest payload that can be held."""
        return self.max_bytes - HEADER.size

    @property
    def nbytes(self) -> int:
        """How many bytes the files in the folder have, or are about to have."""
        return self._budget.taken()

    def attach(self, dataset: Any) -> None:
        """Belong to this dataset; three samples are computed to tell which one it is.

        Raises:
            ValueError: if the cache belongs to one already.
        """
        super().attach(dataset)
        self._home = self.folder / fingerprint(dataset, self.version)

    def put(self, index: int, payload: bytes) -> list[Entry]:
        """Write a sample; return it if there is no room."""
        path = self._path(index)
        if path.exists():
            return []
        size = HEADER.size + len(payload)
        if self._full or len(payload) > self.largest:
            return [(index, payload)]
        try:
            if not self._budget.reserve(size, keep=None if self.evict else self._home):
                self._full = not self.evict
                return [(index, payload)]
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, [HEADER.pack(MARK, index, len(payload), zlib.crc32(payload)), payload])
            except OSError:
                self._budget.release(size)
                raise
        except OSError as error:
            self._warn(f"can't write samples: {error}. They are computed again each time. Make room on the disk.")
            return [(index, payload)]
        _mark_used(path)
        return []

    def _find(self, index: int) -> bytes | None:
        path = self._path(index)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn(f"can't read sample {index}: {error}. It is computed again.")
            return None
        header, payload = content[: HEADER.size], content[HEADER.size :]
        if header != HEADER.pack(MARK, index, len(payload), zlib.crc32(payload)):
            self._warn(f"the entry of sample {index} is damaged. It is deleted, and the sample computed again.")
            with suppress(OSError):
                path.unlink()
            return None
        _mark_used(path)
        return payload

    def _path(self, index: int) -> Path:
        assert self._home is not None, "a CachedDataset attaches its cache before it uses it"
        # Folders of a thousand, because some file systems and most people are slow with folders of a million.
        return self._home / str(index // 1000) / f"{index}.sample"

    def _warn(self, what: str) -> None:
        warnings.warn(f"DiskCache in {self.folder}: {what}", RuntimeWarning, stacklevel=4)


def _claim(folder: Path) -> None:
    """Make the folder and mark it, unless it belongs to somebody else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Another process may be marking the folder just now: then there is a part of the mark.
        names = {path.name for path in folder.iterdir() if path.suffix != PART}
        if TAG in names:
            return
        if names:
            raise ValueError(
                f"DiskCache: {folder} holds other files ({min(names)!r}, say), and a cache deletes files. "
                "Pass a new or empty folder."
            )
        write_whole(folder / TAG, [SIGNATURE])
    except OSError as error:
        raise OSError(
            f"DiskCache: {folder} can't be used as a folder: {error}. Pass one that can be written."
        ) from error


def _mark_used(path: Path) -> None:
    # The file's time is set by hand: the system's own clock for files may tick only every few milliseconds.
    now = time.time_ns()
    with suppress(OSError):
        os.utime(path, ns=(now, now))
