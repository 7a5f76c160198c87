"""Samples that are already in memory: columns of equal length, read side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import kind_of
from datakit.collate import default_collate
from datakit.datasets.indexing import position

Column = Tensor | Sequence[Any]


class TensorDataset(Dataset[tuple[Any, ...]]):
    """Columns aligned on dimension 0: sample ``i`` is entry ``i`` of each column.

    As PyTorch's ``TensorDataset``, and columns may also be plain lists or tuples, such as file names.

    Args:
        columns: tensors [N, ...] of any dtype, and lists or tuples of length N; at least one.

    Attributes:
        columns: what was passed, as a tuple.

    Raises:
        TypeError: if a column is neither a tensor nor a list nor a tuple.
        ValueError: if there is no column, a tensor has no dimension 0, or lengths differ.
    """

    def __init__(self, *columns: Column) -> None:
        if not columns:
            raise ValueError("TensorDataset: no column arrived. Pass at least one tensor or list.")
        for number, column in enumerate(columns):
            if not isinstance(column, (Tensor, list, tuple)):
                raise TypeError(
                    f"TensorDataset: column {number} is {kind_of(column)}. Pass a tensor, list or tuple; "
                    "torch.as_tensor(column) makes a tensor of a NumPy array."
                )
            if isinstance(column, Tensor) and column.ndim == 0:
                raise ValueError(
                    f"TensorDataset: column {number} is a tensor without dimensions: a single value. "
                    "Each column needs one entry for each sample."
                )
        lengths = [len(column) for column in columns]
        if len(set(lengths)) > 1:
            named = ", ".join(f"column {number} has {length}" for number, length in enumerate(lengths))
            raise ValueError(
                f"TensorDataset: columns must have the same length, but {named}. Cut or extend them first."
            )
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, index: SupportsIndex | slice) -> tuple[Any, ...]:
        """Return one sample; or, for a slice, that part of each column.

        Tensors come back as views: they share memory with the dataset.

        Raises:
            IndexError: if there is no such sample.
            TypeError: if ``index`` is neither an integer nor a slice.
        """
        if isinstance(index, slice):
            return tuple(column[index] for column in self.columns)
        at = position(index, len(self), "TensorDataset")
        return tuple(column[at] for column in self.columns)

    def __getitems__(self, indices: Sequence[SupportsIndex]) -> list[tuple[Any, ...]]:
        """Return several samples, each tensor read by one operation.

        PyTorch's loader calls this once for a batch, and so does datakit's where it is given a ``collate_fn``.

        Args:
            indices: as for ``dataset[index]``, in any order, repeats allowed.

        Returns:
            One sample for each index. Unlike ``dataset[index]``, tensors are copies.
        """
        at = [position(index, len(self), "TensorDataset") for index in indices]
        # Made here rather than by `columns[at]`, which would make the same index tensor again for each column.
        rows = torch.tensor(at, dtype=torch.int64)
        chosen = (
            column.index_select(0, rows.to(column.device)).unbind()
            if isinstance(column, Tensor)
            else [column[i] for i in at]
            for column in self.columns
        )
        return list(zip(*chosen, strict=True))

    def take_batch(self, indices: Sequence[SupportsIndex] | Tensor) -> list[Any]:
        """Return several samples as a batch, as if they had been collated: one ``index_select`` a tensor.

        A loader calls this once for a batch where it is given no ``collate_fn``. Nothing is made for a single sample,
        and that is what makes it many times faster than collating.

        Args:
            indices: as for ``dataset[index]``, in any order, repeats allowed; a list, or an int64 tensor [B].

        Returns:
            One batch of B entries for each column: a tensor [B, ...], or what ``default_collate`` makes of entries.

        Raises:
            IndexError: if there is no such sample.
            TypeError: if an index is not an integer.

        Example:
            >>> TensorDataset(torch.tensor([[0.0], [1.5], [3.0]]), ["a", "b", "c"]).take_batch([2, 0])
            [tensor([[3.],
                    [0.]]), ('c', 'a')]
        """
        # NumPy makes an index of a list several times faster than PyTorch.
        rows = indices if isinstance(indices, Tensor) else _as_rows(np.asarray(indices))
        if rows is not None and rows.dtype == torch.int64:
            try:
                return self._columns_at(rows)
            except (IndexError, RuntimeError):
                pass  # Some index is negative or out of range, which `position` deals with.
        at = [position(index, len(self), "TensorDataset") for index in indices]
        return self._columns_at(torch.tensor(at, dtype=torch.int64))

    def _columns_at(self, rows: Tensor) -> list[Any]:
        return [
            column.index_select(0, rows if column.is_cpu else rows.to(column.device))
            if isinstance(column, Tensor)
            else default_collate(tuple(column[i] for i in rows.tolist()))
            for column in self.columns
        ]


def _as_rows(array: NDArray[Any]) -> Tensor | None:
    """Make an index tensor; ``None`` of what is no index, such as floats and strings, which `position` refuses."""
    return torch.from_numpy(array) if array.dtype == np.int64 else None
