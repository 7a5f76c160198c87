"""A stream of records: logs, JSON lines, text, tables too long for memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Literal

from datakit._errors import quoted
from datakit.datasets.record_files import FORMATS, RawRecord
from datakit.datasets.stream import FileStream
from datakit.datasets.urls import BROKEN_COMPRESSION, Url, open_url
from datakit.datasets.worker_split import Reader

# What a file raises that is not what its format or its suffix says. Other errors of the storage come through.
UNREADABLE = (ValueError, csv.Error, *BROKEN_COMPRESSION)


class RecordStream(FileStream):
    """The records of files, one after another, shared among ranks and workers.

    The formats are:

    * ``"jsonl"``: one JSON value a line; blank lines are skipped. A sample is what ``json.loads`` makes of it.
    * ``"lines"``: one line, a ``str`` without its line end.
    * ``"csv"``: a table with a header in each file. A sample is a ``dict``, column → text.

    Records are numbered through all files, and of *n* readers (ranks × workers) reader *r* takes records *r*, *r + n*,
    *r + 2n*, and so on. So each record has one reader, and readers' shares differ by one record at most. The price:
    every reader reads every byte, though it parses its own records only. Where reading is what costs, write shards
    (:class:`datakit.ShardWriter`), of which each is read by one reader.

    Args:
        urls: paths or URLs of UTF-8 files, such as ``logs/*.jsonl``, ``s3://bucket/a.csv.gz``, or a list of them.
        format: ``"jsonl"``, ``"lines"`` or ``"csv"``.
        shuffle_buffer: 0 keeps the order. A larger number shuffles the files, and the records within a buffer of that
            many. The order then depends on seed, epoch and reader alone.
        seed: with the epoch it fixes the order.
        rank: this training process; by default from ``torch.distributed`` or torchrun's environment.
        world_size: how many training processes there are; by default likewise.
        transform: called with each record.
        storage_options: passed on to the storage that fsspec opens: credentials, an endpoint.

    Raises:
        FileNotFoundError: if a file is not there (while reading), or no file matches a ``*``.
        ValueError: if an argument is out of range. While reading: if a record can't be read (the message names file and
            line), or there is no record at all.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "log.jsonl")
        ...     with path.open("w") as file:
        ...         print('{"x": 1}', '{"x": 2}', '{"x": 3}', sep=chr(10), file=file)
        ...     everything = list(RecordStream(path))
        ...     half = list(RecordStream(path, rank=0, world_size=2))
        >>> everything
        [{'x': 1}, {'x': 2}, {'x': 3}]
        >>> half
        [{'x': 1}, {'x': 3}]

    Source: "torch.utils.data", PyTorch documentation, IterableDataset.
    """

    def __init__(
        self,
        urls: Url | Sequence[Url],
        format: Literal["jsonl", "lines", "csv"] = "jsonl",
        *,
        shuffle_buffer: int = 0,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
        transform: Callable[[Any], Any] | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        if format not in FORMATS:
            raise ValueError(f"RecordStream: format={format!r} arrived; expected is one of {quoted(FORMATS)}.")
        super().__init__(urls, shuffle_buffer, seed, rank, world_size, transform, storage_options)
        self.format = format

    def _raw(self, urls: list[str], reader: Reader) -> Iterator[RawRecord]:
        numbers = count()
        for url in urls:
            for record in self._records(url):
                if next(numbers) % reader.count == reader.number:
                    yield record
        if next(numbers) == 0:
            raise ValueError(
                f"RecordStream: there is no record in {quoted(urls)}. Check what wrote the files, or the format "
                f"({self.format!r})."
            )

    def _records(self, url: str) -> Iterator[RawRecord]:
        """Find the records of one file."""
        line = 0
        with open_url(url, self.storage_options, "RecordStream") as file:
            try:
                for line, content in FORMATS[self.format].find(file):
                    yield RawRecord(url, line, content)
            except UNREADABLE as error:
                raise ValueError(
                    f"RecordStream: {url} can't be read as {self.format} beyond the record at line {line}: {error}. "
                    "Repair the file, or leave it out."
                ) from error

    def _sample(self, raw: RawRecord) -> Any:
        try:
            return FORMATS[self.format].parse(raw.content)
        except ValueError as error:
            raise ValueError(
                f"RecordStream: line {raw.line} of {raw.url} can't be read as {self.format}: {error}. "
                "Repair the line, or pass another format."
            ) from error
