"""A CSV table as samples: features, categories, target."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, SupportsIndex

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import quoted
from datakit.datasets.cells import codes, label_map, numbers
from datakit.datasets.csv_file import Row, read_csv
from datakit.datasets.indexing import position
from datakit.datasets.missing import POLICIES, MissingPolicy, fill, fill_values

Task = Literal["classification", "regression"]


class CSVDataset(Dataset[tuple[Any, ...]]):
    r"""The rows of a CSV file: ``(x, y)``, or ``(x, c, y)`` where there are category columns.

    ``x`` is float32 [F], ``c`` int64 [K] and ``y`` a scalar: float32 for regression, int64 for classification.
    Categories and classes are numbered in the sorted order of their names.

    ``missing`` says what happens to an empty cell:

    * ``"error"``: the file is refused.
    * ``"drop"``: its row is left out.
    * ``"mean"``, ``"median"``: a feature gets its column's mean or median over the training samples ``fit_on``; an
      empty category is a category of its own; a row without a target is left out, because an answer is never made up.

    Args:
        path: the file: UTF-8, with the columns' names on line 1.
        target: the column to predict.
        task: ``"classification"`` or ``"regression"``.
        feature_columns: columns of numbers; by default all that are neither target nor category.
        category_columns: columns of names or codes.
        missing: what to do about empty cells; see above.
        fit_on: for ``"mean"`` and ``"median"``: the positions of the training samples, or ``"all"`` where the whole
            file is the training split. Rows that are left out have no position.
        transform: called with each ``x``; a :class:`Standardizer`, say.

    Attributes:
        features: float32 [N, F], before ``transform``.
        categories: int64 [N, K].
        targets: float32 or int64 [N].
        label_maps: for each category column, and for the target of a classification: name → code.
        fill: float32 [F], what stands for a missing feature; ``None`` where nothing was fitted.
        row_numbers: for each sample its line in the file, as an editor shows it.
        dropped_rows: lines whose rows were left out.

    Raises:
        FileNotFoundError: if there is no such file.
        IndexError: if ``fit_on`` names a sample that is not there.
        ValueError: if the file can't be read as described; the message names file, row and column.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "fruit.csv")
        ...     _ = path.write_text("grams,kind\n180,apple\n7,grape\n")
        ...     dataset = CSVDataset(path, target="kind", task="classification")
        >>> dataset[1], dataset.label_maps
        ((tensor([7.]), tensor(1)), {'kind': {'apple': 0, 'grape': 1}})
    """

    def __init__(
        self,
        path: str | Path,
        target: str,
        task: Task,
        *,
        feature_columns: Sequence[str] | None = None,
        category_columns: Sequence[str] = (),
        missing: MissingPolicy = "error",
        fit_on: Iterable[int] | Literal["all"] | None = None,
        transform: Callable[[Tensor], Any] | None = None,
    ) -> None:
        _check_choices(task, missing, fit_on)
        self.path = Path(path)
        self.target = target
        self.task = task
        self.category_columns = list(category_columns)
        self.missing = missing
        self.transform = transform
        header, rows = read_csv(path, [target, *category_columns, *(feature_columns or ())], "CSVDataset")
        if feature_columns is None:
            feature_columns = [name for name in header if name != target and name not in category_columns]
        self.feature_columns = list(feature_columns)
        self._check_roles()
        rows = self._keep(rows)
        named = [*category_columns, target] if task == "classification" else list(category_columns)
        self.label_maps = {column: label_map(rows, column) for column in named}
        features = numbers(rows, self.feature_columns, self.path.name)
        self.fill: Tensor | None = None
        if fit_on is not None and (missing == "mean" or missing == "median"):
            training = range(len(rows)) if fit_on == "all" else fit_on
            self.fill = fill_values(features, missing, training, self.feature_columns)
        self._encode(rows, features)

    def read_alike(self, path: str | Path) -> CSVDataset:
        """Read another file, a test split say, just as this one was read.

        Columns, label maps, fill values and transform are this dataset's; nothing is fitted on the other file.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the file can't be read so; if it holds a category that this dataset never met, say.
        """
        other = copy.copy(self)
        other.path = Path(path)
        columns = [self.target, *self.category_columns, *self.feature_columns]
        _, rows = read_csv(path, columns, "CSVDataset")
        rows = other._keep(rows)
        other._encode(rows, numbers(rows, self.feature_columns, other.path.name))
        return other

    @property
    def classes(self) -> list[str]:
        """The target's class names in the order of their numbers; empty for regression."""
        return list(self.label_maps.get(self.target, {}))

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: SupportsIndex) -> tuple[Any, ...]:
        """Return one sample, ``(x, y)`` or ``(x, c, y)``.

        Raises:
            IndexError: if there is no such sample.
        """
        at = position(index, len(self), "CSVDataset")
        x: Any = self.features[at]
        if self.transform is not None:
            x = self.transform(x)
        if self.category_columns:
            return x, self.categories[at], self.targets[at]
        return x, self.targets[at]

    def _check_roles(self) -> None:
        roles = [self.target, *self.category_columns, *self.feature_columns]
        twice = sorted({name for name in roles if roles.count(name) > 1})
        if twice:
            raise ValueError(
                f"CSVDataset: column {quoted(twice)} has two roles. It can be target, category or feature. "
                "As a feature, the target would give its own answer away."
            )

    def _keep(self, rows: list[Row]) -> list[Row]:
        """Leave out the rows that the policy leaves out, or refuse the first empty cell."""
        needed = [self.target]
        if self.missing in ("error", "drop"):
            needed += [*self.category_columns, *self.feature_columns]
        kept, self.dropped_rows = [], []
        for row in rows:
            empty = [column for column in needed if not row.cells[column]]
            if empty and self.missing == "error":
                raise ValueError(
                    f"CSVDataset: row {row.number} of {self.path.name} has no value in column {quoted(empty)}. "
                    "Pass missing='drop' to leave such rows out, or missing='mean' or 'median' to fill features."
                )
            if empty:
                self.dropped_rows.append(row.number)
            else:
                kept.append(row)
        if not kept:
            raise ValueError(
                f"CSVDataset: every row of {self.path.name} has an empty cell, so none is left. "
                "List fewer columns in feature_columns, or fill with missing='mean' or 'median'."
            )
        self.row_numbers = [row.number for row in kept]
        return kept

    def _encode(self, rows: list[Row], features: Tensor) -> None:
        self.features = features if self.fill is None else fill(features, self.fill)
        columns = [codes(rows, name, self.label_maps[name], self.path.name) for name in self.category_columns]
        self.categories = torch.stack(columns, dim=1) if columns else torch.empty(len(rows), 0, dtype=torch.int64)
        if self.task == "classification":
            self.targets = codes(rows, self.target, self.label_maps[self.target], self.path.name)
        else:
            self.targets = numbers(rows, [self.target], self.path.name).squeeze(1)


def _check_choices(task: str, missing: str, fit_on: object) -> None:
    if task not in ("classification", "regression"):
        raise ValueError(f"CSVDataset: task={task!r} arrived; 'classification' or 'regression' is expected.")
    if missing not in POLICIES:
        raise ValueError(f"CSVDataset: missing={missing!r} arrived; expected is one of {quoted(POLICIES)}.")
    fits = missing in ("mean", "median")
    if fits and fit_on is None:
        raise ValueError(
            f"CSVDataset: missing={missing!r} needs fit_on: the positions of the training samples, or 'all' where the "
            "whole file is the training split. Otherwise test rows would have a say in what fills the training rows."
        )
    if not fits and fit_on is not None:
        raise ValueError(f"CSVDataset: fit_on has no use with missing={missing!r}. Leave it out.")
