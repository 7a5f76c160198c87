"""Lines at random against Python's own reading of the file; the index's life; processes; refusals."""

from __future__ import annotations

import errno
import gzip
import json
import multiprocessing
import os
import pickle
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader
from torch.utils.data import get_worker_info

from datakit import IndexedDataset, RecordStream, check

TEXT = st.text("abü\r\t 1,", max_size=6)
RECORDS = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=4)


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """Two hundred records, of different lengths."""
    path = tmp_path / "numbers.jsonl"
    path.write_text("".join(f"{i}{' ' * (i % 7)}\n" for i in range(200)))
    return path


@settings(max_examples=100, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=8), st.data())
def test_json_lines(tmp_path_factory: pytest.TempPathFactory, records: list[Any], data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    blank = st.sampled_from(["", "\n", " \r\n", "\n\n"])
    start = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    lines = "".join(data.draw(blank) + json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_bytes(start + lines.rstrip("\n").encode() + data.draw(blank).encode())
    dataset = IndexedDataset(path)
    assert len(dataset) == len(records)
    order = data.draw(st.permutations(range(-len(records), len(records))))
    assert [dataset[i] for i in order] == [records[i] for i in order]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "ü", "\r", "a\rb", " ", "\t", "\x85", "\u2028"]), min_size=1, max_size=8))
def test_plain_lines(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("lines") / "t.txt"
    path.write_bytes("\n".join([*lines, "last"]).encode())
    dataset = IndexedDataset(path, "lines")
    # RecordStream reads the same file from front to end.
    assert [dataset[i] for i in range(len(dataset))] == list(RecordStream(path, "lines"))
    assert len(dataset) == len(lines) + 1


def test_keeps_the_contract_that_the_labs_check(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"x": 1}\n{"x": 2}\n')
    check.indexing(IndexedDataset(tmp_path / "t.jsonl"), [{"x": 1}, {"x": 2}])
    check.indexing(IndexedDataset(tmp_path / "t.jsonl", transform=lambda record: record["x"]), [1, 2])


# The index


def test_the_index_is_built_once(numbers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = IndexedDataset(numbers)
    assert first.index_path == numbers.with_name("numbers.jsonl.index")
    assert first.index_path.stat().st_size <= 8 * 200 + 64
    monkeypatch.setattr("datakit.datasets.indexed_lines._find", None)  # A second reading of the file would now fail.
    second = IndexedDataset(numbers)
    assert [second[i] for i in range(200)] == list(range(200))
    assert isinstance(second._starts, np.memmap)


def test_the_index_follows_the_file(numbers: Path) -> None:
    IndexedDataset(numbers)
    with numbers.open("a") as file:
        file.write("1000\n")
    assert IndexedDataset(numbers)[-1] == 1000
    before = numbers.stat()
    numbers.write_text(numbers.read_text().replace("0\n1 \n", "0 \n1\n"))  # Same size, lines elsewhere.
    os.utime(numbers, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert numbers.stat().st_size == before.st_size
    dataset = IndexedDataset(numbers)
    assert [dataset[i] for i in range(3)] == [json.loads(line) for line in numbers.read_text().split()[:3]]


def test_each_format_has_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("1\n\n2\n")
    assert [len(IndexedDataset(tmp_path / "t", format)) for format in ("jsonl", "lines", "jsonl")] == [2, 3, 2]  # type: ignore[arg-type]


def _shorten(index: Path) -> None:
    index.write_bytes(index.read_bytes()[:-8])


def _cut(index: Path) -> None:
    index.write_bytes(index.read_bytes()[:-3])


def _empty(index: Path) -> None:
    index.write_bytes(b"")


def _overwrite(index: Path) -> None:
    index.write_bytes(b"something else entirely, and long enough to hold a header")


def _turn_into_a_folder(index: Path) -> None:
    index.unlink()
    index.mkdir()


@pytest.mark.parametrize("damage", [_shorten, _cut, _empty, _overwrite, _turn_into_a_folder, Path.unlink])
@pytest.mark.filterwarnings("ignore:IndexedDataset. the index of")
def test_a_damaged_index_is_built_again(numbers: Path, damage: Any) -> None:
    index = IndexedDataset(numbers).index_path
    damage(index)
    dataset = IndexedDataset(numbers)
    assert [dataset[i] for i in range(-200, 200)] == [*range(200)] * 2


def test_an_index_that_points_into_a_line_is_noticed(numbers: Path) -> None:
    index = IndexedDataset(numbers).index_path
    content = bytearray(index.read_bytes())
    content[-8:] = (int.from_bytes(content[-8:], "little") + 1).to_bytes(8, "little")
    index.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"if the file is unchanged, delete .*numbers.jsonl.index first"):
        IndexedDataset(numbers)[-1]


def test_an_index_elsewhere(numbers: Path, tmp_path: Path) -> None:
    dataset = IndexedDataset(numbers, index_path=tmp_path / "elsewhere")
    assert dataset[150] == 150
    assert (tmp_path / "elsewhere").is_file()
    assert not numbers.with_name("numbers.jsonl.index").exists()


def test_without_room_for_the_index_it_stays_in_memory(numbers: Path) -> None:
    with pytest.warns(RuntimeWarning, match="index of numbers.jsonl can't be saved.*Pass index_path=") as caught:
        dataset = IndexedDataset(numbers, index_path="/proc/no/room")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pickle.loads(pickle.dumps(dataset))[77] == dataset[77] == 77


def test_a_full_disk_leaves_no_half_index(numbers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.warns(RuntimeWarning, match="No space left on device"):
        assert IndexedDataset(numbers)[5] == 5
    assert [path.name for path in numbers.parent.iterdir()] == ["numbers.jsonl"]


# Processes and memory


def _with_worker(record: int) -> tuple[int, int]:
    info = get_worker_info()
    return record, -1 if info is None else info.id


@pytest.mark.parametrize(("method", "workers"), [("fork", 2), ("spawn", 1)])
def test_workers_read_after_the_parent_did(numbers: Path, method: str, workers: int) -> None:
    dataset = IndexedDataset(numbers, transform=_with_worker)
    assert dataset[199] == (199, -1)
    loader = TorchLoader(dataset, batch_size=20, shuffle=True, num_workers=workers, multiprocessing_context=method)
    batches = [(records.tolist(), ids.tolist()) for records, ids in loader]
    assert sorted(record for records, _ in batches for record in records) == list(range(200))
    assert {worker for _, ids in batches for worker in ids} == set(range(workers))


def test_sent_to_a_worker_it_is_small(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("1\n" * 20_000)
    dataset = IndexedDataset(path)
    assert dataset[0] == 1
    assert len(pickle.dumps(dataset)) < 2000


def test_memory_does_not_hold_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    with path.open("w") as file:
        file.writelines(f"{i:01000}\n" for i in range(20_000))
    IndexedDataset(path, "lines")
    tracemalloc.start()
    dataset = IndexedDataset(path, "lines")
    assert int(dataset[12_345]) == 12_345
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 100


def _build(path: Path, barrier: Any, results: Any) -> None:
    barrier.wait()
    dataset = IndexedDataset(path)
    results.put([dataset[i] for i in (0, 100, 199)])


def test_processes_that_build_at_once_agree(numbers: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_build, args=(numbers, barrier, results)) for _ in range(4)]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == [[0, 100, 199]] * 4
    for process in processes:
        process.join()
    assert sorted(path.name for path in numbers.parent.iterdir()) == ["numbers.jsonl", "numbers.jsonl.index"]


# Refusals


def test_a_file_that_changes_under_the_dataset_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("123456789\n" * 5000)
    changed = r"t.jsonl has changed since the dataset was made.*Make the dataset again"
    dataset, unopened = IndexedDataset(path), IndexedDataset(path)
    assert dataset[4999] == 123456789
    # Cut by several pages: to read the map where the file has none would kill this process.
    os.truncate(path, 100)
    for either in (dataset, unopened, pickle.loads(pickle.dumps(dataset))):
        with pytest.raises(RuntimeError, match=changed):
            either[4999]


def test_other_lines_of_the_same_lengths_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("1\n2\n")
    dataset, changed_at = IndexedDataset(path), path.stat().st_mtime_ns
    path.write_text("3\n4\n")
    os.utime(path, ns=(changed_at, changed_at + 1))
    with pytest.raises(RuntimeError, match=r"t.jsonl has changed since the dataset was made"):
        dataset[0]
    assert IndexedDataset(path)[0] == 3


def test_a_file_that_grows_while_it_is_counted(numbers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datakit.datasets import indexed_lines

    find = indexed_lines._find

    def find_and_grow(file: Any, keep_blank: bool) -> Any:
        with numbers.open("a") as other:
            other.write("1\n")
        return find(file, keep_blank)

    monkeypatch.setattr(indexed_lines, "_find", find_and_grow)
    with pytest.raises(RuntimeError, match=r"changed while its lines were counted. Wait until it is complete"):
        IndexedDataset(numbers)


def test_bad_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"IndexedDataset: there is no file .*nowhere.jsonl'. Check the path"):
        IndexedDataset(tmp_path / "nowhere.jsonl")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        IndexedDataset(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "blank").write_bytes(b"\n \n")
    for name in ("empty", "blank"):
        with pytest.raises(ValueError, match=f"{name} holds no record. Check what wrote it"):
            IndexedDataset(tmp_path / name)
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(b"1\n2\n"))
    with pytest.raises(
        ValueError, match=r"t.jsonl.gz is compressed with gzip.*Unpack the file once, or .*RecordStream"
    ):
        IndexedDataset(tmp_path / "t.jsonl.gz")
    with pytest.raises(ValueError, match=r"format='csv' arrived; expected is one of 'jsonl', 'lines'.*RecordStream"):
        IndexedDataset(tmp_path / "blank", "csv")  # type: ignore[arg-type]
    assert not list(tmp_path.glob("*.index"))


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b'{"x": 1}\n\n{"x": \n\xff\n3\n')
    dataset = IndexedDataset(tmp_path / "t")
    assert (dataset[0], dataset[3]) == ({"x": 1}, 3)
    with pytest.raises(ValueError, match=r"record 1 of .*t, at byte 10, can't be read as jsonl: .*Repair the line"):
        dataset[1]
    with pytest.raises(ValueError, match=r"record 2 of .*t, at byte 17, can't be read as jsonl: .*utf-8"):
        dataset[2]
    with pytest.raises(ValueError, match=r"record 3 of .* can't be read as lines: .*utf-8"):
        IndexedDataset(tmp_path / "t", "lines")[3]


def test_out_of_range(numbers: Path) -> None:
    with pytest.raises(IndexError, match="IndexedDataset: index 200 is out of range"):
        IndexedDataset(numbers)[200]
