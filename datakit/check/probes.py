"""Iterate over a learner's loader where it lives, with its workers, and look at what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from datakit.check.failure import is_unanswered
from datakit.check.probe_dataset import Event, Recorded
from datakit.check.probe_route import beside
from datakit.check.probe_run import iterate, read_files


@dataclass(frozen=True)
class Probe:
    """What a loop over a learner's loader gave.

    Args:
        epochs: the batches of each epoch that was begun.
        error: what the loop, or making the loader, raised; None if it ended well.
        events: the accesses to the recorded dataset, in the order of their begin.
        processes_left: how many worker processes were still there some seconds later.
        threads_left: how many threads.
        seconds: how long the loop took.
    """

    epochs: list[list[Any]]
    error: Exception | None
    events: list[Event]
    processes_left: int
    threads_left: int
    seconds: float

    @property
    def batches(self) -> list[Any]:
        """The batches of all epochs."""
        return [batch for epoch in self.epochs for batch in epoch]

    @property
    def workers(self) -> int:
        """How many processes and threads, other than the loop's own, asked for samples."""
        return len({(event.process, event.thread) for event in self.events} - {(0, 0)})

    @property
    def at_once(self) -> int:
        """The largest number of samples that were being fetched at the same time."""
        edges: Counter[float] = Counter()
        for event in self.events:
            edges[event.begin] += 1
            edges[event.end] -= 1
        most = now = 0
        for moment in sorted(edges):
            now += edges[moment]
            most = max(most, now)
        return most


def probe(
    make: Callable[..., Any],
    *arguments: object,
    dataset: Recorded | None = None,
    epochs: int = 1,
    take: int | None = None,
    within: float = 30.0,
    pause: float = 0.0,
    **options: object,
) -> Probe:
    """Make a loader and iterate over it, in the process where the learner's classes live.

    The same call works in a notebook and in an examiner:
    ``check.probe(Loader, dataset=check.Recorded(10), batch_size=2, workers=2)``.
    What it tells is the learner's process's word: compare the batches with what they should be.

    Args:
        make: the learner's class or function, or a library's (``torch.utils.data.DataLoader`` for a learner's dataset).
        arguments: handed to it: the learner's objects and plain values.
        dataset: what the dataset is like that comes as the first argument; None for none.
        epochs: how often to iterate.
        take: leave each epoch after this many batches; None for all.
        within: seconds for the loop; then it ends with a ``TimeoutError``.
        pause: seconds that the loop spends with each batch, asleep: what runs ahead gets as far as it may.
        options: handed to ``make`` by name.

    Raises:
        NotImplementedError: if the answer is still empty.
    """
    recipe = None if dataset is None else astuple(dataset)
    told = beside(iterate, make, recipe, arguments, options, epochs, take, within, pause)
    if told["error"] is not None and is_unanswered(told["error"]):
        raise told["error"]
    return Probe(**{**told, "events": [Event(*event) for event in told["events"]]})


def files(folder: Path) -> dict[str, bytes]:
    """The files that the learner's code has written into a folder: content by path.

    Args:
        folder: a folder that the test has handed to the learner's code.
    """
    found: dict[str, bytes] = beside(read_files, folder)
    return found
