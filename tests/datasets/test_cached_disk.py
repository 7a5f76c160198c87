"""DiskCache: what survives, what is told apart, the bound, damage, a disk that refuses, many processes."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datakit import CachedDataset, DiskCache, HybridCache, RAMCache, TensorDataset
from datakit.datasets import cached
from datakit.datasets.cache_disk import HEADER
from datakit.datasets.cache_payload import pack
from tests.datasets.cache_datasets import CountedImages, is_right

ENTRY_BYTES = HEADER.size + len(pack(CountedImages(1)[0], "it"))


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No spot checks, so that every computation is a miss."""
    monkeypatch.setattr(cached, "SPOT_CHECKS", 0)


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*/*.sample"))


def computed(images: CountedImages, cache: Any) -> list[int]:
    """Read all samples, check each, and say which had to be computed."""
    dataset = CachedDataset(images, cache)
    images.computed.zero_()
    assert all(is_right(images, dataset[i], i) for i in range(len(images)))
    return [index for index, times in enumerate(images.computed.tolist()) if times]


# What is found, and by whom


def test_the_next_run_finds_what_this_one_wrote(tmp_path: Path) -> None:
    assert computed(CountedImages(5), DiskCache(tmp_path / "c", 10**6)) == [0, 1, 2, 3, 4]
    assert len(entries(tmp_path / "c")) == 5
    assert computed(CountedImages(5), DiskCache(tmp_path / "c", 10**6)) == []


def test_another_dataset_is_told_apart(tmp_path: Path) -> None:
    class Other(CountedImages):
        pass

    class Another(CountedImages):
        pass

    everything = [0, 1, 2, 3, 4]
    assert computed(CountedImages(5), DiskCache(tmp_path / "c", 10**6)) == everything
    assert computed(CountedImages(5, offset=1), DiskCache(tmp_path / "c", 10**6)) == everything
    assert computed(CountedImages(4), DiskCache(tmp_path / "c", 10**6)) == everything[:4]
    for kind in (Other, Another):
        assert computed(kind(5), DiskCache(tmp_path / "c", 10**6)) == everything
    assert computed(CountedImages(5), DiskCache(tmp_path / "c", 10**6, version="2")) == everything
    # And what was there first is still there.
    assert computed(CountedImages(5), DiskCache(tmp_path / "c", 10**6)) == []


def test_a_change_that_the_fingerprint_misses_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "SPOT_CHECKS", 3)
    values = torch.arange(5)
    _ = CachedDataset(TensorDataset(values), DiskCache(tmp_path / "c", 10**6))[1]
    changed = values.clone()
    changed[1] = 99  # The samples looked at are 0, 2 and 4.
    stale = CachedDataset(TensorDataset(changed), DiskCache(tmp_path / "c", 10**6))
    with pytest.raises(RuntimeError, match=r"sample 1 in the cache is not what the dataset gives now.*version="):
        stale[1]
    assert CachedDataset(TensorDataset(changed), DiskCache(tmp_path / "c", 10**6, version="2"))[1][0] == 99


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(
        ValueError, match=r"holds other files \('thesis.tex', say\), and a cache deletes files. Pass a new"
    ):
        DiskCache(tmp_path, 1000)
    (tmp_path / "new").mkdir()
    DiskCache(tmp_path / "new", 1000)
    assert (tmp_path / "new" / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")
    for nowhere in (tmp_path / "thesis.tex", "/proc/cache"):
        with pytest.raises(OSError, match=r"DiskCache: .* can't be used as a folder: .*Pass one that can be written"):
            DiskCache(nowhere, 1000)


def test_only_entries_are_ever_deleted(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "c", 3 * ENTRY_BYTES)
    (tmp_path / "c" / "notes").mkdir()
    (tmp_path / "c" / "notes" / "mine.txt").write_text("x" * 10_000)
    computed(CountedImages(20), cache)
    assert (tmp_path / "c" / "notes" / "mine.txt").exists()


# The bound


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.lists(st.integers(0, 7), max_size=25))
def test_the_least_recently_used_is_deleted(
    tmp_path_factory: pytest.TempPathFactory, room: int, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("c")
    images = CountedImages(8)
    cache = DiskCache(folder, room * ENTRY_BYTES)
    dataset = CachedDataset(images, cache)
    images.computed.zero_()
    held: list[int] = []
    misses = 0
    for index in order:
        assert is_right(images, dataset[index], index)
        if index in held:
            held.remove(index)
        else:
            misses += 1
            # Room for one, which is more than a tenth of the bound.
            del held[: len(held) + 1 - room if len(held) == room else 0]
        held.append(index)
        assert sorted(int(path.stem) for path in entries(folder)) == sorted(held)
        assert cache.nbytes == sum(path.stat().st_size for path in entries(folder)) == len(held) * ENTRY_BYTES
    assert cache.misses == misses == int(images.computed.sum())


def test_keeping_what_is_there_finds_it_every_epoch(tmp_path: Path) -> None:
    images = CountedImages(10)
    assert computed(images, DiskCache(tmp_path / "c", 4 * ENTRY_BYTES, evict=False)) == list(range(10))
    for _ in range(2):
        assert computed(images, DiskCache(tmp_path / "c", 4 * ENTRY_BYTES, evict=False)) == [4, 5, 6, 7, 8, 9]
    # An older version of the data makes room for the present one.
    assert computed(images, DiskCache(tmp_path / "c", 4 * ENTRY_BYTES, evict=False, version="2")) == list(range(10))
    assert computed(images, DiskCache(tmp_path / "c", 4 * ENTRY_BYTES, evict=False, version="2")) == [4, 5, 6, 7, 8, 9]
    assert len(entries(tmp_path / "c")) == 4


@pytest.mark.parametrize("content", [None, b"", b"many", b"\xff"])
def test_a_lost_count_is_counted_again(tmp_path: Path, content: bytes | None) -> None:
    computed(CountedImages(3), DiskCache(tmp_path / "c", 10**6))
    count = tmp_path / "c" / "bytes"
    count.unlink() if content is None else count.write_bytes(content)
    assert DiskCache(tmp_path / "c", 10**6).nbytes == 3 * ENTRY_BYTES


def test_what_a_dead_process_left_is_cleared_away(tmp_path: Path) -> None:
    computed(CountedImages(2), DiskCache(tmp_path / "c", 3 * ENTRY_BYTES))
    half = entries(tmp_path / "c")[0].with_name("1.sample.99-99.part")
    half.write_bytes(bytes(2 * ENTRY_BYTES))
    os.utime(half, (1, 1))
    (tmp_path / "c" / "bytes").write_text(str(4 * ENTRY_BYTES))
    computed(CountedImages(3), DiskCache(tmp_path / "c", 3 * ENTRY_BYTES))
    assert not half.exists()
    assert len(entries(tmp_path / "c")) == 3


def test_an_entry_that_goes_while_the_folder_is_read_counts_nothing(tmp_path: Path) -> None:
    computed(CountedImages(3), DiskCache(tmp_path / "c", 10**6))
    # Its name is found and its file is not: as where another process deletes it between the two looks.
    entries(tmp_path / "c")[0].with_name("7.sample").symlink_to(tmp_path / "gone")
    (tmp_path / "c" / "bytes").unlink()
    assert DiskCache(tmp_path / "c", 10**6).nbytes == 3 * ENTRY_BYTES


# Damage


def _cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


def _flip_a_bit(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 4
    entry.write_bytes(content)


def _empty(entry: Path) -> None:
    entry.write_bytes(b"")


def _append(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes() + b"\0")


def _exchange(entry: Path) -> None:
    entry.write_bytes(entry.with_name("3.sample").read_bytes())


@pytest.mark.parametrize("damage", [_cut, _flip_a_bit, _empty, _append, _exchange])
def test_a_damaged_entry_is_computed_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    images = CountedImages(5)
    computed(images, DiskCache(tmp_path / "c", 10**6))
    damage(entries(tmp_path / "c")[1])
    with pytest.warns(
        RuntimeWarning, match="the entry of sample 1 is damaged. It is deleted, and the sample"
    ) as caught:
        assert computed(images, DiskCache(tmp_path / "c", 10**6)) == [1]
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert computed(images, DiskCache(tmp_path / "c", 10**6)) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_gives_a_wrong_sample(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("c")
    images = CountedImages(2)
    computed(images, DiskCache(folder, 10**6))
    entry = entries(folder)[data.draw(st.integers(0, 1))]
    content = bytearray(entry.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    entry.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        computed(images, DiskCache(folder, 10**6))  # It checks each sample.


def test_an_entry_that_cannot_be_read(tmp_path: Path) -> None:
    images = CountedImages(3)
    computed(images, DiskCache(tmp_path / "c", 10**6))
    entry = entries(tmp_path / "c")[1]
    entry.unlink()
    entry.mkdir()
    with pytest.warns(RuntimeWarning, match=r"DiskCache in .*c: can't read sample 1: .*directory.*computed again"):
        assert computed(images, DiskCache(tmp_path / "c", 10**6)) == [1]


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let the system itself refuse to write more than ``size`` bytes into a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_costs_a_warning_and_a_recomputation(tmp_path: Path) -> None:
    images = CountedImages(4)
    for name, make in {
        "disk": lambda: DiskCache(tmp_path / "disk", 10**6),
        "hybrid": lambda: HybridCache(RAMCache(10), DiskCache(tmp_path / "hybrid", 10**6)),
    }.items():
        cache = make()
        with (
            pytest.warns(RuntimeWarning, match=r"can't write samples: .*File too large.*Make room on the disk"),
            file_size_limit(100),
        ):
            assert computed(images, cache) == [0, 1, 2, 3]
        assert list((tmp_path / name).glob("*/*/*")) == []
        assert DiskCache(tmp_path / name, 10**6).nbytes == 0
        # Once the disk takes files again, the cache goes on.
        assert computed(images, make()) == [0, 1, 2, 3]
        assert computed(images, make()) == []


def test_a_folder_that_disappears(tmp_path: Path) -> None:
    import shutil

    images = CountedImages(3)
    dataset = CachedDataset(images, DiskCache(tmp_path / "c", 10**6))
    assert is_right(images, dataset[1], 1)
    shutil.rmtree(tmp_path / "c")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert all(is_right(images, dataset[i], i) for i in range(3))


# Processes


def _hammer(folder: Path, bound: int, seed: int, barrier: Any, results: Any) -> None:
    images = CountedImages(30)
    dataset = CachedDataset(images, DiskCache(folder, bound))
    order = torch.randint(0, 30, (150,), generator=torch.Generator().manual_seed(seed)).tolist()
    barrier.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wrong = [index for index in order if not is_right(images, dataset[index], index)]
    results.put((wrong, dataset.cache.hits))


@pytest.mark.parametrize("room", [200, 12])
def test_processes_share_a_folder_and_its_bound(tmp_path: Path, room: int) -> None:
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(4), context.Queue()
    arguments = (tmp_path / "c", room * ENTRY_BYTES)
    processes = [context.Process(target=_hammer, args=(*arguments, seed, barrier, results)) for seed in range(4)]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert [wrong for wrong, _ in found] == [[]] * 4
    assert sum(hits for _, hits in found) > 0
    written = sum(path.stat().st_size for path in entries(tmp_path / "c"))
    assert written <= DiskCache(*arguments).nbytes <= room * ENTRY_BYTES
    if room == 200:
        # Each process found what the others had written: at most a few were computed twice.
        assert sum(hits for _, hits in found) >= 600 - 30 * 4
        assert written == 30 * ENTRY_BYTES
    assert not list((tmp_path / "c").rglob("*.part"))


def _write_for_ever(dataset: CachedDataset, started: Any) -> None:
    started.set()
    for index in range(len(dataset)):
        _ = dataset[index]


def test_a_killed_process_leaves_a_cache_that_works(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    dataset = CachedDataset(CountedImages(10_000), DiskCache(tmp_path / "c", 50 * ENTRY_BYTES))
    for _ in range(5):
        started = context.Event()
        process = context.Process(target=_write_for_ever, args=(dataset, started))
        process.start()
        assert started.wait(60)
        time.sleep(0.05)
        process.kill()
        process.join()
    cache = DiskCache(tmp_path / "c", 50 * ENTRY_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        computed(CountedImages(60), cache)
    files = [path for path in (tmp_path / "c").glob("*/*/*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 50 * ENTRY_BYTES
