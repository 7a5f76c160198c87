"""Who makes which batch, and when?

**Question.** A training loop asks for one batch after the other. What do its loader's workers do meanwhile?

**Set-up.** A :class:`datakit.DataLoader` whose samples do nothing but wait, and note by whom and when they were loaded.
The loop takes a batch, and spends some milliseconds with it. On request one batch takes four times as long as the
others.

**Plot.** Above: a line for each worker and one for the loop; each bar is a batch, with its number. Below: how many
batches lie ready.

**Look for**

- As in PyTorch, a batch of an ordinary dataset is made by one worker, from its first sample to its last. Two workers
  make two batches at a time; they don't make one batch twice as fast.
- Workers run ahead by ``num_workers × prefetch_factor`` batches at most: then they wait until the loop takes one.
- Batches are handed out in order. While one is late, those that come after it lie ready, and the loop waits.
- The first batch is always waited for.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import check_bool, check_not_negative, check_positive, missing_package
from datakit.datasets.worker_split import current_worker
from datakit.experiments.figures import COLOURS, new_figure
from datakit.experiments.loading import KINDS, start_method
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.loader import DataLoader

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

BATCH, WHO, STARTED, FINISHED = "batch", "samples loaded by worker", "started (ms)", "ready (ms)"
ASKED, TAKEN, DONE, LYING = "asked for (ms)", "taken (ms)", "step done (ms)", "others ready"

BATCHES, BATCH_SIZE = 12, 4
SLOW_BATCH, SLOW = 4, 4  # which batch is late, and how many times as long it takes

ONE, SHARED, ANYBODY = "one worker loads all four", "each worker loads two of them", "it differs from batch to batch"
PREDICTION = Prediction(
    name="loader-queue",
    question="A loader with 2 workers makes batches of four samples. Who loads the samples of a batch?",
    choices=(ONE, SHARED, ANYBODY),
)


class Waits(Dataset[Tensor]):
    """Samples that take their time and note it.

    Args:
        seconds: how long each sample takes.
    """

    def __init__(self, seconds: list[float]) -> None:
        self.seconds = seconds

    def __len__(self) -> int:
        return len(self.seconds)

    def __getitem__(self, index: int) -> Tensor:
        """Return the worker, and when it started and was ready, by the clock that all processes share: float64 [3]."""
        start = time.perf_counter()
        time.sleep(self.seconds[index])
        return torch.tensor([current_worker()[0], start, time.perf_counter()], dtype=torch.float64)


def loader_queue(
    workers: int = 2,
    prefetch: int = 2,
    load: int = 60,
    step: int = 20,
    slow: bool = False,
    kind: Literal["process", "thread"] = "process",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Loop over a loader once, and note what happens when.

    Args:
        workers: how many workers there are.
        prefetch: how many batches ahead each may be.
        load: milliseconds to load a batch.
        step: milliseconds that the loop spends with a batch.
        slow: whether one batch takes four times as long.
        kind: ``"process"`` or ``"thread"``: what the workers are.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each batch: the worker that loaded each of its samples; when its first sample was started and its
        last one ready, when the loop asked for it, took it and had done its step, in milliseconds since the loop began;
        and how many later batches lay ready when it was taken.

    Raises:
        ValueError: if a number is out of range, or there is no such kind.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    check_positive(workers, "workers", "loader_queue")
    check_positive(prefetch, "prefetch", "loader_queue")
    check_not_negative(load, "load", "loader_queue")
    check_not_negative(step, "step", "loader_queue")
    check_bool(slow, "slow", "loader_queue")
    context = start_method(kind)
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "loader_queue()") from error
    watch = Watch(progress, stop)
    seconds = [load / 1000 / BATCH_SIZE] * (BATCHES * BATCH_SIZE)
    if slow:
        late = slice(SLOW_BATCH * BATCH_SIZE, (SLOW_BATCH + 1) * BATCH_SIZE)
        seconds[late] = [SLOW * each for each in seconds[late]]
    loader = DataLoader(
        Waits(seconds),
        BATCH_SIZE,
        num_workers=workers,
        workers=kind,
        multiprocessing_context=context,
        prefetch_factor=prefetch,
    )
    rows: list[dict[str, Any]] = []
    begin = asked = time.perf_counter()
    for number, batch in enumerate(loader):
        taken = time.perf_counter()
        watch.step(number, BATCHES, "looping over the batches")
        time.sleep(step / 1000)
        done = time.perf_counter()
        who, started, ready = batch.unbind(dim=1)
        times = {STARTED: float(started.min()), FINISHED: float(ready.max()), ASKED: asked, TAKEN: taken, DONE: done}
        row = {name: 1000 * (value - begin) for name, value in times.items()}
        rows.append({BATCH: number, WHO: " ".join(str(int(worker)) for worker in who), **row})
        asked = done
    for row in rows:
        row[LYING] = sum(other[BATCH] > row[BATCH] and other[FINISHED] <= row[TAKEN] for other in rows)
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def plot(table: pd.DataFrame) -> Figure:
    """Draw who is at which batch when, and how many batches lie ready."""
    lanes = sorted({worker for who in table[WHO] for worker in who.split()}, key=int)
    figure = new_figure(height=2.6 + 0.4 * len(lanes))
    lines, queue = figure.subplots(2, 1, sharex=True, height_ratios=(1 + len(lanes), 2))
    for row in table.to_dict("records"):
        _bar(lines, lanes.index(row[WHO].split()[0]), row[STARTED], row[FINISHED], row[BATCH], COLOURS[0], "white")
        _bar(lines, len(lanes), row[TAKEN], row[DONE], row[BATCH], COLOURS[1], "black")
    lines.set_yticks(range(len(lanes) + 1), [*(f"worker {worker}" for worker in lanes), "loop"], fontsize=11)
    lines.invert_yaxis()
    events = sorted([*((when, 1) for when in table[FINISHED]), *((when, -1) for when in table[TAKEN])])
    ready = [sum(change for _, change in events[: k + 1]) for k in range(len(events))]
    queue.step([0.0, *(when for when, _ in events)], [0, *ready], where="post", color=COLOURS[2], linewidth=2)
    queue.set_ylim(0, max(ready) + 0.5)
    queue.yaxis.get_major_locator().set_params(integer=True)
    queue.set_ylabel("ready", fontsize=11)
    queue.set_xlabel("milliseconds since the loop began", fontsize=11)
    for axes in (lines, queue):
        axes.tick_params(axis="x", labelsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _bar(axes: Axes, lane: int, start: float, end: float, number: int, colour: str, ink: str) -> None:
    axes.barh(lane, end - start, 0.7, left=start, color=colour, edgecolor="white")
    axes.text((start + end) / 2, lane, str(number), color=ink, fontsize=9, ha="center", va="center", clip_on=True)


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"batch {row[BATCH]}: worker {row[WHO].split()[0]} from {short(row[STARTED])} to {short(row[FINISHED])} ms, "
        f"taken at {short(row[TAKEN])} ms"
        for row in table.to_dict("records")
    ]
    return f"Timeline of the workers and of the loop, and of the number of batches that lie ready. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the noted times alone."""
    rows = table.to_dict("records")
    waited, whole = sum(row[TAKEN] - row[ASKED] for row in rows), rows[-1][DONE]
    alone = sum(len(set(row[WHO].split())) == 1 for row in rows)
    fullest = max(rows, key=lambda row: row[LYING])
    sentences = [
        f"{alone} of {len(rows)} batches were made by one worker each. The loop took {short(whole)} ms, and waited for "
        f"{short(waited)} ms of it, {short(rows[0][TAKEN] - rows[0][ASKED])} ms for the first batch."
    ]
    if fullest[LYING]:
        sentences.append(
            f"When it took batch {fullest[BATCH]}, {fullest[LYING]} later {_were(fullest[LYING])} ready already."
        )
    late = [row for row, after in pairwise(rows) if after[FINISHED] < row[FINISHED]]
    if late:
        worst = max(late, key=lambda row: row[TAKEN] - row[ASKED])
        sentences.append(
            f"Batch {worst[BATCH] + 1} was ready before batch {worst[BATCH]}, but had to wait for its turn: the order "
            "is kept."
        )
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    shares = [sorted(map(who.split().count, set(who.split()))) for who in table[WHO]]
    if all(share == [BATCH_SIZE] for share in shares):
        return ONE
    return SHARED if all(share == [BATCH_SIZE // 2] * 2 for share in shares) else ANYBODY


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="loader-queue",
            title="Who makes which batch, and when?",
            twin="loader_queue.loader_queue()",
            run=loader_queue,
            controls=(
                Slider("workers", "Workers", 1, 4, 2),
                Slider("prefetch", "Prefetch factor", 1, 4, 2),
                Slider("load", "Load a batch (ms)", 20, 200, 60, step=20),
                Slider("step", "Step (ms)", 20, 200, 20, step=20),
                Choice("slow", "A slow batch", {"none": False, f"batch {SLOW_BATCH}": True}, False),
                Choice("kind", "Workers are", KINDS, "process"),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"workers": 2},
        )
    )


def _were(n: int) -> str:
    return "one was" if n == 1 else "ones were"
