"""Read a CSV file into rows that know where in the file they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from datakit._errors import quoted


@dataclass(frozen=True)
class Row:
    """One record of a CSV file.

    Attributes:
        number: the line at which the record begins, as an editor shows it; the header stands on line 1.
        cells: column name → text, blanks at both ends removed.
    """

    number: int
    cells: dict[str, str]


def read_csv(path: str | Path, columns: Iterable[str], reader: str) -> tuple[list[str], list[Row]]:
    """Read a CSV file with a header. Quoted fields, a byte order mark, and any kind of line end are understood.

    Args:
        path: the file, in UTF-8.
        columns: columns that must be there.
        reader: who reads, for messages (``"CSVDataset"``).

    Returns:
        The header's column names in order, and the rows. Empty lines are skipped.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is empty, has no rows, is not UTF-8, lacks a column, names one twice, or has a row with
            more or fewer cells than the header.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{reader}: there is no file {str(path)!r}. Check the path, or create the file first.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = _numbered_records(file)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{reader}: {path.name} is not UTF-8 text (byte {error.start} can't be read). Save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise ValueError(f"{reader}: {path.name} can't be read as CSV: {error}. Check its quotes.") from error
    if not records:
        raise ValueError(f"{reader}: {path.name} is empty. Its first line must name the columns.")
    header = [name.strip() for name in records[0][1]]
    _check_header(header, columns, path.name, reader)
    rows = [_row(number, cells, header, path.name, reader) for number, cells in records[1:]]
    if not rows:
        raise ValueError(f"{reader}: {path.name} has a header but no rows. Add at least one row below it.")
    return header, rows


def _numbered_records(file: Iterable[str]) -> list[tuple[int, list[str]]]:
    lines = csv.reader(file, strict=True)
    records = []
    begins = 1
    for cells in lines:
        if cells:
            records.append((begins, cells))
        # A quoted field may span lines, so the next record begins after the last line read so far.
        begins = lines.line_num + 1
    return records


def _check_header(header: list[str], columns: Iterable[str], file: str, reader: str) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        raise ValueError(
            f"{reader}: {file} has no column {quoted(missing)}. Its columns are {quoted(header)}. "
            "Fix the first line, or the name that you pass."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ValueError(
            f"{reader}: {file} names column {quoted(twice)} more than once. Give each column its own name."
        )


def _row(number: int, cells: list[str], header: list[str], file: str, reader: str) -> Row:
    if len(cells) != len(header):
        raise ValueError(
            f"{reader}: row {number} of {file} has {len(cells)} cells, but the header names {len(header)} columns. "
            "Look for a missing or extra comma, or a comma that needs quotes."
        )
    return Row(number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
