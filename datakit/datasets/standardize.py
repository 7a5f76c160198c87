"""Bring columns to mean 0 and standard deviation 1, with the figures of the training split."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Standardizer:
    """Subtract a mean and divide by a standard deviation, column by column.

    Fit it on the training split alone and apply the same object to every split. Figures that also saw the test split
    would carry news of it into training.

    Attributes:
        mean: float32 [F].
        std: float32 [F], 1 for a column that is constant in the split it was fitted on.

    Example:
        >>> import torch
        >>> train, test = torch.tensor([[1.0], [3.0]]), torch.tensor([[4.0]])
        >>> Standardizer.fit(train)(test)
        tensor([[2.]])
    """

    mean: Tensor
    std: Tensor

    def __post_init__(self) -> None:
        if self.mean.ndim != 1 or self.mean.shape != self.std.shape:
            raise ValueError(
                f"Standardizer: mean has shape {list(self.mean.shape)}, std {list(self.std.shape)}; both must be [F], "
                "a number for each column."
            )

    @classmethod
    def fit(cls, rows: Tensor) -> Standardizer:
        """Measure mean and standard deviation (of the population: divided by N) of each column.

        Args:
            rows: the training split, floating point [N, F].

        Raises:
            TypeError: if ``rows`` is not floating point.
            ValueError: if ``rows`` is not [N, F] with N ≥ 1, or holds a NaN or an infinity.

        Source: ``sklearn.preprocessing.StandardScaler``, which this equals.
        """
        if not rows.is_floating_point():
            raise TypeError(
                f"Standardizer.fit: rows of dtype {rows.dtype} arrived. Floating point is expected: use rows.float()."
            )
        if rows.ndim != 2 or len(rows) == 0:
            raise ValueError(
                f"Standardizer.fit: rows of shape {list(rows.shape)} arrived; [N, F] with at least one row is expected."
            )
        if not rows.isfinite().all():
            column = int((~rows.isfinite()).any(dim=0).nonzero()[0])
            raise ValueError(
                f"Standardizer.fit: column {column} holds NaN or infinity, so no mean. Fill missing values first."
            )
        # float64, because the mean of a million float32 values would drift.
        precise = rows.double()
        constant = precise.amax(dim=0) == precise.amin(dim=0)
        std = precise.std(dim=0, correction=0).masked_fill(constant, 1.0)
        return cls(precise.mean(dim=0).float(), std.float())

    def __call__(self, rows: Tensor) -> Tensor:
        """Standardise one sample or many.

        Args:
            rows: floating point [F] or [..., F].

        Returns:
            A new tensor of the same shape.

        Raises:
            ValueError: if the last dimension is not F.
        """
        if rows.shape[-1:] != self.mean.shape:
            raise ValueError(
                f"Standardizer: rows of shape {list(rows.shape)} arrived; it was fitted on {len(self.mean)} columns. "
                "The last dimension must be the columns, in the same order."
            )
        return (rows - self.mean) / self.std
