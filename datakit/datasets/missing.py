"""What to put where a number is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from datakit._errors import quoted
from datakit.datasets.indexing import position

MissingPolicy = Literal["error", "drop", "mean", "median"]
POLICIES = ("error", "drop", "mean", "median")


def fill_values(
    rows: Tensor, strategy: Literal["mean", "median"], fit_on: Iterable[int], columns: Sequence[str]
) -> Tensor:
    """Compute one value for each column from the rows that are there.

    Args:
        rows: float32 [N, F]; NaN where a value is missing.
        strategy: ``"mean"`` or ``"median"`` (of an even number of values: the mean of the middle two).
        fit_on: positions of the training samples; no other row has a say.
        columns: the F columns' names, for messages.

    Returns:
        float32 [F].

    Raises:
        IndexError: if a position is out of range.
        ValueError: if there are no training samples, or a column has no value in any of them.
    """
    positions = [position(index, len(rows), "CSVDataset: fit_on") for index in fit_on]
    if not positions:
        raise ValueError("CSVDataset: fit_on is empty. Name the positions of the training samples, or 'all'.")
    training = rows[positions].double().numpy()
    nowhere = [name for name, empty in zip(columns, np.isnan(training).all(axis=0), strict=True) if empty]
    if nowhere:
        raise ValueError(
            f"CSVDataset: column {quoted(nowhere)} has no value in any row of fit_on, so it has no {strategy}. "
            "Leave the column out, or fit on more rows."
        )
    values = np.nanmean(training, axis=0) if strategy == "mean" else np.nanmedian(training, axis=0)
    return torch.from_numpy(values).float()


def fill(rows: Tensor, values: Tensor) -> Tensor:
    """Return ``rows`` (float [N, F]) with each NaN replaced by its column's entry of ``values`` (float [F])."""
    return torch.where(rows.isnan(), values, rows)
