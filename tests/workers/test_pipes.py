"""The pipe between the loop and a worker process: when it is full, when its other end is gone, and what it carries."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import torch

import datakit
from datakit.workers import WorkerDied
from datakit.workers.channel import LONG, Channel
from datakit.workers.memory import mapped, nameless_file
from datakit.workers.targets import KEEP as KEEP_TARGETS
from tests.strategies import identical
from tests.workers.worlds import Large, Placed, Squares


def ends() -> tuple[Channel, Channel]:
    return tuple(Channel(connection) for connection in multiprocessing.Pipe())  # type: ignore[return-value]


@pytest.mark.parametrize("length", [0, LONG - 100, LONG + 100])
def test_messages_of_any_length_and_files_arrive(length: int) -> None:
    here, there = ends()
    file = nameless_file(10)
    mapped(file, 10)[:] = 7
    message = {"bytes": bytes(length), "text": "x"}
    here.send(message, file)
    os.close(file)
    assert there.has_message(60)
    assert there.receive() == message
    arrived = there.receive_file()
    assert mapped(arrived, 10).tolist() == [7] * 10
    os.close(arrived)
    assert not there.has_message()


def test_an_end_that_is_gone_is_an_error_at_every_step() -> None:
    here, there = ends()
    here.send("a file comes next")
    here.close()
    assert there.receive() == "a file comes next"
    with pytest.raises(EOFError):
        there.receive_file()
    with pytest.raises(EOFError):
        there.receive()
    with pytest.raises(OSError):
        there.send("hello")


def test_more_orders_than_a_pipe_holds() -> None:
    # The worker is late, and before it reads anything the loop has given all orders that it may.
    loader = datakit.DataLoader(
        Squares(3000), None, num_workers=1, prefetch_factor=3000, worker_init_fn=late, collate_fn=number_of
    )
    assert list(loader) == list(range(3000))


def late(worker: int) -> None:
    time.sleep(0.5)


def number_of(sample: Any) -> Any:
    return sample["index"]


class SlowAtFirst(Squares):
    """While sample 0 is made, other workers have made all that they were told to."""

    def __getitem__(self, index: int) -> int:
        time.sleep(0.5 if index == 0 else 0)
        return index


def test_a_worker_that_is_gone_when_it_gets_its_next_order_is_named() -> None:
    loop = iter(datakit.DataLoader(SlowAtFirst(100), None, num_workers=2))
    assert next(loop) == 0
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join()
    with pytest.raises(WorkerDied, match=r"worker \d of 2 \(process \d+\) was killed by SIGKILL"):
        list(loop)
    # Nor is there a next batch: the loop has ended.
    assert list(loop) == []


class Reluctant:
    """Can be sent, and can't be received."""

    def __reduce__(self) -> Any:
        return refuse, ("not here",)


def refuse(words: str) -> Any:
    raise ArithmeticError(words)


def reluctant_at_two(samples: list[Any]) -> Any:
    return Reluctant() if samples[0]["index"] == 2 else samples[0]["index"]


def test_a_batch_that_cannot_be_unpacked_is_an_error_in_its_place() -> None:
    loop = iter(datakit.DataLoader(Squares(8), 2, num_workers=2, collate_fn=reluctant_at_two))
    assert next(loop) == 0
    with pytest.raises(ArithmeticError, match="not here"):
        next(loop)
    assert list(loop) == [4, 6]


def test_memory_of_batches_that_nobody_wants_any_more_is_used_again() -> None:
    loader = datakit.DataLoader(Large(40), 4, num_workers=1, persistent_workers=True)
    for _ in range(5):
        for _ in loader:
            break  # what else was asked for is on its way
    for batch, expected in zip(loader, datakit.DataLoader(Large(40), 4), strict=True):
        assert identical(batch, expected)
    # Two on their way, one in hand, one that is made: those of the loops that were left are not lost.
    assert loader._pool is not None
    (member,) = loader._pool._members  # type: ignore[union-attr]
    assert len(member._memories) <= 6


def test_shared_batches_of_many_sizes_are_forgotten_by_the_workers_too() -> None:
    sizes = [list(range(size)) for size in range(1, KEEP_TARGETS + 8)]
    loader = datakit.DataLoader(Placed(40), batch_sampler=sizes * 2, num_workers=2, persistent_workers=True, seed=0)
    expected = datakit.DataLoader(Placed(40), batch_sampler=sizes * 2, seed=0)
    for _ in range(2):
        assert all(identical(one, other) for one, other in zip(loader, expected, strict=True))


def test_a_system_without_nameless_memory_uses_files_that_have_lost_their_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    batches = list(datakit.DataLoader(Large(8), 2, num_workers=2))
    assert torch.equal(torch.cat([batch[0][:, 0, 0] for batch in batches]), torch.arange(8.0))
    assert list(tmp_path.iterdir()) == []
