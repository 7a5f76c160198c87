"""Cells of a table, which are text → numbers and category codes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from datakit._errors import quoted
from datakit.datasets.csv_file import Row

LARGEST_FLOAT32 = torch.finfo(torch.float32).max


def numbers(rows: Sequence[Row], columns: Sequence[str], file: str) -> Tensor:
    """Read columns of numbers.

    Returns:
        float32 [N, F]; NaN where a cell is empty.

    Raises:
        ValueError: if a cell is neither empty nor a finite number that float32 can hold.
    """
    values = [[_number(row, column, file) for column in columns] for row in rows]
    return torch.tensor(values, dtype=torch.float32).reshape(len(rows), len(columns))


def _number(row: Row, column: str, file: str) -> float:
    cell = row.cells[column]
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError as error:
        raise ValueError(
            f"CSVDataset: row {row.number} of {file} has {cell!r} in column {column!r}, where a number is expected. "
            "Fix the cell (leave it empty if the value is missing), name the column in category_columns, or list the "
            "columns you want in feature_columns."
        ) from error
    if not abs(value) <= LARGEST_FLOAT32:  # also true of NaN
        raise ValueError(
            f"CSVDataset: row {row.number} of {file} has {cell!r} in column {column!r}, which is not a number that "
            "float32 can hold. Leave the cell empty if the value is missing."
        )
    return value


def label_map(rows: Sequence[Row], column: str) -> dict[str, int]:
    """Number the different texts of a column in sorted order: text → code. An empty cell is a text of its own."""
    return {text: code for code, text in enumerate(sorted({row.cells[column] for row in rows}))}


def codes(rows: Sequence[Row], column: str, labels: dict[str, int], file: str) -> Tensor:
    """Look up a column's texts.

    Returns:
        int64 [N].

    Raises:
        ValueError: if a text is not in ``labels``.
    """
    for row in rows:
        if row.cells[column] not in labels:
            raise ValueError(
                f"CSVDataset: row {row.number} of {file} has {row.cells[column]!r} in column {column!r}. The labels "
                f"known from the first file are {quoted(labels)}. Fix the cell, or read both files as one."
            )
    return torch.tensor([labels[row.cells[column]] for row in rows], dtype=torch.int64)
