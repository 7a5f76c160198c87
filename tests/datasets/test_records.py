"""Streams of records: formats, readers, shuffling, resuming, refusals. The oracles are pandas and PyTorch."""

from __future__ import annotations

import gzip
import json
import pickle
import random
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader
from torch.utils.data.datapipes.iter import IterableWrapper, Shuffler
from torchdata.stateful_dataloader import StatefulDataLoader

from datakit import DataLoader, RecordStream, ShuffleBuffer
from datakit.datasets.worker_split import Reader, current_worker, rank_and_world_size, working_as

TEXT = st.text("abü,\"' 1", max_size=6)


@pytest.fixture
def numbers(tmp_path: Path) -> list[Path]:
    """Twenty records in files of 7, 0, 12 and 1."""
    paths, first = [], 0
    for name, n in zip("abcd", (7, 0, 12, 1), strict=True):
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("".join(f"{i}\n" for i in range(first, first + n)))
        first += n
    return paths


def shares(make: Callable[[int, int], RecordStream], ranks: int, workers: int) -> list[list[Any]]:
    """What each reader reads, one after another in this process."""
    out = []
    for rank in range(ranks):
        for worker in range(workers):
            with working_as(worker, workers):
                iterator = iter(make(rank, ranks))
            out.append(list(iterator))
    return out


# What a file holds


@settings(max_examples=40, deadline=None)
@given(st.lists(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists), max_size=8))
def test_json_lines(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    path.write_text("\n".join(json.dumps(value) for value in [0, *values]) + "\n\n", encoding="utf-8")
    assert list(RecordStream(path)) == [0, *values]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXT, st.text("x\n", min_size=1)), min_size=1, max_size=6))
def test_reads_the_csv_that_pandas_reads(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    pd.DataFrame(rows, columns=["a", "ü b"]).to_csv(path, index=False, encoding="utf-8-sig")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(RecordStream(path, "csv")) == table.to_dict("records")


def test_lines_keep_blanks_and_lose_their_ends(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xef\xbb\xbf one \r\n\ntwo\rstill two\nlast")
    assert list(RecordStream(tmp_path / "t.txt", "lines")) == [" one ", "", "two\rstill two", "last"]


def test_compressed_files_and_other_storage() -> None:
    with fsspec.open("memory://records/b.jsonl.gz", "wb", compression="gzip") as file:
        file.write(b"1\n2\n")
    with fsspec.open("memory://records/a.jsonl", "wb") as file:
        file.write(b"0\n")
    assert list(RecordStream("memory://records/*")) == [0, 1, 2]


def test_patterns_are_sorted_and_lists_are_not(numbers: list[Path]) -> None:
    assert list(RecordStream(str(numbers[0].parent / "*.jsonl"))) == list(range(20))
    assert list(RecordStream([numbers[3], numbers[0]])) == [19, *range(7)]


def test_transform(numbers: list[Path]) -> None:
    assert list(RecordStream(numbers[3], transform=lambda x: x * 2)) == [38]


# Readers


@settings(max_examples=60, deadline=None)
@given(ranks=st.integers(1, 4), workers=st.integers(1, 4), buffer=st.integers(0, 25), epoch=st.integers(0, 3))
def test_nothing_is_repeated_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, ranks: int, workers: int, buffer: int, epoch: int
) -> None:
    folder = tmp_path_factory.mktemp("files")
    for name, part in zip("abc", (range(5), range(5, 5), range(5, 17)), strict=True):
        (folder / name).write_text("".join(f"{i}\n" for i in part))

    def make(rank: int, world_size: int) -> RecordStream:
        paths = [folder / name for name in "abc"]
        stream = RecordStream(paths, shuffle_buffer=buffer, rank=rank, world_size=world_size)
        stream.set_epoch(epoch)
        return stream

    parts = shares(make, ranks, workers)
    assert Counter(chain(*parts)) == Counter(range(17))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_worker_processes_share_the_records(numbers: list[Path]) -> None:
    seen = []
    for rank, method in enumerate(["fork", "spawn"]):
        stream = RecordStream(numbers, shuffle_buffer=4, rank=rank, world_size=2)
        loader: TorchLoader[Any] = TorchLoader(stream, batch_size=3, num_workers=2, multiprocessing_context=method)
        records = [record for batch in loader for record in batch.tolist()]
        assert len(records) == 10
        seen += records
    assert Counter(seen) == Counter(range(20))


def test_both_loaders_give_the_same_batches(numbers: list[Path]) -> None:
    stream = RecordStream(numbers)
    ours = [batch.tolist() for batch in DataLoader(stream, batch_size=6)]
    assert ours == [batch.tolist() for batch in TorchLoader(stream, batch_size=6)]


def test_each_reader_has_its_own_number() -> None:
    readers = [Reader(rank, 3, worker, 4) for rank in range(3) for worker in range(4)]
    assert [reader.number for reader in readers] == list(range(12))
    assert {reader.count for reader in readers} == {12}


def test_a_thread_can_be_a_worker() -> None:
    assert current_worker() == (0, 1)
    with working_as(2, num_workers=3):
        assert current_worker() == (2, 3)
        with working_as(0, num_workers=1):
            assert current_worker() == (0, 1)
        assert current_worker() == (2, 3)
    assert current_worker() == (0, 1)


def test_rank_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, numbers: list[Path]) -> None:
    monkeypatch.delenv("RANK", raising=False)
    assert rank_and_world_size(None, None, "X") == (0, 1)
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "5")
    assert list(RecordStream(numbers)) == [2, 7, 12, 17]
    assert list(RecordStream(numbers, rank=4, world_size=5)) == [4, 9, 14, 19]


def test_rank_comes_from_the_process_group(tmp_path: Path, numbers: list[Path]) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    try:
        assert rank_and_world_size(None, None, "X") == (0, 1)
        assert len(list(RecordStream(numbers))) == 20
    finally:
        torch.distributed.destroy_process_group()


# Shuffling


@settings(max_examples=100, deadline=None)
@given(n=st.integers(0, 30), buffer_size=st.integers(1, 35), seed=st.integers(0, 2**32))
def test_the_buffer_draws_as_pytorchs(n: int, buffer_size: int, seed: int) -> None:
    theirs = Shuffler(IterableWrapper(range(n)), buffer_size=buffer_size).set_seed(seed)
    ours = list(ShuffleBuffer(range(n), buffer_size, random.Random(seed)))
    assert ours == list(theirs)
    assert all(place >= item - (buffer_size - 1) for place, item in enumerate(ours))


def test_the_buffer_holds_no_more_than_its_size() -> None:
    taken = []
    items = iter(ShuffleBuffer((taken.append(i) for i in range(100)), 5, random.Random(0)))
    next(items)
    assert len(taken) == 6


def test_order_depends_on_seed_epoch_and_reader_alone(numbers: list[Path]) -> None:
    def order(epoch: int = 0, rank: int = 0, **arguments: Any) -> list[int]:
        stream = RecordStream(numbers, shuffle_buffer=6, rank=rank, world_size=2, **arguments)
        stream.set_epoch(epoch)
        return list(stream)

    assert order() == order() == order(seed=0)
    assert order(epoch=1) != order() != order(seed=1)
    assert order() != sorted(order())
    assert Counter(order() + order(rank=1)) == Counter(range(20))


def test_workers_that_outlive_an_epoch_hear_of_the_next(numbers: list[Path]) -> None:
    stream = RecordStream(numbers, shuffle_buffer=8)
    expected = []
    for epoch in range(3):
        stream.set_epoch(epoch)
        expected.append(shares(lambda rank, ranks: stream, 1, 2))
    loader: TorchLoader[Any] = TorchLoader(
        stream, batch_size=None, num_workers=2, persistent_workers=True, multiprocessing_context="spawn"
    )
    for epoch in range(3):
        stream.set_epoch(epoch)
        epoch_order = list(loader)
        assert [epoch_order[0::2], epoch_order[1::2]] == expected[epoch]
    assert expected[0] != expected[1] != expected[2]


# Resuming


@settings(max_examples=30, deadline=None)
@given(taken=st.integers(0, 20), buffer=st.integers(0, 25), epoch=st.integers(0, 2))
def test_a_loop_goes_on_where_another_stood(
    tmp_path_factory: pytest.TempPathFactory, taken: int, buffer: int, epoch: int
) -> None:
    path = tmp_path_factory.mktemp("resume") / "t.jsonl"
    path.write_text("".join(f"{i}\n" for i in range(20)))
    parsed = []
    stream = RecordStream(path, shuffle_buffer=buffer, transform=lambda x: parsed.append(x) or x)  # type: ignore[func-returns-value]
    stream.set_epoch(epoch)
    first = iter(stream)
    before = [next(first) for _ in range(taken)]
    state = pickle.loads(pickle.dumps(first.state_dict()))
    after = list(first)
    assert Counter(before + after) == Counter(range(20))
    parsed.clear()
    stream.set_epoch(0)
    second = iter(stream)
    second.load_state_dict(state)
    assert list(second) == after == parsed
    assert second.state_dict()["taken"] == 20


@pytest.mark.parametrize("num_workers", [0, 2])
def test_torchdatas_stateful_loader_resumes_in_mid_epoch(numbers: list[Path], num_workers: int) -> None:
    def loader() -> StatefulDataLoader[Any]:
        return StatefulDataLoader(RecordStream(numbers, shuffle_buffer=5), batch_size=3, num_workers=num_workers)

    whole = [batch.tolist() for batch in loader()]
    first = loader()
    batches = iter(first)
    start = [next(batches).tolist() for _ in range(3)]
    state = first.state_dict()
    del batches
    second = loader()
    second.load_state_dict(state)
    assert start + [batch.tolist() for batch in second] == whole


def test_a_state_of_other_readers_is_refused(numbers: list[Path]) -> None:
    state = iter(RecordStream(numbers)).state_dict()
    with working_as(1, num_workers=2):
        iterator = iter(RecordStream(numbers, rank=0, world_size=2))
    with pytest.raises(ValueError, match=r"that of reader 0 of 1, but this is reader 1 of 4 \(worker 1 of 2 in rank 0"):
        iterator.load_state_dict(state)


# Refusals


@pytest.mark.parametrize(
    ("format", "content", "words"),
    [
        ("jsonl", b'{"a": 1}\n{"a": \n', r"line 2 of .*t can't be read as jsonl: Expecting value.* Repair the line"),
        ("jsonl", b"1\n\n\xfc\n", r"line 3 of .*t can't be read as jsonl: .*can't decode byte 0xfc"),
        ("lines", b"1\n\xfc\n", r"line 2 of .*t can't be read as lines: .*can't decode byte 0xfc"),
        ("csv", b"a,b\n1,2\n3\n", r"beyond the record at line 2: line 3 has 1 cells, but the header names 2 columns"),
        ("csv", b'a,b\n1,"2\n', r"t can't be read as csv beyond the record at line 0: unexpected end of data"),
        ("csv", b"a,a\n1,2\n", r"t can't be read as csv .*: its header names a column more than once"),
        ("csv", b"a\n1\n\xfc\n", r"t can't be read as csv beyond the record at line 2: .*can't decode"),
        ("csv", b"a,b\n", r"there is no record in '.*t'. Check what wrote the files, or the format \('csv'\)"),
        ("jsonl", b"\n", r"there is no record in '.*t'"),
    ],
)
def test_bad_content_is_refused_with_file_and_line(tmp_path: Path, format: Any, content: bytes, words: str) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(ValueError, match=f"RecordStream: .*{words}"):
        list(RecordStream(tmp_path / "t", format))


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_a_compressed_file_that_is_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t.jsonl.{suffix}"
    with fsspec.open(str(path), "wb", compression="infer") as file:
        file.write(b"".join(b"%d\n" % random.randrange(10**9) for _ in range(5000)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=rf"t.jsonl.{suffix} can't be read as jsonl beyond the record at line \d+: "):
        list(RecordStream(path))


def test_a_file_that_is_not_compressed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl.gz").write_bytes(b"1\n")
    with pytest.raises(ValueError, match=r"t.jsonl.gz can't be read as jsonl .*[Nn]ot a gzipped file"):
        list(RecordStream(tmp_path / "t.jsonl.gz"))
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(b"1\n"))
    assert list(RecordStream(tmp_path / "t.jsonl.gz")) == [1]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"RecordStream: there is no file '.*none.jsonl'. Check the path"):
        list(RecordStream(tmp_path / "none.jsonl"))
    with pytest.raises(FileNotFoundError, match=r"RecordStream: no file matches '.*none-\*.jsonl'. Check the folder"):
        RecordStream(tmp_path / "none-*.jsonl")


def test_an_error_in_a_worker_reaches_the_loop(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("1\noops\n3\n")
    with pytest.raises(ValueError, match=r"line 2 of .*t.jsonl can't be read"):
        list(TorchLoader(RecordStream(tmp_path / "t.jsonl"), num_workers=2))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"urls": []}, "the list of files is empty. Pass at least one path or URL"),
        ({"format": "parquet"}, "format='parquet' arrived; expected is one of 'jsonl', 'lines', 'csv'"),
        ({"shuffle_buffer": -1}, r"shuffle_buffer must be 0 .* or a positive number .*; -1 arrived"),
        ({"shuffle_buffer": True}, "True arrived"),
        ({"rank": 0}, "rank=0 and world_size=None arrived. Pass both, or neither"),
        ({"world_size": 2}, "rank=None and world_size=2 arrived"),
        ({"rank": 2, "world_size": 2}, "rank must be at least 0 and below world_size"),
        ({"rank": -1, "world_size": 2}, "rank must be at least 0"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"RecordStream: .*{words}"):
        RecordStream(**{"urls": "t.jsonl", **arguments})


def test_a_buffer_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ShuffleBuffer: buffer_size must be a positive integer; 0 arrived"):
        ShuffleBuffer([], 0, random.Random())
