"""The hand-over on a real GPU: a slow consumer must still see each batch whole.

Run on a machine with a GPU: ``pytest -m gpu tests/test_prefetch_gpu.py tests/test_prefetch.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from datakit import PrefetchLoader

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here"),
]

BATCHES = 40
SIZE = 1_000_000
SLEEP_CYCLES = 2_000_000  # about a millisecond: longer than the copy of a batch takes


class Numbered:
    """Batch ``n`` holds the number ``n`` everywhere, in memory that is new or pinned and used again."""

    def __init__(self, pinned: bool) -> None:
        self.memory = torch.empty(SIZE, dtype=torch.int32, pin_memory=True) if pinned else None

    def __iter__(self) -> Iterator[Tensor]:
        for number in range(BATCHES):
            yield torch.full((SIZE,), number, dtype=torch.int32) if self.memory is None else self.memory.fill_(number)


class Naive:
    """What goes wrong without events: one device buffer, written on a stream that waits for nobody."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __iter__(self) -> Iterator[Tensor]:
        stream = torch.cuda.Stream()
        buffer = torch.empty(SIZE, dtype=torch.int32, device="cuda")
        for batch in self.loader:
            with torch.cuda.stream(stream):
                buffer.copy_(batch.pin_memory(), non_blocking=True)
            yield buffer


def checksums(loader: Any) -> Tensor:
    """Read each batch late, as a slow model does: its smallest and its largest number, without stopping the host."""
    results = []
    for batch in loader:
        torch.cuda._sleep(SLEEP_CYCLES)
        results.append(torch.stack([batch.min(), batch.max()]))
    torch.cuda.synchronize()
    return torch.stack(results).cpu()


EXPECTED = torch.arange(BATCHES, dtype=torch.int32)[:, None].expand(-1, 2)


def test_the_naive_prefetcher_is_caught() -> None:
    assert not torch.equal(checksums(Naive(Numbered(pinned=False))), EXPECTED)


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("transform", [None, lambda batch: batch + 0])
def test_a_slow_consumer_sees_each_batch_whole(pinned: bool, copy: bool, transform: Any) -> None:
    loader = PrefetchLoader(Numbered(pinned), "cuda", transform, copy)
    for _ in range(2):
        assert torch.equal(checksums(loader), EXPECTED)


def test_a_loop_in_a_stream_of_its_own() -> None:
    with torch.cuda.stream(torch.cuda.Stream()):
        assert torch.equal(checksums(PrefetchLoader(Numbered(pinned=False), "cuda")), EXPECTED)


def test_nothing_is_allocated_for_a_batch() -> None:
    epoch = iter(PrefetchLoader(Numbered(pinned=False), "cuda"))
    for _ in range(5):
        next(epoch)
    before = torch.cuda.memory_stats()["allocation.all.allocated"]
    for _ in range(20):
        next(epoch)
    assert torch.cuda.memory_stats()["allocation.all.allocated"] == before


def test_the_host_does_not_wait_for_the_device() -> None:
    epoch = iter(PrefetchLoader(Numbered(pinned=False), "cuda"))
    next(epoch)
    torch.cuda._sleep(200_000_000)
    work = torch.cuda.Event()
    work.record()
    # The batches that lie ready are handed out while the GPU is still busy with the first.
    next(epoch)
    assert not work.query()
    torch.cuda.synchronize()
