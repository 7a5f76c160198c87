"""Probes in the process where they are called: what they collect of loaders of every kind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

import datakit
from datakit import check
from datakit.check.in_place import meant_in_place
from datakit.check.probe_route import elsewhere


def numbers(seen: check.Probe) -> list[list[int]]:
    return [batch[:, 0].tolist() for batch in seen.batches]


@pytest.mark.parametrize("workers", [0, 2])
def test_pytorchs_loader(workers: int) -> None:
    seen = check.probe(DataLoader, dataset=check.Recorded(5), batch_size=2, num_workers=workers, epochs=2)
    assert numbers(seen) == [[0, 1], [2, 3], [4]] * 2
    assert [len(epoch) for epoch in seen.epochs] == [3, 3]
    assert seen.batches[1].tolist() == [[2, 4], [3, 9]]
    assert sorted(event.index for event in seen.events) == sorted([*range(5)] * 2)
    assert (seen.error, seen.processes_left, seen.threads_left) == (None, 0, 0)
    # Each epoch has workers of its own.
    assert seen.workers == 2 * workers
    assert {event.process > 0 for event in seen.events} == {workers > 0}


def test_threads_are_told_from_processes() -> None:
    recipe = check.Recorded(8, seconds=0.05)
    seen = check.probe(datakit.DataLoader, dataset=recipe, batch_size=2, num_workers=2, workers="thread")
    assert numbers(seen) == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert {event.process for event in seen.events} == {0}
    assert all(event.thread > 0 for event in seen.events)
    assert seen.workers == 2
    assert seen.at_once == 2
    assert seen.threads_left == 0


def test_a_loop_that_is_left_early() -> None:
    seen = check.probe(DataLoader, dataset=check.Recorded(100), batch_size=1, num_workers=1, take=2)
    assert numbers(seen) == [[0], [1]]
    assert seen.processes_left == 0


def test_a_broken_sample_and_a_dead_worker() -> None:
    seen = check.probe(DataLoader, dataset=check.Recorded(6, fails_at=(3,)), batch_size=2)
    assert numbers(seen) == [[0, 1]]
    assert isinstance(seen.error, ValueError)
    assert "sample 3 is broken" in str(seen.error)
    recipe = check.Recorded(6, dies_at=(2,))
    seen = check.probe(datakit.DataLoader, dataset=recipe, batch_size=2, num_workers=1, workers="process")
    assert isinstance(seen.error, RuntimeError)
    assert seen.processes_left == 0
    assert [event.index for event in seen.events][:2] == [0, 1]


class Careless:
    """Leaves a thread and a process behind, and hands out the same memory each time."""

    counted = threading.Event()  # until then the thread stays, however long counting takes on a busy machine

    def __init__(self, size: int) -> None:
        self.size, self.buffer = size, torch.zeros(1)

    def __iter__(self) -> Iterator[torch.Tensor]:
        threading.Thread(target=self.counted.wait, daemon=True).start()
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        for number in range(self.size):
            yield self.buffer.fill_(number)


def test_what_is_left_running_is_counted_and_batches_are_kept() -> None:
    seen = check.probe(Careless, 3)
    assert [batch.tolist() for batch in seen.batches] == [[0], [1], [2]]
    Careless.counted.set()
    assert (seen.processes_left, seen.threads_left) == (1, 1)
    os.waitpid(-1, 0)  # it was ended


def test_a_loop_that_hangs_ends_with_an_error() -> None:
    def hangs() -> Iterator[int]:
        yield 1
        time.sleep(60)

    old = signal.getsignal(signal.SIGALRM)
    seen = check.probe(hangs, within=0.3)
    assert seen.batches == [1]
    assert isinstance(seen.error, TimeoutError)
    assert seen.seconds < 30
    assert signal.getsignal(signal.SIGALRM) is old


def test_slow_samples_take_ten_times_as_long() -> None:
    dataset = check.Recorded(3, seconds=0.02, slow_at=(1,))
    events = check.probe(DataLoader, dataset=dataset, batch_size=1).events
    for event, seconds in zip(events, (0.02, 0.2, 0.02), strict=True):
        assert event.end - event.begin >= seconds


def test_a_loop_may_pause_with_each_batch() -> None:
    def clock() -> Iterator[float]:
        while True:
            yield time.monotonic()

    seen = check.probe(clock, take=3, pause=0.1)
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(seen.batches))
    assert seen.seconds >= 0.3  # with the last one, too, before it leaves


def test_an_empty_answer_goes_through() -> None:
    def empty() -> None:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        check.probe(empty)


def test_a_probe_goes_where_the_learners_objects_are() -> None:
    asked: list[str] = []

    def route(function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        asked.append(function.__name__)
        return function(*arguments, **options)

    with elsewhere(route):
        assert check.beside(len, "ab") == 2
        assert check.probe(range, 3).batches == [0, 1, 2]
    check.beside(len, "ab")
    assert asked == ["len", "iterate"]


def test_written_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.bin").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b.bin")
    assert check.files(tmp_path) == {"a/b.bin": b"x"}


def test_a_test_can_say_that_changes_are_meant() -> None:
    assert not meant_in_place()
    check.in_place()
    assert meant_in_place()
    assert not meant_in_place()
