"""A file of lines too large for memory, read at any line."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsIndex, get_args

import numpy as np
from torch.utils.data import Dataset

from datakit._errors import quoted
from datakit.datasets.indexed_lines import LineFormat, Stamp, Starts, line_starts
from datakit.datasets.indexing import position
from datakit.datasets.record_files import BYTE_ORDER_MARK, FORMATS


class IndexedDataset(Dataset[Any]):
    r"""The lines of a text file as samples, in any order, whatever the file's size.

    Two things make line 5,000,000 as quick to reach as line 0. An *index* holds the byte at which each line begins, 8
    bytes a line; it is built by reading the file once, saved beside it, and built again when the file has changed. A
    *memory map* lets the file be read as if it were in memory, while the system loads the pages that are touched, and
    drops them when memory runs short. All processes share those pages.

    The file is opened where a sample is first asked for, in each process for itself. A dataset that is sent to a worker
    is a path and a few numbers.

    Args:
        path: the file, UTF-8, not compressed.
        format: ``"jsonl"``: a JSON value a line, blank lines don't count; ``"lines"``: each line is text, without its
            end (``\n`` or ``\r\n``).
        transform: called with each record.
        index_path: where the index is saved; by default beside the file, its name with ``.index`` added.

    Attributes:
        path: the file.
        index_path: the index's file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the format is unknown, the file is compressed, or it holds no record.
        RuntimeError: if the file changes while its lines are counted.

    Warns:
        RuntimeWarning: if the index can't be saved. It is then kept in memory.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "log.jsonl")
        ...     _ = path.write_text('{"x": 1}\n{"x": 2}\n{"x": 3}\n')
        ...     dataset = IndexedDataset(path, transform=lambda record: record["x"])
        ...     len(dataset), dataset[2], dataset[0]
        (3, 3, 1)

    Source: "mmap", Python documentation; "mmap", POSIX.1-2017.
    """

    def __init__(
        self,
        path: str | Path,
        format: LineFormat = "jsonl",
        *,
        transform: Callable[[Any], Any] | None = None,
        index_path: str | Path | None = None,
    ) -> None:
        if format not in get_args(LineFormat):
            raise ValueError(
                f"IndexedDataset: format={format!r} arrived; expected is one of {quoted(get_args(LineFormat))}. "
                "A record of another format may span lines: read it with RecordStream."
            )
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"IndexedDataset: there is no file {str(path)!r}. Check the path.")
        self.format = format
        self.transform = transform
        self.index_path = Path(index_path) if index_path is not None else self.path.with_name(f"{self.path.name}.index")
        self._stamp = Stamp.of(self.path)
        self._starts: Starts | None = line_starts(self.path, self.index_path, format, self._stamp)
        self._map: mmap.mmap | None = None
        self._length = len(self._starts)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: SupportsIndex) -> Any:
        """Read one record: the value of its JSON, or its text.

        Raises:
            IndexError: if there is no such record.
            ValueError: if the line can't be read; the message names the record and its place in the file.
            RuntimeError: if the file has changed since the dataset was made.
        """
        at = position(index, len(self), "IndexedDataset")
        begin, line = self._line(at)
        try:
            record = FORMATS[self.format].parse(line)
        except ValueError as error:
            raise ValueError(
                f"IndexedDataset: record {at} of {self.path}, at byte {begin}, can't be read as {self.format}: "
                f"{error}. Repair the line and make the dataset again, or pass another format."
            ) from error
        return record if self.transform is None else self.transform(record)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what each process opens for itself."""
        starts = None if isinstance(self._starts, np.memmap) else self._starts
        return {**self.__dict__, "_map": None, "_starts": starts}

    def _line(self, at: int) -> tuple[int, bytes]:
        if self._map is None:
            self._open()
        assert self._map is not None and self._starts is not None, "both are there once the file is open"
        begin = int(self._starts[at])
        # Asked anew each time, because a process that reads a map beyond the end of its file is killed.
        if self._map.size() != self._stamp.size or (begin > 0 and self._map[begin - 1] != ord("\n")):
            raise self._changed()
        end = self._map.find(b"\n", begin)
        line = self._map[begin : None if end < 0 else end]
        return begin, line.removeprefix(BYTE_ORDER_MARK) if begin == 0 else line

    def _open(self) -> None:
        with self.path.open("rb") as file:
            if Stamp.of(self.path) != self._stamp:
                raise self._changed()
            if self._starts is None:
                self._starts = line_starts(self.path, self.index_path, self.format, self._stamp)
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _changed(self) -> RuntimeError:
        return RuntimeError(
            f"IndexedDataset: {self.path} has changed since the dataset was made, so its lines are no longer where the "
            f"index says. Make the dataset again; if the file is unchanged, delete {self.index_path} first."
        )
