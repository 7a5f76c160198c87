"""Batches survive the way through shared memory, and the memory is used again."""

from __future__ import annotations

import gc
import os
import threading
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import datakit
from datakit.workers.memory import lend, mapped, nameless_file
from datakit.workers.packing import Packed, unpack
from datakit.workers.shelf import KEEP, Shelf
from datakit.workers.targets import KEEP as KEEP_TARGETS
from datakit.workers.targets import Targets
from tests.strategies import Maker, draw_samples, identical, makers
from tests.workers.worlds import Placed, Squares


def through_memory(batch: Any) -> Any:
    packed = Packed(batch)
    file = nameless_file(packed.size or 1)
    memory = mapped(file, packed.size or 1)
    os.close(file)
    packed.write(memory)
    return unpack(packed.rest, packed.layout, memory)


@given(makers, st.integers(0, 4), st.integers(0, 2**32))
def test_any_batch_comes_back_as_it_was(maker: Maker, n: int, seed: int) -> None:
    batch = draw_samples(maker, n, seed)
    assert identical(through_memory(batch), batch)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        torch.randn(5, 4).T,
        torch.arange(20)[::3],
        torch.ones(3).expand(4, 3),
        torch.randn(3, dtype=torch.complex64).conj(),
        torch.randn(3, requires_grad=True),
        torch.eye(3).to_sparse(),
        torch.nn.Parameter(torch.randn(2)),
        torch.tensor(3.5, dtype=torch.bfloat16),
        torch.empty(0, 3),
    ],
    ids=[
        "channels-last",
        "transposed",
        "strided",
        "expanded",
        "conjugated",
        "with-gradient",
        "sparse",
        "parameter",
        "bfloat16-scalar",
        "empty",
    ],
)
def test_tensors_of_unusual_make(tensor: torch.Tensor) -> None:
    there = through_memory({"x": tensor})["x"]
    assert type(there) is type(tensor)
    assert there.requires_grad == tensor.requires_grad
    assert torch.equal(there.to_dense(), tensor.to_dense())
    if tensor.layout == torch.strided and tensor.is_contiguous(memory_format=torch.channels_last):
        assert there.stride() == tensor.stride()


def test_memory_comes_back_when_the_last_view_is_gone() -> None:
    returned: list[str] = []
    memory = np.zeros(64, dtype=np.uint8)
    lent = lend(memory, returned.append, "this one")
    tensor = torch.frombuffer(lent, dtype=torch.float32, count=4)
    view = tensor[1:3]
    del lent, tensor
    gc.collect()
    assert returned == []
    del view
    assert returned == ["this one"]


def test_a_shelf_uses_memories_again_and_keeps_few() -> None:
    shelf = Shelf()

    def take(size: int) -> tuple[int, bool]:
        number, memory, file = shelf.take(size)
        assert len(memory) >= size
        if file is not None:
            os.close(file)
        return number, file is not None

    taken = [take(100) for _ in range(KEEP + 3)]
    assert taken == [(number, True) for number in range(KEEP + 3)]
    shelf.give_back([number for number, _ in taken])
    assert shelf.dropped() == [0, 1, 2]
    assert take(50) == (3, False)
    assert take(1000) == (KEEP + 3, True)
    assert shelf.dropped() == list(range(4, KEEP + 3))
    assert shelf.dropped() == []


def test_shared_batches_are_used_again_and_few_are_kept() -> None:
    targets = Targets()
    assert targets.take(4) is None
    held = []
    for number in range(KEEP_TARGETS + 3):
        target, file = targets.add(4, torch.zeros(4, 2))
        os.close(file)
        assert (target.number, target.forgotten) == (number, [])
        held.append(targets.take(4))
    assert targets.take(4) is None
    held.clear()
    gc.collect()
    assert targets.take(5) is None
    target, file = targets.add(5, torch.zeros(5, 2))
    os.close(file)
    assert len(target.forgotten) == 3
    taken = targets.take(4)
    assert taken is not None
    assert taken[1] not in target.forgotten


class Counting(Placed):
    """Counts where batches are asked for."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.asked = 0

    def empty_batch(self, n: int) -> Any:
        self.asked += 1
        return super().empty_batch(n)


def test_processes_fill_the_same_few_batches_again_and_again() -> None:
    dataset = Counting(250)
    for batch in datakit.DataLoader(dataset, 10, num_workers=2):
        assert batch[2].tolist() == list(range(batch[2][0], batch[2][0] + 10))
    assert dataset.asked <= 6


@pytest.mark.parametrize("kind", ["thread", "process"])
@pytest.mark.parametrize("world", [Placed, Squares])
def test_a_yielded_batch_never_changes(kind: Any, world: Any) -> None:
    batches = list(datakit.DataLoader(Rows(world, 300), 10, num_workers=2, workers=kind))
    assert [batch[0].tolist() for batch in batches] == [list(range(i, i + 10)) for i in range(0, 300, 10)]
    # It is the consumer's: writing to one changes no other.
    batches[3][1].zero_()
    assert all(torch.equal(batch[1], batch[0][:, None].expand(10, 5000)) for batch in batches[4:])


class Rows:
    """Rows of 40 kB, so that batches go through shared memory; in place if ``world`` says so."""

    def __init__(self, world: type, n: int) -> None:
        self.n = n
        if world is Placed:
            self.empty_batch = empty_rows
            self.write_sample = write_row

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Any:
        return index, torch.full((5000,), index)


def empty_rows(n: int) -> Any:
    return [torch.empty(n, dtype=torch.int64), torch.empty(n, 5000, dtype=torch.int64)]


def write_row(index: int, batch: Any, place: int) -> None:
    batch[0][place] = index
    batch[1][place] = index


def test_a_full_pipe_is_no_deadlock() -> None:
    # Lists of indices of a megabyte one way, and many answers of as many bytes as go through the pipe the other way.
    batches = [[index % 7] * 200_000 for index in range(100)]
    loader = datakit.DataLoader(
        Blob(7), batch_sampler=batches, num_workers=1, prefetch_factor=100, collate_fn=blob, persistent_workers=True
    )
    done = threading.Event()

    def consume() -> None:
        for _ in loader:
            pass
        done.set()

    threading.Thread(target=consume, daemon=True).start()
    assert done.wait(60)


class Blob(Squares):
    def __getitems__(self, indices: list[int]) -> list[Any]:
        return indices


def blob(samples: list[Any]) -> bytes:
    return bytes(30_000)
