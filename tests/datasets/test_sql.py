"""Rows of real SQLite and DuckDB files, read by several processes and threads. The oracle is the driver itself."""

from __future__ import annotations

import os
import pickle
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader

from datakit import DataLoader, SQLDataset, check
from datakit.datasets.sql import KEYS_A_QUERY

Rows = list[tuple[Any, ...]]
Make = Callable[[Path, str, Rows], str]


def make_sqlite(folder: Path, create: str, rows: Rows) -> str:
    with sqlite3.connect(folder / "rows.db") as database:
        database.execute(create)
        if rows:
            database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows)
    database.close()
    return f"sqlite:///{folder / 'rows.db'}"


def make_duckdb(folder: Path, create: str, rows: Rows) -> str:
    with duckdb.connect(folder / "rows.duckdb") as database:
        database.execute(create)
        if rows:
            database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return f"duckdb:///{folder / 'rows.duckdb'}"


@pytest.fixture(params=[make_sqlite, make_duckdb], ids=["sqlite", "duckdb"])
def make(request: pytest.FixtureRequest) -> Make:
    return request.param  # type: ignore[no-any-return]


TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, x DOUBLE, name VARCHAR)"
ROWS: Rows = [(i * 3, i / 4, f"n{i}") for i in range(40)]
SAMPLES = [{"id": i, "x": x, "name": name} for i, x, name in ROWS]


@pytest.fixture
def url(make: Make, tmp_path: Path) -> str:
    return make(tmp_path, TABLE, ROWS[::-1])


# What a sample is


def test_keeps_the_contract_of_a_list(url: str) -> None:
    check.indexing(SQLDataset(url, "t", "id"), SAMPLES)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False) | st.none(), st.text() | st.none()),
             min_size=1, max_size=12, unique_by=lambda row: row[0]),
    st.data(),
)  # fmt: skip
def test_reads_what_sqlite_reads(tmp_path_factory: pytest.TempPathFactory, rows: Rows, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("sql")
    dataset = SQLDataset(make_sqlite(folder, TABLE, rows), "t", "id", columns=["name", "x"])
    with sqlite3.connect(folder / "rows.db") as database:
        expected = [{"name": name, "x": x} for name, x in database.execute("SELECT name, x FROM t ORDER BY id")]
    assert isinstance(dataset.keys, torch.Tensor)
    assert dataset.keys.tolist() == sorted(row[0] for row in rows)
    indices = data.draw(st.lists(st.integers(-len(rows), len(rows) - 1), max_size=20))
    assert dataset.__getitems__(indices) == [expected[i] for i in indices]


def test_keys_of_text_and_columns_that_need_quotes(make: Make, tmp_path: Path) -> None:
    create = 'CREATE TABLE t ("the key" VARCHAR PRIMARY KEY, "Select" INTEGER)'
    dataset = SQLDataset(make(tmp_path, create, [("b'", 2), ("a", 1)]), "t", "the key")
    assert dataset.keys == ["a", "b'"]
    assert dataset[1] == {"the key": "b'", "Select": 2}


def test_columns_condition_schema_and_transform(url: str) -> None:
    dataset = SQLDataset(url, "main.t", "id", columns=["x"], where="id >= 30 AND x < 5", transform=lambda row: row["x"])
    assert [dataset[i] for i in range(len(dataset))] == [x for i, x, _ in ROWS if i >= 30 and x < 5]


def test_a_path_means_sqlite(tmp_path: Path) -> None:
    make_sqlite(tmp_path, TABLE, ROWS)
    assert SQLDataset(tmp_path / "rows.db", "t", "id")[1] == SQLDataset(str(tmp_path / "rows.db"), "t", "id")[1]


def test_more_rows_than_one_query_may_ask_for(tmp_path: Path) -> None:
    n = 2 * KEYS_A_QUERY + 5
    dataset = SQLDataset(
        make_sqlite(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY)", [(i,) for i in range(n)]), "t", "id"
    )
    assert [row["id"] for row in dataset.__getitems__(range(n))] == list(range(n))
    assert dataset.__getitems__([]) == []


def test_a_repeated_row_is_a_sample_of_its_own(url: str) -> None:
    one, other = SQLDataset(url, "t", "id").__getitems__([0, 0])
    one["x"] = 7
    assert other == SAMPLES[0]


def test_the_loaders_agree(url: str) -> None:
    dataset = SQLDataset(url, "t", "id")
    for ours, theirs in zip(DataLoader(dataset, 7), TorchLoader(dataset, 7), strict=True):
        assert ours["name"] == theirs["name"]
        assert torch.equal(ours["id"], theirs["id"])


# Several processes and threads


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_open_it_for_themselves(url: str, method: str) -> None:
    dataset = SQLDataset(url, "t", "id")
    assert dataset[0] == SAMPLES[0]  # this process has it open when the workers start
    loader: TorchLoader[Any] = TorchLoader(dataset, 5, num_workers=2, multiprocessing_context=method)
    for _ in range(2 if method == "fork" else 1):
        assert [name for batch in loader for name in batch["name"]] == [sample["name"] for sample in SAMPLES]
    assert dataset[-1] == SAMPLES[-1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lists open files by /proc")
def test_nothing_is_open_after_a_fork(url: str, tmp_path: Path) -> None:
    def opened() -> int:
        links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
        return sum(str(tmp_path) in str(link.readlink()) for link in links if link.is_symlink())

    dataset = SQLDataset(url, "t", "id")
    assert opened() == 0
    assert dataset[0] == SAMPLES[0]
    assert opened() > 0
    engine = dataset._engine
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        inherited = opened()
        own = dataset[1] == SAMPLES[1] and dataset._engine is not engine
        os.write(send, bytes([inherited, own, opened() > 0]))
        os._exit(0)
    os.waitpid(child, 0)
    assert list(os.read(receive, 3)) == [0, True, True]
    assert dataset[2] == SAMPLES[2]


def test_threads_read_side_by_side(url: str) -> None:
    dataset = SQLDataset(url, "t", "id")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(dataset.__getitem__, list(range(40)) * 5)) == SAMPLES * 5


def test_a_pickled_copy_reads(url: str) -> None:
    dataset = SQLDataset(url, "t", "id")
    assert dataset[0] == SAMPLES[0]
    copy = pickle.loads(pickle.dumps(dataset))
    assert copy._engines == {}
    assert copy[1] == SAMPLES[1]


# Refusals


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"table": "u"}, r"table 'u' of \w+:///.* can't be read: .*(no such table|does not exist).* Check the file"),
        ({"key": "Id"}, "table 't' has no column 'Id'. Its columns are 'id', 'x', 'name'"),
        ({"columns": ["x", "z"]}, "table 't' has no column 'z'. Its columns are"),
        ({"where": "x > 1000"}, "table 't' has no row where x > 1000. Check what filled it"),
        ({"where": "z > 1"}, r"table 't' of .* can't be read: .*z.* the condition"),
    ],
)
def test_what_is_not_there_is_refused(url: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"(?s)SQLDataset: {words}"):
        SQLDataset(**{"url": url, "table": "t", "key": "id", **arguments})


def test_keys_that_are_no_keys_are_refused(make: Make, tmp_path: Path) -> None:
    url = make(tmp_path, "CREATE TABLE t (a INTEGER, b INTEGER)", [(1, 1), (2, 1), (3, None)])
    with pytest.raises(ValueError, match=r"several rows of table 't' have the 'b' 1. Choose a column that is unique"):
        SQLDataset(url, "t", "b", where="b = 1")
    with pytest.raises(ValueError, match=r"a row of table 't' has no 'b'. Choose the primary key"):
        SQLDataset(url, "t", "b")


def test_an_empty_table_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"SQLDataset: table 't' has no row. Check what filled it"):
        SQLDataset(make(tmp_path, TABLE, []), "t", "id")


def test_a_deleted_row_is_reported(tmp_path: Path) -> None:
    dataset = SQLDataset(make_sqlite(tmp_path, TABLE, ROWS), "t", "id")
    with sqlite3.connect(tmp_path / "rows.db") as database:
        database.execute("DELETE FROM t WHERE id = 6")
    with pytest.raises(LookupError, match=r"table 't' has no row with id 6 any more. The database changed") as caught:
        list(DataLoader(dataset, 4))
    assert not isinstance(caught.value, IndexError), "a for-loop over the dataset would end there as if all were well"


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_missing_file_is_refused_and_not_made(tmp_path: Path, kind: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"SQLDataset: there is no file '.*none.db'. Check the path"):
        SQLDataset(f"{kind}:///{tmp_path / 'none.db'}", "t", "id")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "t.db").write_bytes(b"not a database, but long enough to be one" * 200)
    with pytest.raises(ValueError, match=r"SQLDataset: table 't' of .*t.db can't be read: .*not a.* Check the file"):
        SQLDataset(f"{kind}:///{tmp_path / 't.db'}", "t", "id")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "duckdb:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"is a database in this process's memory, .* Write it to a file"):
        SQLDataset(url, "t", "id")


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("a b://x", ValueError, "'a b://x' can't be read as the address of a database: .* Write it as in 'sqlite:///"),
        (
            "oddbase://u:secret@h/d",
            ModuleNotFoundError,
            r"oddbase://u:\*\*\*@h/d needs a package that is not installed",
        ),
    ],
)
def test_bad_addresses_are_refused(url: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"SQLDataset: {words}"):
        SQLDataset(url, "t", "id")


@pytest.mark.parametrize(("package", "url"), [("sqlalchemy", "rows.db"), ("duckdb_engine", "duckdb:///rows.duckdb")])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str, url: str) -> None:
    make_sqlite(tmp_path, TABLE, ROWS)
    make_duckdb(tmp_path, TABLE, ROWS)
    monkeypatch.chdir(tmp_path)
    from sqlalchemy.dialects import registry

    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(registry.impls, "duckdb", lambda: __import__("duckdb_engine"))
    words = f"needs the package {package.replace('_', '-')}, .* pip install 'datakit\\[data\\]'"
    with pytest.raises(ModuleNotFoundError, match=words):
        SQLDataset(url, "t", "id")
