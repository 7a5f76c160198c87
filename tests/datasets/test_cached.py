"""What every cache must do, whichever it is; and RAMCache against ``functools.lru_cache``."""

from __future__ import annotations

import functools
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from datakit import CachedDataset, DiskCache, HybridCache, RAMCache, RecordStream, SharedCache, TensorDataset, check
from datakit.datasets import cached
from datakit.datasets.cache_base import Cache
from datakit.datasets.cache_lock import ForkSafeLock
from datakit.datasets.cache_payload import pack, unpack
from tests.datasets.cache_datasets import CountedImages, augment, is_right
from tests.strategies import Maker, draw_samples, identical, makers

MAKERS: dict[str, Callable[[Path], Cache]] = {
    "ram": lambda folder: RAMCache(10**6),
    "disk": lambda folder: DiskCache(folder / "cache", 10**6),
    "hybrid": lambda folder: HybridCache(RAMCache(1000), DiskCache(folder / "cache", 10**6)),
    "shared": lambda folder: SharedCache(10**6),
}


@pytest.fixture(params=list(MAKERS))
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    return MAKERS[request.param](tmp_path)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No spot checks, so that every computation is a miss."""
    monkeypatch.setattr(cached, "SPOT_CHECKS", 0)


# Every cache


@pytest.mark.usefixtures("unchecked")
def test_computes_each_sample_once(cache: Cache) -> None:
    images = CountedImages(12)
    dataset = CachedDataset(images, cache)
    images.computed.zero_()
    order = [3, -1, 3, 0, 7, -9, *range(12), *reversed(range(12))]
    for index in order:
        assert is_right(images, dataset[index], index % 12)
    assert images.computed.tolist() == [1] * 12
    assert (cache.hits, cache.misses) == (len(order) - 12, 12)
    assert len(dataset) == 12


def test_the_transform_runs_at_every_access_and_can_do_no_harm(cache: Cache) -> None:
    images = CountedImages(3)
    dataset = CachedDataset(images, cache, transform=augment)
    seen = [dataset[1][0] for _ in range(5)]
    assert len({tuple(image.flatten().tolist()) for image in seen}) == 5
    dataset.transform = None
    assert is_right(images, dataset[1], 1)


def test_what_is_given_is_a_copy(cache: Cache) -> None:
    columns = torch.zeros(2, 4)
    dataset = CachedDataset(TensorDataset(columns), cache)
    for _ in range(3):
        dataset[0][0].fill_(9)
    assert dataset[0][0].tolist() == columns[0].tolist() == [0, 0, 0, 0]


def test_keeps_the_contract_that_the_labs_check(cache: Cache) -> None:
    columns = [torch.arange(6.0).reshape(3, 2), ["a", "b", "c"]]
    dataset = CachedDataset(TensorDataset(*columns), cache)
    check.indexing(dataset, [(columns[0][i], columns[1][i]) for i in range(3)])


class _Flips(TensorDataset):
    def __getitem__(self, index: Any) -> Any:
        return (super().__getitem__(index)[0] + torch.rand(()),)


def test_frozen_augmentation_is_noticed(tmp_path: Path) -> None:
    for name, make in MAKERS.items():
        dataset = CachedDataset(_Flips(torch.zeros(5)), make(tmp_path / name))
        _ = dataset[2]
        with pytest.raises(RuntimeError, match=r"sample 2 in the cache is not what the dataset gives now.*transform="):
            dataset[2]


def test_a_cache_belongs_to_one_dataset(cache: Cache) -> None:
    CachedDataset(CountedImages(3), cache)
    with pytest.raises(ValueError, match=r"belongs to another dataset already.*Make one cache for each"):
        CachedDataset(CountedImages(4), cache)


class _Fails(CountedImages):
    def __getitem__(self, index: int) -> Any:
        if index == 1 and self.computed[1] < 2:
            self.computed[1] += 1
            raise OSError("image 1 can't be decoded")
        return super().__getitem__(index)


def test_an_error_is_the_datasets_own_and_is_not_cached(cache: Cache) -> None:
    dataset = CachedDataset(_Fails(5), cache)
    for _ in range(2):
        with pytest.raises(OSError, match="image 1 can't be decoded"):
            dataset[1]
    assert is_right(dataset.dataset, dataset[1], 1)


@pytest.mark.usefixtures("unchecked")
def test_threads_share_a_cache(cache: Cache) -> None:
    images = CountedImages(40)
    dataset = CachedDataset(images, cache)
    wrong: list[int] = []

    def read(seed: int) -> None:
        for index in np.random.default_rng(seed).integers(0, 40, 300).tolist():
            if not is_right(images, dataset[index], index):
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert cache.hits + cache.misses == 1200
    assert cache.hits >= 1200 - 4 * 40


# Refusals


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    cache = RAMCache(100)
    (tmp_path / "t.jsonl").write_text("1\n")
    with pytest.raises(TypeError, match=r"a RecordStream arrived. A cache finds samples by their index"):
        CachedDataset(RecordStream(tmp_path / "t.jsonl"), cache)
    with pytest.raises(TypeError, match=r"cache is an int. Pass a cache, such as RAMCache\(max_bytes=2\*\*30\)"):
        CachedDataset([1], 2**30)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"the dataset is empty. Check what it was built from"):
        CachedDataset([], cache)
    with pytest.raises(TypeError, match=r"HybridCache: disk is a PosixPath. Pass a cache"):
        HybridCache(cache, tmp_path)  # type: ignore[arg-type]
    for refused in (0, -5, 1.5, True):
        for make in (RAMCache, SharedCache, lambda size: DiskCache(tmp_path / "c", size)):
            with pytest.raises(ValueError, match=f"max_bytes must be a positive integer; {refused} arrived"):
                make(refused)
    with pytest.raises(ValueError, match="sample_bytes must be a positive integer; 0 arrived"):
        SharedCache(100, sample_bytes=0)
    with pytest.raises(ValueError, match="RAMCache: evict must be True or False; 'lru' arrived"):
        RAMCache(100, evict="lru")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="DiskCache: evict must be True or False; 1 arrived"):
        DiskCache(tmp_path / "c", 100, evict=1)  # type: ignore[arg-type]
    with pytest.raises(IndexError, match="CachedDataset: index 1 is out of range"):
        CachedDataset([1], cache)[1]


def test_a_sample_that_cannot_be_pickled() -> None:
    dataset = CachedDataset([1, lambda: 2], RAMCache(100))
    with pytest.raises(
        TypeError, match=r"CachedDataset: sample 1 can't be cached, because Python can't pickle it.*Retu"
    ):
        dataset[1]


def test_a_sample_too_large_is_computed_each_time_with_one_warning(tmp_path: Path) -> None:
    samples = [torch.zeros(4), torch.zeros(4000), torch.ones(4000)]
    caches = {
        "ram": RAMCache(1000),
        "disk": DiskCache(tmp_path / "cache", 1000),
        "hybrid": HybridCache(RAMCache(200), DiskCache(tmp_path / "another", 1000)),
        "shared": SharedCache(10**6),
    }
    for cache in caches.values():
        dataset = CachedDataset(samples, cache)
        with pytest.warns(RuntimeWarning, match=r"sample 1 takes 16\d+ bytes, and the cache can't hold more") as caught:
            for _ in range(2):
                assert [dataset[i].sum().item() for i in range(3)] == [0, 0, 4000]
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert (cache.hits, cache.misses) == (1, 5)


# Payloads


@settings(max_examples=200, deadline=None)
@given(makers, st.integers(0, 2**32 - 1))
def test_any_sample_survives_packing(maker: Maker, seed: int) -> None:
    (sample,), (twin,) = draw_samples(maker, 1, seed), draw_samples(maker, 1, seed)
    assert identical(unpack(pack(sample, "it")), sample)
    assert pack(sample, "it") == pack(twin, "it")


def test_other_samples_survive_packing() -> None:
    image = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(2, 2, 3))
    assert unpack(pack(image, "it")).tobytes() == image.tobytes()
    brain = torch.arange(4).to(torch.bfloat16)
    assert identical(unpack(pack({"x": brain}, "it")), {"x": brain})
    twice = "a name of two"
    assert pack((twice, twice), "it") == pack((twice, "".join(["a name", " of two"])), "it")


def test_a_view_takes_the_room_of_its_values() -> None:
    large = torch.arange(100_000, dtype=torch.int32).reshape(100, 10, 100)
    view = large[3, :, ::2]
    assert len(pack(view, "it")) < 500 * 4 + 300
    assert identical(unpack(pack(view, "it")), view)


# RAMCache


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5), st.lists(st.integers(0, 7), max_size=40))
def test_ram_evicts_what_lru_cache_evicts(room: int, order: list[int]) -> None:
    cache = RAMCache(room * 10)
    cache.attach(None)

    @functools.lru_cache(maxsize=room)
    def expected(index: int) -> bytes:
        return b"%10d" % index

    for index in order:
        payload = cache.get(index)
        if payload is None:
            cache.put(index, b"%10d" % index)
        assert payload in (None, expected(index))
        assert (cache.hits, cache.misses) == expected.cache_info()[:2] if payload else True
        assert cache.nbytes == 10 * expected.cache_info().currsize
    assert (cache.hits, cache.misses) == expected.cache_info()[:2]


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 30), st.booleans(), st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=40))
def test_ram_never_outgrows_its_bound_and_loses_nothing_unsaid(
    bound: int, evict: bool, steps: list[tuple[int, bool]]
) -> None:
    # Sample i takes 2 i + 1 bytes.
    cache, held = RAMCache(bound, evict=evict), set()
    for index, is_put in steps:
        if is_put:
            held |= {index}
            held -= {lost for lost, payload in cache.put(index, bytes(2 * index + 1))}
        assert (cache.get(index) is not None) == (index in held)
        assert cache.nbytes == sum(2 * i + 1 for i in held) <= bound


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("evict", "found"), [(True, 0), (False, 6)])
def test_in_epochs_the_least_recently_used_is_what_comes_next(evict: bool, found: int) -> None:
    images = CountedImages(12)
    size = len(pack(images[0], "it"))
    dataset = CachedDataset(images, RAMCache(6 * size, evict=evict))
    for epoch in range(3):
        before = dataset.cache.hits
        assert all(is_right(images, dataset[i], i) for i in range(12))
        assert dataset.cache.hits - before == (found if epoch else 0)


def test_hybrid_holds_in_ram_what_fits_and_writes_each_sample_once(tmp_path: Path) -> None:
    images = CountedImages(12)
    size = len(pack(images[0], "it"))
    for evict in (True, False):
        disk = DiskCache(tmp_path / str(evict), 10**6)
        cache = HybridCache(RAMCache(4 * size, evict=evict), disk)
        dataset = CachedDataset(images, cache)
        assert all(is_right(images, dataset[i], i) for i in range(12))
        files = {path: path.stat().st_ino for path in disk.folder.glob("*/*/*.sample")}
        assert len(files) == 8
        assert isinstance(cache.ram, RAMCache) and cache.ram.nbytes == 4 * size
        for _ in range(2):
            assert all(is_right(images, dataset[i], i) for i in range(12))
        after = {path: path.stat().st_ino for path in disk.folder.glob("*/*/*.sample")}
        assert files.items() <= after.items(), "no file was written again"
        assert (cache.hits, cache.misses) == (24, 12)
        assert cache.ram.hits == (0 if evict else 8)
        assert cache.ram.hits + disk.hits == 24


def test_a_pickled_ram_cache_is_empty() -> None:
    dataset = CachedDataset(CountedImages(3), RAMCache(10**6))
    assert dataset[0][1] == 0
    twin = pickle.loads(pickle.dumps(dataset))
    assert (dataset.cache.nbytes > 0, twin.cache.nbytes) == (True, 0)
    assert is_right(dataset.dataset, twin[2], 2)
    assert len(pickle.dumps(dataset)) == len(pickle.dumps(twin))


def test_a_lock_that_another_thread_holds_is_open_after_a_fork() -> None:
    import multiprocessing

    lock, stop = ForkSafeLock(), threading.Event()

    def hold() -> None:
        while not stop.is_set():
            with lock:
                stop.wait(0.001)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        for _ in range(5):
            child = multiprocessing.get_context("fork").Process(target=lock.__enter__)
            child.start()
            child.join(timeout=30)
            assert child.exitcode == 0
    finally:
        stop.set()
        thread.join()
