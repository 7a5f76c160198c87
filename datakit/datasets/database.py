"""Open a database by its URL, or say why it can't be opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from datakit._errors import missing_package

if TYPE_CHECKING:
    from sqlalchemy import Engine

IN_ONE_FILE = ("sqlite", "duckdb")

_opened: WeakSet[Engine] = WeakSet()


def open_database(url: str | Path, owner: str) -> Engine:
    """Make an SQLAlchemy engine. It connects when it is first used, and closes its connections before a fork.

    Args:
        url: an SQLAlchemy URL, or the path of an SQLite file.
        owner: who opens it, for messages.

    Raises:
        FileNotFoundError: if the database's file is not there. (SQLite itself would make an empty one.)
        ModuleNotFoundError: if SQLAlchemy, or the package for this kind of database, is not installed.
        ValueError: if the URL can't be understood, or means a database in memory.
    """
    try:
        from sqlalchemy import URL, create_engine, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    except ModuleNotFoundError as error:
        raise missing_package("sqlalchemy", owner, "data") from error

    is_url = isinstance(url, str) and "://" in url
    try:
        address = make_url(str(url)) if is_url else URL.create("sqlite", database=str(url))
    except (ArgumentError, ValueError) as error:
        raise ValueError(
            f"{owner}: {url!r} can't be read as the address of a database: {error}. "
            "Write it as in 'sqlite:///folder/rows.db' or 'duckdb:///folder/rows.duckdb'."
        ) from error
    kind = address.get_backend_name()
    if kind in IN_ONE_FILE:
        if address.database in (None, "", ":memory:"):
            raise ValueError(
                f"{owner}: {url!r} is a database in this process's memory, which no worker process can read. "
                "Write it to a file."
            )
        if not Path(address.database).is_file():
            raise FileNotFoundError(f"{owner}: there is no file {address.database!r}. Check the path.")
    try:
        # DuckDB lets several processes read one file only if none of them may write.
        engine = create_engine(address, connect_args={"read_only": True} if kind == "duckdb" else {})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        if kind == "duckdb":
            raise missing_package("duckdb-engine", f"{owner} with DuckDB", "data") from error
        raise ModuleNotFoundError(
            f"{owner}: {address!r} needs a package that is not installed: {error}. "
            f"SQLAlchemy's documentation says which one serves {kind!r}."
        ) from error
    _opened.add(engine)
    return engine


def _close_all() -> None:
    # DuckDB gives a new connection the database that its process has open already: after a fork that would be the
    # parent's, without the parent's threads and with its file handle. So nothing may be open when a fork is made.
    for engine in list(_opened):
        engine.dispose()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_close_all)
