"""The truth about caches and workers, told by PyTorch's DataLoader and real worker processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import ConcatDataset, get_worker_info
from torch.utils.data import DataLoader as TorchLoader

from datakit import CachedDataset, DiskCache, RAMCache, SharedCache
from datakit.datasets import cached
from datakit.datasets.cache_payload import pack
from datakit.datasets.cache_shared import HEADER, SPARE_BYTES
from tests.datasets.cache_datasets import CountedImages, is_right, with_process

N = 24


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No spot checks, so that every computation is a miss."""
    monkeypatch.setattr(cached, "SPOT_CHECKS", 0)


def epochs(images: CountedImages, cache: Any, **arguments: Any) -> list[int]:
    """Loop three epochs over cached images, check each sample, and count how many each epoch computed."""
    dataset = CachedDataset(images, cache, transform=with_process)
    loader = TorchLoader(dataset, batch_size=4, **arguments)
    counts = []
    for _ in range(3):
        images.computed.zero_()
        seen = []
        for pixels, labels, processes in loader:
            assert (os.getpid() in processes.tolist()) == (loader.num_workers == 0)
            seen += labels.tolist()
            assert all(is_right(images, sample, sample[1]) for sample in zip(pixels, labels.tolist(), strict=True))
        assert sorted(seen) == list(range(N))
        counts.append(int(images.computed.sum()))
    return counts


def shuffled() -> dict[str, Any]:
    return {"shuffle": True, "generator": torch.Generator().manual_seed(0)}


def test_in_one_process_memory_is_enough() -> None:
    cache = RAMCache(10**6)
    assert epochs(CountedImages(N), cache, num_workers=0) == [N, 0, 0]
    assert (cache.hits, cache.misses) == (2 * N, N)


def test_memory_of_a_worker_ends_with_the_epoch() -> None:
    cache = RAMCache(10**6)
    assert epochs(CountedImages(N), cache, num_workers=2) == [N, N, N]
    # And the parent never hears of it.
    assert (cache.hits, cache.misses, cache.nbytes) == (0, 0, 0)


def test_persistent_workers_keep_what_they_loaded_themselves() -> None:
    images = CountedImages(N)
    # In a fixed order batch b goes to worker b % 2 every epoch, and 6 batches are even: each finds its own.
    assert epochs(images, RAMCache(10**6), num_workers=2, persistent_workers=True) == [N, 0, 0]
    # Shuffled, the other worker has about half of what each is asked for.
    first, second, third = epochs(images, RAMCache(10**6), num_workers=2, persistent_workers=True, **shuffled())
    assert first == N
    assert N / 4 <= second <= 3 * N / 4
    assert 0 < third < second


def test_forked_workers_begin_with_what_the_parent_had() -> None:
    images = CountedImages(N)
    dataset = CachedDataset(images, RAMCache(10**6))
    assert all(is_right(images, dataset[i], i) for i in range(N))
    images.computed.zero_()
    for _ in TorchLoader(dataset, num_workers=2, multiprocessing_context="fork"):
        pass
    assert int(images.computed.sum()) == 0


@pytest.mark.parametrize("persistent", [False, True])
def test_shared_memory_is_seen_by_all_workers(persistent: bool) -> None:
    cache = SharedCache(10**6)
    counts = epochs(CountedImages(N), cache, num_workers=2, persistent_workers=persistent, **shuffled())
    assert counts == [N, 0, 0]
    assert cache.samples_held == N


def test_the_disk_is_seen_by_all_workers(tmp_path: Path) -> None:
    assert epochs(CountedImages(N), DiskCache(tmp_path / "c", 10**6), num_workers=2, **shuffled()) == [N, 0, 0]
    # And by the next run, but for the samples that tell which dataset it is.
    assert epochs(CountedImages(N), DiskCache(tmp_path / "c", 10**6), num_workers=2, **shuffled()) == [0, 0, 0]


@pytest.mark.slow
def test_spawned_workers_begin_with_what_is_shared(tmp_path: Path) -> None:
    caches = {"ram": RAMCache(10**6), "shared": SharedCache(10**6), "disk": DiskCache(tmp_path / "c", 10**6)}
    images = {name: CountedImages(N) for name in caches}
    parts = [CachedDataset(images[name], cache) for name, cache in caches.items()]
    for name, part in zip(caches, parts, strict=True):
        assert all(is_right(images[name], part[i], i) for i in range(N))
        images[name].computed.zero_()
    loader = TorchLoader(ConcatDataset(parts), batch_size=None, num_workers=1, multiprocessing_context="spawn")
    assert all(is_right(images["ram"], sample, index % N) for index, sample in enumerate(loader))
    assert {name: int(part.computed.sum()) for name, part in images.items()} == {"ram": N, "shared": 0, "disk": 0}


# SharedCache


def test_without_room_for_all_the_first_samples_have_a_slot() -> None:
    images = CountedImages(N)
    cache = SharedCache(10**6)
    CachedDataset(images, cache)
    slot = cache.nbytes // N
    assert cache.nbytes == slot * N
    part = SharedCache(10 * slot + 5)
    assert epochs(images, part, num_workers=2, **shuffled()) == [N, N - 10, N - 10]
    assert (part.slots, part.samples_held, part.nbytes) == (10, 10, 10 * slot)


def test_slots_have_a_little_to_spare() -> None:
    samples = [(torch.zeros(50), "a"), (torch.zeros(50), "a" * SPARE_BYTES), (torch.zeros(50), "a" * 2 * SPARE_BYTES)]
    cache = SharedCache(10**6)
    dataset = CachedDataset(samples, cache)
    with pytest.warns(RuntimeWarning, match="sample 2 takes"):
        assert [len(dataset[i][1]) for i in range(3)] == [1, SPARE_BYTES, 2 * SPARE_BYTES]
    assert cache.samples_held == 2
    roomy = SharedCache(10**6, sample_bytes=len(pack(samples[2], "it")))
    assert [len(CachedDataset(samples, roomy)[i][1]) for i in (2,)] == [2 * SPARE_BYTES]
    assert roomy.samples_held == 1


def test_bounds_that_cannot_be_kept_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ValueError, match=r"max_bytes=100 has no room for one sample, which takes \d+ bytes. For the who"
    ):
        CachedDataset(CountedImages(3), SharedCache(100))
    huge = 2**50
    with pytest.raises(RuntimeError, match=r"bytes of shared memory can't be had for 3 samples: .*--shm-size=8g"):
        CachedDataset(CountedImages(3), SharedCache(4 * huge, sample_bytes=huge))
    # Where free memory isn't known, the system's own refusal says the same.
    monkeypatch.setattr("datakit.datasets.cache_shared.free_shared_memory", lambda: None)
    with pytest.raises(RuntimeError, match=r"bytes of shared memory can't be had for 3 samples: .*--shm-size=8g"):
        CachedDataset(CountedImages(3), SharedCache(4 * huge, sample_bytes=huge))


@pytest.mark.parametrize("at", [0, 3, HEADER.size, HEADER.size + 40])
def test_a_half_written_slot_is_computed_again(at: int) -> None:
    images = CountedImages(3)
    cache = SharedCache(10**6)
    dataset = CachedDataset(images, cache)
    _ = dataset[1]
    cache._block[1, at] ^= 255
    images.computed.zero_()
    assert is_right(images, dataset[1], 1)
    assert images.computed.tolist() == [0, 1, 0]
    assert is_right(images, dataset[1], 1)
    assert images.computed.tolist() == [0, 1, 0]


def shared_segments() -> set[str]:
    return {path.name for path in Path("/dev/shm").iterdir() if str(os.getpid()) in path.name}


def _dies_at_9(sample: Any) -> Any:
    if sample[1] == 9 and get_worker_info() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return sample


def test_a_killed_worker_leaves_what_it_cached_and_no_memory_behind() -> None:
    before = shared_segments()
    images = CountedImages(N)
    dataset = CachedDataset(images, SharedCache(10**6), transform=_dies_at_9)
    # PyTorch notices that the worker is gone, or that nobody answers at the other end of a socket, or no longer does.
    with pytest.raises((RuntimeError, ConnectionError, EOFError)):
        for _ in TorchLoader(dataset, num_workers=2):
            pass
    images.computed.zero_()
    # What worker 1 of 2 had been given.
    assert all(is_right(images, dataset[i], i) for i in (1, 3, 5, 7, 9))
    assert int(images.computed.sum()) == 0
    del dataset
    assert shared_segments() == before
