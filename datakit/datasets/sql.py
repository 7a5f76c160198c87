"""Rows of a database, read one batch at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import torch
from torch.utils.data import Dataset

from datakit._errors import quoted
from datakit.datasets.database import open_database
from datakit.datasets.indexing import position

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Select, TableClause

# Keys asked for at once. SQLite's default limit is 32766 values a statement; other databases allow more.
KEYS_A_QUERY = 1000


class SQLDataset(Dataset[Any]):
    """The rows of a table, found by their key: sample ``i`` is the row with the ``i``-th smallest key.

    The keys are read once, when the dataset is made; nothing else is held. A sample is read when it is asked for, and
    all of a batch by one query.

    Each process opens the database for itself, when it first reads a sample. Connections are closed before a fork, and
    none is used after it: two processes would talk through one socket, or one file handle, at the same time.

    The database must not change while the dataset is used. Rows that are added later aren't seen; a deleted one is
    reported.

    Args:
        url: an SQLAlchemy URL (``sqlite:///rows.db``, ``duckdb:///rows.duckdb``, ``postgresql://...``), or the path of
            an SQLite file. DuckDB files are opened read-only: only so can several processes read one.
        table: the table's, or a view's, name.
        key: a column that is unique and has an index, such as the primary key.
        columns: what a sample has; by default all columns.
        where: an SQL condition that chooses rows: ``"split = 'train'"``. It is put into the query as it is, so it must
            not come from strangers.
        transform: called with each sample, a dict: column → value, in the types that the database's driver makes.
            Those that no collate takes, such as ``Decimal`` and dates, are for it to convert.

    Attributes:
        keys: int64 tensor [N], or a list where keys aren't integers; in ascending order.

    Raises:
        FileNotFoundError: if the database's file is not there.
        ModuleNotFoundError: if SQLAlchemy, or the package for this kind of database, is not installed.
        ValueError: if the database has no such table or column, no row is chosen, a key is missing or not unique, or
            the database is in memory, where no other process could read it.

    Example:
        >>> import sqlite3, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with sqlite3.connect(f"{folder.name}/rows.db") as database:
        ...     _ = database.execute("CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT)")
        ...     _ = database.execute("INSERT INTO pets VALUES (7, 'Tom'), (3, 'Mia')")
        >>> dataset = SQLDataset(f"{folder.name}/rows.db", "pets", key="id")
        >>> dataset[0], dataset.keys
        ({'id': 3, 'name': 'Mia'}, tensor([3, 7]))
        >>> folder.cleanup()

    Source: "Using Connection Pools with Multiprocessing or os.fork()", SQLAlchemy documentation.
    """

    def __init__(
        self,
        url: str | Path,
        table: str,
        key: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        transform: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        self.url = url
        self.table = table
        self.key = key
        self.columns = None if columns is None else list(columns)
        self.where = where
        self.transform = transform
        self._engines: dict[int, Engine] = {}
        self.keys = self._read_keys()

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: SupportsIndex) -> Any:
        """Read one row.

        Raises:
            IndexError: if there is no such sample.
            LookupError: if the row was deleted after the dataset was made.
        """
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[SupportsIndex]) -> list[Any]:
        """Read several rows by one query. A loader calls this once for a batch.

        Returns:
            One sample for each index, in the order of the indices; repeats allowed.
        """
        keys = [self._key_at(index) for index in indices]
        rows = self._read_rows(keys)
        deleted = [key for key in keys if key not in rows]
        if deleted:
            raise LookupError(
                f"SQLDataset: table {self.table!r} has no row with {self.key} {quoted(deleted)} any more. The database "
                "changed after the dataset was made: make it again, from a copy that stays as it is."
            )
        # A sample of its own for each index, as a repeat may be changed by a transform.
        samples = [dict(rows[key]) for key in keys]
        return samples if self.transform is None else [self.transform(sample) for sample in samples]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_engines": {}}

    def _key_at(self, index: SupportsIndex) -> Any:
        key = self.keys[position(index, len(self), "SQLDataset")]
        return key.item() if isinstance(key, torch.Tensor) else key

    @property
    def _engine(self) -> Engine:
        """This process's own way to the database.

        A parent's stays in the dict: to forget it would be to close what a thread of the parent may be using.
        """
        process = os.getpid()
        if process not in self._engines:
            self._engines[process] = open_database(self.url, "SQLDataset")
        return self._engines[process]

    def _source(self) -> TableClause:
        from sqlalchemy import table

        schema, _, name = self.table.rpartition(".")
        return table(name, schema=schema or None)

    def _read_keys(self) -> torch.Tensor | list[Any]:
        """Read all keys, and find out the columns."""
        engine = open_database(self.url, "SQLDataset")
        from sqlalchemy import column, select, text
        from sqlalchemy.exc import SQLAlchemyError

        query: Select[Any] = select(column(self.key)).select_from(self._source()).order_by(column(self.key))
        if self.where is not None:
            query = query.where(text(self.where))
        try:
            with engine.connect() as connection:
                known = connection.execute(select(text("*")).select_from(self._source()).limit(0)).keys()
                self._check_columns(list(known))
                keys = list(connection.execute(query).scalars())
        except SQLAlchemyError as error:
            raise ValueError(
                f"SQLDataset: table {self.table!r} of {engine.url} can't be read: {getattr(error, 'orig', error)}. "
                "Check the file, the table's name and the condition."
            ) from error
        finally:
            engine.dispose()  # nothing is open when a loader forks its workers
        self._check_keys(keys)
        return torch.tensor(keys) if all(type(key) is int for key in keys) else keys

    def _check_columns(self, known: list[str]) -> None:
        # SQLite takes a name that it doesn't know, in quotes, for a text: every row would hold the column's name.
        unknown = [name for name in [self.key, *(self.columns or [])] if name not in known]
        if unknown:
            raise ValueError(
                f"SQLDataset: table {self.table!r} has no column {quoted(unknown)}. Its columns are {quoted(known)}."
            )
        if self.columns is None:
            self.columns = known

    def _check_keys(self, keys: list[Any]) -> None:
        if not keys:
            chosen = "" if self.where is None else f" where {self.where}"
            raise ValueError(f"SQLDataset: table {self.table!r} has no row{chosen}. Check what filled it.")
        if None in keys:
            raise ValueError(f"SQLDataset: a row of table {self.table!r} has no {self.key!r}. Choose the primary key.")
        twice = [key for key, following in pairwise(keys) if key == following]
        if twice:
            raise ValueError(
                f"SQLDataset: several rows of table {self.table!r} have the {self.key!r} "
                f"{quoted(dict.fromkeys(twice))}. Choose a column that is unique, such as the primary key."
            )

    def _read_rows(self, keys: list[Any]) -> dict[Any, dict[str, Any]]:
        """Read the rows that have these keys: key → sample."""
        found: dict[Any, dict[str, Any]] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(keys), KEYS_A_QUERY):
                for key, *values in connection.execute(self._row_query(keys[start : start + KEYS_A_QUERY])):
                    found[key] = dict(zip(self.columns or [], values, strict=True))
        return found

    def _row_query(self, keys: list[Any]) -> Select[Any]:
        from sqlalchemy import column, select

        # The key comes first, under a name of its own: a sample may have it too, or not.
        names: list[ColumnElement[Any]] = [column(self.key).label("key_of_row"), *map(column, self.columns or [])]
        return select(*names).select_from(self._source()).where(column(self.key).in_(keys))
