"""Where each line of a file begins: found by reading the file once, and kept in a small file beside it."""

from __future__ import annotations

import os
import struct
import warnings
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from datakit.datasets.cache_files import write_whole
from datakit.datasets.record_files import BYTE_ORDER_MARK

LineFormat = Literal["jsonl", "lines"]
Starts = npt.NDArray[np.int64]

# A mark, then of the file that the index is for: size, time of its last change, whether blank lines count, lines.
HEADER = struct.Struct("<16sqq?7xq")
MARK = b"datakit index 1\n"


@dataclass(frozen=True)
class Stamp:
    """What tells whether a file has changed.

    Attributes:
        size: in bytes.
        changed: time of the last change, in nanoseconds.
    """

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Look at a file."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


def line_starts(path: Path, index_path: Path, format: LineFormat, stamp: Stamp) -> Starts:
    """Load the index of a file, or build and save it where there is none that fits the file as it is now.

    Args:
        path: the file of lines.
        index_path: the index's file.
        format: with ``"jsonl"`` blank lines don't count.
        stamp: of the file.

    Returns:
        int64 [N], the byte at which each line begins. A ``numpy.memmap`` where the index lies in a file, so that the
        system holds it once for all processes, and drops what is not in use.

    Raises:
        ValueError: if the file is compressed, or holds no line.
        RuntimeError: if the file changes while it is read.
    """
    saved = _load(index_path, format, stamp)
    if saved is not None:
        return saved
    with path.open("rb") as file:
        found = _find(file, keep_blank=format == "lines")
    if Stamp.of(path) != stamp:
        raise RuntimeError(
            f"IndexedDataset: {path} changed while its lines were counted. Wait until it is complete, then try again."
        )
    if not found:
        raise ValueError(f"IndexedDataset: {path} holds no record. Check what wrote it.")
    starts = np.frombuffer(found, dtype=np.int64)
    header = HEADER.pack(MARK, stamp.size, stamp.changed, format == "lines", len(starts))
    try:
        write_whole(index_path, [header, starts.tobytes()])
    except OSError as error:
        warnings.warn(
            f"IndexedDataset: the index of {path.name} can't be saved: {error}. It stays in memory, and will be built "
            "again next time. Pass index_path=... to keep it in another place.",
            RuntimeWarning,
            stacklevel=3,
        )
        return starts
    return starts if (saved := _load(index_path, format, stamp)) is None else saved


def _load(index_path: Path, format: LineFormat, stamp: Stamp) -> Starts | None:
    """Load an index, unless there is none, or it is damaged, or of another file."""
    try:
        with index_path.open("rb") as file:
            header = file.read(HEADER.size)
            lines = (os.fstat(file.fileno()).st_size - HEADER.size) // 8
            if header != HEADER.pack(MARK, stamp.size, stamp.changed, format == "lines", lines) or lines == 0:
                return None
            return np.memmap(file, np.int64, mode="r", offset=HEADER.size, shape=(lines,))
    except OSError:
        return None


def _find(file: BinaryIO, keep_blank: bool) -> array[int]:
    starts, at = array("q"), 0
    for line in file:
        if at == 0 and line.startswith(b"\x1f\x8b"):
            raise ValueError(
                f"IndexedDataset: {file.name} is compressed with gzip, and only by unpacking all that comes before can "
                "one reach a line. Unpack the file once, or read it from front to end with RecordStream."
            )
        if keep_blank or line.removeprefix(BYTE_ORDER_MARK if at == 0 else b"").strip():
            starts.append(at)
        at += len(line)
    return starts
