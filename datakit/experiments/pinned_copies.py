"""What does a copy cost, and what does pinning change?

**Question.** A batch is copied: into memory that is used again and again, or into fresh memory each time; from ordinary
memory to a GPU, or from pinned memory. How long does each take, and how long must the loop stand still for it?

**Set-up.** The same bytes are copied in these ways, and the medians are taken:

========================= ===================================================== ======================================
way                       what is done for each batch                           where
========================= ===================================================== ======================================
memory used again         a copy into the same memory as the last time          on every machine
fresh memory              memory is got from the system, and copied into        on every machine
to the GPU                ``batch.to("cuda")``                                  with a GPU
pinned in the loop        ``batch.pin_memory().to("cuda", non_blocking=True)``  with a GPU
pinned before the loop    ``pinned.to("cuda", non_blocking=True)``              with a GPU
========================= ===================================================== ======================================

**Plot.** For each way, the milliseconds until the copy is there, and the milliseconds for which the loop stands still.

**Look for**

- What fresh memory costs beside the copy itself: the system hands out each page when it is first touched, and wipes it.
  To pin memory costs that and more, so who pins in the loop pays it for each batch.
- From pinned memory the GPU copies by itself, and the loop goes on at once.
- Without a GPU nobody reads pinned memory. The first two rows are all there is, and pinning would bring nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from datakit._errors import check_positive, missing_package
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.memory import MIB
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

WAY, WHOLE, STILL, RATE = "way", "until it is there (ms)", "the loop stands still (ms)", "GiB a second"
AGAIN, FRESH = "memory used again", "fresh memory"
PLAIN, IN_LOOP, BEFORE = "to the GPU", "pinned in the loop", "pinned before the loop"

GIB = 2**30
ASKED_MIB = 64
CLEARLY = 1.2  # a smaller ratio of two times may be chance
PREDICTION = Prediction(
    name="pinned_copies",
    question=(
        f"A batch of {ASKED_MIB} MiB is copied within main memory: into memory that is used again and again, or into "
        "fresh memory each time. How many times as long does it take into fresh memory?"
    ),
    between=(0.1, 1000.0),
    unit="times",
)


def pinned_copies(
    mib: int = ASKED_MIB, repeats: int = 9, progress: Progress | None = None, stop: Stop | None = None
) -> pd.DataFrame:
    """Copy a batch in several ways.

    Args:
        mib: the size of the batch, in MiB.
        repeats: how often to copy it in each way; the median counts, and one more copy before them doesn't.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked before every copy whether to stop.

    Returns:
        One row for each way: milliseconds until the copy is there, milliseconds until the loop can go on, and GiB a
        second. Two rows without a GPU, five with one.

    Raises:
        ValueError: if a number is out of range.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    check_positive(mib, "mib", "pinned_copies")
    check_positive(repeats, "repeats", "pinned_copies")
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "pinned_copies()") from error
    watch = Watch(progress, stop)
    ways = _ways(mib * MIB)
    rows = []
    for number, (way, copy) in enumerate(ways.items()):
        whole, still = [], []
        for repeat in range(repeats + 1):
            watch.step(number * (repeats + 1) + repeat, len(ways) * (repeats + 1), way)
            seconds = _timed(copy)
            still.append(seconds[0])
            whole.append(seconds[1])
        middle = statistics.median(whole[1:])
        rows.append(
            {WAY: way, WHOLE: 1000 * middle, STILL: 1000 * statistics.median(still[1:]), RATE: mib * MIB / GIB / middle}
        )
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _ways(nbytes: int) -> dict[str, Callable[[], Tensor]]:
    source = torch.ones(nbytes, dtype=torch.uint8)
    target = torch.empty_like(source)
    ways: dict[str, Callable[[], Tensor]] = {AGAIN: lambda: target.copy_(source), FRESH: source.clone}
    if torch.cuda.is_available():
        pinned = source.pin_memory()
        ways[PLAIN] = lambda: source.to("cuda")
        ways[IN_LOOP] = lambda: source.pin_memory().to("cuda", non_blocking=True)
        ways[BEFORE] = lambda: pinned.to("cuda", non_blocking=True)
    return ways


def _timed(copy: Callable[[], Tensor]) -> tuple[float, float]:
    """Return the seconds until the call returns, and those until the copy is there."""
    begin = time.perf_counter()
    made = copy()
    returned = time.perf_counter()
    if made.is_cuda:
        torch.cuda.synchronize(made.device)
    return returned - begin, time.perf_counter() - begin


def plot(table: pd.DataFrame) -> Figure:
    """Draw both times of each way."""
    figure = new_figure(height=1.4 + 0.6 * len(table))
    axes = figure.subplots()
    series = {"until it is there": list(table[WHOLE]), "the loop stands still": list(table[STILL])}
    grouped_bars(axes, list(table[WAY]), series, "milliseconds")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=11)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[WAY]}: {short(row[WHOLE])} ms until it is there, the loop stands still for {short(row[STILL])} ms"
        for row in table.to_dict("records")
    ]
    return f"A bar chart, the time of a copy by the way it is made. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    rows = table.set_index(WAY)
    again, fresh = (float(rows[WHOLE][way]) for way in (AGAIN, FRESH))
    sentences = [
        f"Into memory used again, the copy took {short(again)} ms; into fresh memory {short(fresh)} ms, "
        f"{short(fresh / again)} times as long."
    ]
    if PLAIN not in rows.index:
        sentences.append("There is no GPU here, so nobody reads pinned memory, and pinning would bring nothing.")
        return " ".join(sentences)
    plain, in_loop, before = (float(rows[STILL][way]) for way in (PLAIN, IN_LOOP, BEFORE))
    sentences.append(
        f"For a copy to the GPU the loop stood still for {short(plain)} ms, with pinning in the loop for "
        f"{short(in_loop)} ms, from memory pinned before the loop for {short(before)} ms."
    )
    if in_loop > CLEARLY * plain:
        sentences.append("Pinning in the loop cost more than it saved.")
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> float:
    """Answer the prediction's question from the table."""
    times = table.set_index(WAY)[WHOLE]
    return float(times[FRESH] / times[AGAIN])


def view() -> View:
    """Show the experiment with a slider, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="pinned_copies",
            title="What does a copy cost, and what does pinning change?",
            twin="pinned_copies.pinned_copies()",
            run=pinned_copies,
            controls=(Slider("mib", "Batch (MiB)", 1, 128, ASKED_MIB),),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"mib": ASKED_MIB},
        )
    )
