"""Which stage limits the pipeline?

**Question.** A batch is read, decoded, and used in a training step. Loader workers read and decode ahead. How long does
a step take, the wait for its batch included, and what would have to be quicker to make it quicker?

**Set-up.** A pipeline in which you set the milliseconds of each stage, for one batch:

========= ======================== ==================================================================================
stage     who does it              how it passes its time
========= ======================== ==================================================================================
read      a worker                 it sleeps, as one does who waits for a disk or a network: that takes no core
decode    a worker                 it computes for so long, and needs a core for it
compute   the training loop        it sleeps, as a program does while the GPU computes
========= ======================== ==================================================================================

The same pipeline runs with 0, 1, 2 and 4 workers, and :func:`datakit.profile` measures its steps. Beside the measured
step stands what one would work out on paper: max((read + decode) ÷ workers, compute), or the sum of all three where
there are no workers.

**Plot.** Left: the milliseconds of a step, measured and on paper. Right: the part of a step that waits for its batch.

**Look for**

- A pipeline is as quick as its slowest stage. To make another one quicker changes nothing.
- Workers divide the time of loading, until it is below the time of computing. From there on more of them bring nothing.
- "decode (ms)" is what it took in the workers. Where they need more cores than are free, it grows, and what one works
  out on paper is too low.
- Reading needs no core: with much reading and little decoding, more workers than cores can be right.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import torch

from datakit._errors import check_not_negative, check_positive, missing_package
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.loading import KINDS, many_workers, start_method
from datakit.experiments.number_format import short
from datakit.experiments.pipeline_stages import Stages
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.loader import DataLoader
from datakit.profile_report import TARGET
from datakit.profiling import WARMUP, profile

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

WORKERS, READ, DECODE, COMPUTE = "workers", "read (ms)", "decode (ms)", "compute (ms)"
STEP, PAPER, WAITING, LIMIT = "step (ms)", "on paper (ms)", "waiting (%)", "limit"
BY_READ, BY_DECODE, BY_COMPUTE = "read", "decode", "compute"

WORKER_COUNTS = (0, 1, 2, 4)
CLEARLY = 1.2  # a smaller ratio of two times may be chance

READ_MS, DECODE_MS, COMPUTE_MS = 20, 10, 20
ASKED_WORKERS = 2
PREDICTION = Prediction(
    name="bottleneck",
    question=(
        f"A worker needs {READ_MS} ms to read a batch and {DECODE_MS} ms to decode it; the training loop computes for "
        f"{COMPUTE_MS} ms with each batch. With {ASKED_WORKERS} workers, how long does a step take, the wait for its "
        "batch included?"
    ),
    between=(1.0, 200.0),
    unit="ms",
)


def bottleneck(
    read: int = READ_MS,
    decode: int = DECODE_MS,
    compute: int = COMPUTE_MS,
    kind: Literal["process", "thread"] = "process",
    worker_counts: Sequence[int] = WORKER_COUNTS,
    steps: int = 24,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Run the same pipeline with several numbers of workers.

    Args:
        read: milliseconds to read a batch.
        decode: milliseconds to decode it.
        compute: milliseconds that the training loop computes with it.
        kind: ``"process"`` or ``"thread"``: what the workers are.
        worker_counts: the numbers of workers to try.
        steps: how many steps to measure with each; a multiple of the workers, because they finish in rounds.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each number of workers: milliseconds that reading, decoding and computing really took, those of a
        whole step, those worked out on paper from the arguments, how many per cent of a step were spent waiting for its
        batch, and which stage was the limit.

    Raises:
        ValueError: if a number is out of range, or there is no such kind.
        ModuleNotFoundError: if pandas or psutil is not installed.
        StoppedError: if ``stop`` said so.
    """
    for name, value in (("read", read), ("decode", decode), ("compute", compute)):
        check_not_negative(value, name, "bottleneck")
    for count in worker_counts:
        check_not_negative(count, "worker_counts", "bottleneck")
    check_positive(steps, "steps", "bottleneck")
    context = start_method(kind)
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "bottleneck()") from error
    watch = Watch(progress, stop)
    each_steps = WARMUP + steps
    rows: list[dict[str, Any]] = []
    for count in worker_counts:
        # More batches than are used: else the last ones would be loaded by fewer workers.
        stages = Stages(each_steps + 2 * count + 1, read / 1000, decode / 1000)
        own = {"num_workers": count, "workers": kind, "multiprocessing_context": context} if count else {}
        loader = DataLoader(stages, batch_size=None, **own)  # type: ignore[arg-type]  # its sample is a batch

        def each(done: int, before: int = len(rows) * each_steps, words: str = many_workers(count)) -> None:
            watch.step(before + done, len(worker_counts) * each_steps, words)

        paper = max((read + decode) / count, compute) if count else read + decode + compute
        rows.append({WORKERS: count, **_measure(loader, compute / 1000, steps, each), PAPER: float(paper)})
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)[[WORKERS, READ, DECODE, COMPUTE, STEP, PAPER, WAITING, LIMIT]]


def _measure(loader: DataLoader, compute: float, steps: int, each: Callable[[int], None]) -> dict[str, Any]:
    run = profile(loader, steps=steps)
    loads = []
    for done, batch in enumerate(run):
        each(done)
        loads.append(batch)
        with run.phase("forward"):
            time.sleep(compute)
    report = run.report()
    read, decode = (1000 * torch.stack(loads[WARMUP:]).mean(dim=0)).tolist()
    return {
        READ: read,
        DECODE: decode,
        COMPUTE: 1000 * report.share("forward") * report.step_seconds,
        STEP: 1000 * report.step_seconds,
        WAITING: 100 * report.share("data"),
        LIMIT: limit(report.share("data"), read, decode),
    }


def limit(waiting: float, read: float, decode: float) -> str:
    """Say which stage limits a pipeline.

    Args:
        waiting: the part of a step that waits for its batch, 0 to 1.
        read: how long a worker reads.
        decode: how long it decodes.

    Returns:
        ``"compute"`` where less than a tenth is waiting; else the longer of the stages that the loop waits for.
    """
    if waiting < TARGET:
        return BY_COMPUTE
    return BY_READ if read >= decode else BY_DECODE


def plot(table: pd.DataFrame) -> Figure:
    """Draw a step's milliseconds, measured and on paper, and the part of it that is waiting."""
    figure = new_figure(height=1.2 + 0.55 * len(table))
    names = [many_workers(workers) for workers in table[WORKERS]]
    times, waits = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    grouped_bars(times, names, {"measured": list(table[STEP]), "on paper": list(table[PAPER])}, "a step, milliseconds")
    grouped_bars(waits, names, {"waiting": list(table[WAITING])}, "waiting, % of a step")
    # The vertical axis is shared, so the second drawing has turned it back.
    times.invert_yaxis()
    figure.legend(*times.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=11)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{many_workers(row[WORKERS])}: {short(row[STEP])} ms, on paper {short(row[PAPER])} ms, "
        f"{short(row[WAITING])} % waiting"
        for row in table.to_dict("records")
    ]
    return f"Two bar charts, a step's time and the part of it that waits, by number of workers. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    rows = table.to_dict("records")
    first, last = rows[0], rows[-1]
    enough = next((row for row in rows if row[LIMIT] == BY_COMPUTE), None)
    sentences = [
        f"With {many_workers(first[WORKERS])} a step took {short(first[STEP])} ms, and {short(first[WAITING])} % of it "
        "was waiting."
    ]
    if enough is None:
        sentences.append(
            f"No number of workers brought the wait below 10 %: with {many_workers(last[WORKERS])} it was "
            f"{short(last[WAITING])} % of {short(last[STEP])} ms, and the longer part of loading was: {last[LIMIT]}."
        )
    elif enough is not first:
        sentences.append(
            f"The fewest workers that brought the wait below 10 %: {enough[WORKERS]}. A step then took "
            f"{short(enough[STEP])} ms, {short(enough[COMPUTE])} ms of it computing: that is the limit."
        )
    if enough is not None and enough is not last:
        sentences.append(f"With {many_workers(last[WORKERS])} it took {short(last[STEP])} ms.")
    if last[DECODE] > CLEARLY * first[DECODE] and last[DECODE] > 1:
        sentences.append(
            f"Decoding a batch took {short(first[DECODE])} ms with {many_workers(first[WORKERS])} and "
            f"{short(last[DECODE])} ms with {many_workers(last[WORKERS])}. The work is the same; the rest was waiting "
            "for a core."
        )
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> float:
    """Answer the prediction's question from the table."""
    return float(table.set_index(WORKERS)[STEP][ASKED_WORKERS])


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="bottleneck",
            title="Which stage limits the pipeline?",
            twin="bottleneck.bottleneck()",
            run=bottleneck,
            controls=(
                Slider("read", "Read (ms)", 0, 40, READ_MS, step=5),
                Slider("decode", "Decode (ms)", 0, 40, DECODE_MS, step=5),
                Slider("compute", "Compute (ms)", 5, 40, COMPUTE_MS, step=5),
                Choice("kind", "Workers are", KINDS, "process"),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"read": READ_MS, "decode": DECODE_MS, "compute": COMPUTE_MS},
        )
    )
