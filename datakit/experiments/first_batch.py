"""How long until the first batch?

**Question.** Between ``for batch in loader`` and the first batch, workers start. How long does that take, and what does
it depend on?

**Set-up.** A dataset holds some MiB of bytes; its samples cost next to nothing. The same loader
(:class:`datakit.DataLoader`) goes through it with workers that start in different ways:

============= ====================================================================================
workers       how they start
============= ====================================================================================
no workers    nobody starts: the loop loads by itself
threads       in this process, which has all they need
forked        as a copy of this process (Linux)
spawned       as an empty Python, which imports PyTorch and is then sent the dataset
============= ====================================================================================

Each loader runs two epochs; the workers live on from the first to the second.

**Plot.** Left: milliseconds until the first batch of the first epoch. Right: the same for the second epoch.

**Look for**

- The samples are the same, and so is the loader. Whatever differs is the workers' start.
- "sent (MiB)" is what has to be written down, sent and read to all workers before the first batch, if they are spawned.
- In the second epoch nobody has to start: that is what ``persistent_workers=True`` is for.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import check_not_negative, check_positive, missing_package, quoted
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.memory import MIB
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.loader import DataLoader

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

START, FIRST, AGAIN, SENT = "workers", "first batch (ms)", "epoch 2, first batch (ms)", "sent (MiB)"
NONE, THREADS, FORKED, SPAWNED = "no workers", "threads", "forked", "spawned"
# How workers start → the loader's arguments. Only on Linux is it safe to fork a process that has threads.
WAYS: dict[str, dict[str, Any]] = {
    NONE: {},
    THREADS: {"workers": "thread"},
    **({FORKED: {"workers": "process", "multiprocessing_context": "fork"}} if sys.platform == "linux" else {}),
    SPAWNED: {"workers": "process", "multiprocessing_context": "spawn"},
}
BATCH_SIZE, BATCHES = 4, 8

WORKERS, HOLDS = 2, 20
# The answer as a learner reads it → milliseconds up to which it holds.
ANSWERS = {"below 0.1 s": 100.0, "0.1 to 1 s": 1000.0, "1 to 10 s": 10_000.0, "10 s or more": float("inf")}
PREDICTION = Prediction(
    name="first-batch",
    question=(
        f"A loader has {WORKERS} worker processes that are spawned, as on Windows and macOS. Its dataset holds {HOLDS} "
        "MiB. How long does the loop wait for the first batch?"
    ),
    choices=tuple(ANSWERS),
)


class Held(Dataset[Tensor]):
    """Holds bytes, which travel with it; sample ``i`` is ``[i]``, int64.

    Args:
        size: how many bytes.
    """

    def __init__(self, size: int) -> None:
        self.held = bytes(size)

    def __len__(self) -> int:
        return BATCH_SIZE * BATCHES

    def __getitem__(self, index: int) -> Tensor:
        return torch.tensor([index])


def first_batch(
    workers: int = WORKERS,
    holds: int = HOLDS,
    ways: Sequence[str] = tuple(WAYS),
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Wait for the first batch of loaders whose workers start in different ways.

    Args:
        workers: how many workers.
        holds: how many MiB the dataset holds.
        ways: the ways to start them, of :data:`WAYS`.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each way: milliseconds until the first batch of the first and of the second epoch, and the MiB that
        are sent to all workers together.

    Raises:
        ValueError: if a number is out of range, or there is no such way.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    check_positive(workers, "workers", "first_batch")
    check_not_negative(holds, "holds", "first_batch")
    for way in ways:
        if way not in WAYS:
            raise ValueError(f"first_batch: {way!r} arrived; workers can be {quoted(WAYS)} here.")
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "first_batch()") from error
    watch = Watch(progress, stop)
    dataset = Held(holds * MIB)
    rows: list[dict[str, Any]] = []
    for place, way in enumerate(ways):
        watch.step(place, len(ways), way)
        settings = {"num_workers": workers, "persistent_workers": True, **WAYS[way]} if way != NONE else {}
        loader = DataLoader(dataset, BATCH_SIZE, **settings)
        waits = []
        for epoch in range(2):
            for k, wait in enumerate(_waits(loader)):
                watch.step((2 * place + epoch) * BATCHES + k, 2 * len(ways) * BATCHES, way)
                if k == 0:
                    waits.append(1000 * wait)
        sent = workers * len(pickle.dumps(dataset)) / MIB if way == SPAWNED else 0.0
        rows.append({START: way, FIRST: waits[0], AGAIN: waits[1], SENT: sent})
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _waits(loader: DataLoader) -> Iterator[float]:
    """Go through an epoch; yield the seconds that the loop waited for each batch."""
    asked = time.perf_counter()
    batches = iter(loader)
    with suppress(StopIteration):
        while True:
            next(batches)
            yield time.perf_counter() - asked
            asked = time.perf_counter()


def plot(table: pd.DataFrame) -> Figure:
    """Draw the wait for the first batch of both epochs, for each way to start."""
    figure = new_figure(height=1.0 + 0.45 * len(table))
    names = list(table[START])
    once, again = figure.subplots(1, 2, sharey=True)
    grouped_bars(once, names, {"first": list(table[FIRST])}, "epoch 1, first batch, milliseconds")
    grouped_bars(again, names, {"again": list(table[AGAIN])}, "epoch 2, first batch, milliseconds")
    # The vertical axis is shared, so the second drawing has turned it back.
    once.invert_yaxis()
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [f"{row[START]}: {short(row[FIRST])} ms, then {short(row[AGAIN])} ms" for row in table.to_dict("records")]
    return f"Two bar charts, the wait for the first batch of epoch 1 and of epoch 2. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    first, again = (dict(zip(table[START], table[column], strict=True)) for column in (FIRST, AGAIN))
    slowest = max(first, key=lambda way: first[way])
    quickest = min(first, key=lambda way: first[way])
    sentences = [
        f"The first batch came soonest with {_named(quickest)}, after {short(first[quickest])} ms, and last with "
        f"{_named(slowest)}, after {short(first[slowest])} ms.",
        f"With {_named(slowest)}, the second epoch's first batch came after {short(again[slowest])} ms.",
    ]
    sent = dict(zip(table[START], table[SENT], strict=True)).get(SPAWNED, 0.0)
    if sent:
        sentences.append(f"The spawned workers were sent {short(sent)} MiB before that.")
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    wait = float(table.set_index(START)[FIRST][SPAWNED])
    return next(answer for answer, limit in ANSWERS.items() if wait < limit)


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="first-batch",
            title="How long until the first batch?",
            twin="first_batch.first_batch()",
            run=first_batch,
            controls=(
                Slider("workers", "Workers", 1, 4, WORKERS),
                Slider("holds", "Dataset holds (MiB)", 0, 200, HOLDS, step=20),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"workers": WORKERS, "holds": HOLDS},
        )
    )


def _named(way: str) -> str:
    return way if way in (NONE, THREADS) else f"{way} workers"
