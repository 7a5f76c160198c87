"""A worker process that dies is named, with how and at what; nothing waits for it."""

from __future__ import annotations

import multiprocessing
import signal
import time
from typing import Any

import pytest

import datakit
from datakit.workers import WorkerDied
from tests.workers.worlds import Squares, Trouble


def loader(dataset: Any, **more: Any) -> datakit.DataLoader:
    return datakit.DataLoader(dataset, 2, num_workers=2, **more)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (
            "leave",
            r"ended with exit code 3 while it made batch 2, of the samples at \[4, 5\]. Something in the dataset",
        ),
        ("killed", "was killed by SIGKILL while it made batch 2, .* memory ran out: use fewer workers"),
        (
            "real_time",
            rf"was killed by signal {signal.SIGRTMIN + 3} while it made batch 2, .* somebody sent the signal",
        ),
        ("crash", "was killed by SIGSEGV while it made batch 2, .* try num_workers=0 to see where"),
    ],
)
def test_a_dead_worker_is_named(trouble: str, words: str) -> None:
    began = time.monotonic()
    batches = []
    with pytest.raises(WorkerDied, match=rf"DataLoader: worker 0 of 2 \(process \d+\) {words}"):
        for batch in loader(Trouble(100, trouble)):
            batches.append(batch.tolist())
    assert batches[:2] == [[0, 1], [2, 3]][: len(batches)]
    # Generous: the point is that nothing waits for ever.
    assert time.monotonic() - began < 60
    assert multiprocessing.active_children() == []


def test_a_worker_that_is_killed_while_it_waits_is_noticed() -> None:
    loop = iter(loader(Squares(1000), persistent_workers=True))
    next(loop)
    victim = multiprocessing.active_children()[0]
    victim.kill()
    victim.join()
    with pytest.raises(RuntimeError, match="was killed by SIGKILL"):
        list(loop)


def test_after_a_death_the_next_loop_has_new_workers() -> None:
    patient = loader(Trouble(6, "leave"), persistent_workers=True)
    for _ in range(2):
        with pytest.raises(WorkerDied, match="exit code 3"):
            list(patient)
