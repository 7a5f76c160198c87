"""Files of records, read one record at a time: JSON lines, plain lines, CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class RawRecord:
    """A record as it stands in its file.

    Attributes:
        url: the file.
        line: the line at which the record begins; the first is 1.
        content: what the format's reader found there.
    """

    url: str
    line: int
    content: Any


@dataclass(frozen=True)
class RecordFormat:
    """How to find the records of a file, and how to make a value of one.

    The two are apart because each reader must find all records, but makes values of its own only.

    Attributes:
        find: open file → line number and raw content of each record.
        parse: raw content → value.
    """

    find: Callable[[BinaryIO], Iterator[tuple[int, Any]]]
    parse: Callable[[Any], Any]


def _lines(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(file, start=1):
        yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line


def _filled_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in _lines(file) if line.strip())


def _csv_rows(file: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.reader((line.decode() for _, line in _lines(file)), strict=True)
    header: list[str] | None = None
    begins = 1
    for cells in rows:
        if cells and header is None:
            header = cells
            if len(set(header)) < len(header):
                raise ValueError("its header names a column more than once")
        elif cells and header is not None:
            if len(cells) != len(header):
                raise ValueError(f"line {begins} has {len(cells)} cells, but the header names {len(header)} columns")
            yield begins, dict(zip(header, cells, strict=True))
        # A quoted cell may span lines, so the next record begins after the last line read so far.
        begins = rows.line_num + 1


def _text(line: bytes) -> str:
    return line.decode().removesuffix("\n").removesuffix("\r")


FORMATS = {
    "jsonl": RecordFormat(_filled_lines, json.loads),
    "lines": RecordFormat(_lines, _text),
    "csv": RecordFormat(_csv_rows, lambda row: row),
}
