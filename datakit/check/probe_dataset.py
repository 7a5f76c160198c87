"""A dataset that writes down who asks it for what, and misbehaves on request."""

from __future__ import annotations

import operator
import os
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import Dataset

EVENT = struct.Struct("<qqqdd")


@dataclass(frozen=True)
class Recorded:
    """A dataset to be made beside the learner's loader; sample i is an int64 tensor ``[i, i * i]``.

    Args:
        samples: how many it has.
        seconds: how long a sample takes, asleep.
        fails_at: indices whose access raises ``ValueError("sample I is broken")``.
        dies_at: indices whose access ends the process that asks, if that is a worker's.
        slow_at: indices that take ten times as long as the others, so that they arrive late.
    """

    samples: int
    seconds: float = 0.0
    fails_at: tuple[int, ...] = ()
    dies_at: tuple[int, ...] = ()
    slow_at: tuple[int, ...] = ()

    def sample(self, index: int) -> torch.Tensor:
        """What sample ``index`` is."""
        return torch.tensor([index, index * index])


@dataclass(frozen=True)
class Event:
    """One access to a sample.

    Args:
        index: which sample.
        process: who asked: 0 is the process of the loop, its workers are 1, 2, … in the order of their first access.
        thread: which thread of that process: 0 is its main thread.
        begin: when, in seconds since the first access.
        end: when it was done.
    """

    index: int
    process: int
    thread: int
    begin: float
    end: float


class RecordedDataset(Dataset[torch.Tensor]):
    """The dataset that :class:`Recorded` describes. It can be pickled, forked and shared between threads.

    Args:
        recipe: what it is like.
        log: the file for its events.
    """

    def __init__(self, recipe: Recorded, log: Path) -> None:
        self.recipe, self.log, self.home = recipe, log, os.getpid()

    def __len__(self) -> int:
        return self.recipe.samples

    def __getitem__(self, index: int) -> torch.Tensor:
        position = operator.index(index)
        if not 0 <= position < self.recipe.samples:
            raise IndexError(f"index {index} is outside a dataset of {self.recipe.samples} samples")
        begin = time.monotonic()
        if self.recipe.seconds:
            time.sleep(self.recipe.seconds * (10 if position in self.recipe.slow_at else 1))
        if position in self.recipe.dies_at and os.getpid() != self.home:
            os._exit(3)
        thread = 0 if threading.current_thread() is threading.main_thread() else threading.get_ident()
        # One short write to a file opened for appending: events of several processes never mix.
        with self.log.open("ab", buffering=0) as file:
            file.write(EVENT.pack(position, os.getpid(), thread, begin, time.monotonic()))
        if position in self.recipe.fails_at:
            raise ValueError(f"sample {position} is broken")
        return self.recipe.sample(position)


def read_events(log: Path, home: int) -> list[Event]:
    """The events in a log, in the order of their begin.

    Args:
        log: the file; it need not exist.
        home: the process of the loop.
    """
    content = log.read_bytes() if log.exists() else b""
    rows = sorted(EVENT.iter_unpack(content), key=operator.itemgetter(3))
    processes, threads = {home: 0}, {(home, 0): 0}
    events = []
    for index, process, thread, begin, end in rows:
        processes.setdefault(process, len(processes))
        threads.setdefault((process, 0), 0)
        known = threads.setdefault((process, thread), sum(owner == process for owner, _ in threads))
        events.append(Event(index, processes[process], known, begin - rows[0][3], end - rows[0][3]))
    return events
