"""How many workers, how far ahead, and for how long?

**Question.** A loader takes ``num_workers``, ``prefetch_factor`` and ``persistent_workers``. Which of them make it
faster on this machine, and when do more workers stop helping?

**Set-up.** The same JPEGs are decoded, cropped at random to 224 × 224 and mirrored at random, in batches of 8. Each
loader (:class:`datakit.DataLoader`) runs two epochs. The loop does nothing with the batches, so the loader alone
decides how fast it is. The operating system has the files in memory already.

**Plot.** Left: photographs a second, start of the workers included. Right: milliseconds until the first batch of the
second epoch.

**Look for**

- Workers share the machine's cores. Once these are busy, another worker only adds its start, its memory and the
  switching between workers.
- With ``persistent_workers=False`` the workers start anew in each epoch, so the second epoch's first batch waits for
  that, too.
- ``prefetch_factor`` is for a loop whose steps take time, or not always the same. A loop that does nothing empties the
  queue at once, so a longer one brings it nothing.
- "waiting, at most": workers × prefetch_factor batches may lie in memory before anybody asks for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from datakit._errors import check_not_negative, check_positive, missing_package
from datakit.datasets.images import ImageDataset
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.loading import KINDS, many_workers, start_method
from datakit.experiments.memory import MIB
from datakit.experiments.number_format import short
from datakit.experiments.photograph_strategies import augment, one_core
from datakit.experiments.photographs import SIZES, cached_photographs
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.loader import DataLoader
from datakit.nesting import batch_bytes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

WORKERS, PREFETCH, PERSISTENT = "workers", "prefetch", "persistent"
FIRST, AGAIN, SPEED, WAITING = "first batch (ms)", "epoch 2, first batch (ms)", "images/s", "waiting, at most (MiB)"
NONE = "–"  # without workers there is nobody who could work ahead, or live on

WORKER_COUNTS = (0, 1, 2, 4, 8)
PREFETCH_FACTORS = (1, 4)
BATCH_SIZE = 8  # small, so that an epoch has a batch for each worker and more
NEARLY = 0.9  # a speed within 10 % of the best is as good: the rest may be chance

# As a learner reads it → that number of workers.
ANSWERS = {"none: the loop loads by itself": 0, **{str(n): n for n in WORKER_COUNTS if n}}
PREDICTION = Prediction(
    name="workers-grid",
    question=(
        f"Photographs are decoded and cropped by {', '.join(map(str, WORKER_COUNTS[:-1]))} or {WORKER_COUNTS[-1]} "
        "worker processes on this machine. What is the smallest number of workers that comes within 10 % of the "
        "fastest?"
    ),
    choices=tuple(ANSWERS),
)


def workers_grid(
    n_images: int = 80,
    height: int = 375,
    width: int = 500,
    kind: Literal["process", "thread"] = "process",
    worker_counts: Sequence[int] = WORKER_COUNTS,
    prefetch_factors: Sequence[int] = PREFETCH_FACTORS,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Load the same photographs with each setting.

    Args:
        n_images: how many photographs.
        height: their height in pixels.
        width: their width in pixels.
        kind: ``"process"`` or ``"thread"``: what the workers are.
        worker_counts: the numbers of workers to try.
        prefetch_factors: how many batches ahead each worker may be, to try.
        seed: which photographs (see :func:`datakit.samples.photo_corpus`), and how the loader crops them.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each setting (one alone for no workers): milliseconds until the first batch of the first and of the
        second epoch, photographs a second in both epochs together, and the MiB of batches that may wait at most.

    Raises:
        ValueError: if a number is out of range, or there is no such kind.
        ModuleNotFoundError: if pandas or a package with photographs is not installed.
        StoppedError: if ``stop`` said so.
    """
    check_positive(n_images, "n_images", "workers_grid")
    for count in worker_counts:
        check_not_negative(count, "worker_counts", "workers_grid")
    for factor in prefetch_factors:
        check_positive(factor, "prefetch_factors", "workers_grid")
    context = start_method(kind)
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "workers_grid()") from error
    watch = Watch(progress, stop)
    # The first tenth of the bar is for the photographs.
    manifest = cached_photographs(
        n_images, (height, width), seed, lambda i, n: watch.step(i, 10 * n, "making the photographs")
    )
    dataset = ImageDataset(manifest, transform=augment)
    augment(ImageDataset(manifest)[0][0])  # the first call prepares things that no later one does
    grid = _settings(worker_counts, prefetch_factors)
    rows: list[dict[str, Any]] = []
    for place, settings in enumerate(grid):

        def each(done: float, place: int = place, words: str = many_workers(settings["num_workers"])) -> None:
            watch.step(round(100 * (len(grid) + 9 * (place + done))), 1000 * len(grid), words)

        if settings["num_workers"]:
            settings = {**settings, "workers": kind, "multiprocessing_context": context}
        with one_core():
            rows.append(_measure(dataset, settings, seed, each))
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _settings(worker_counts: Sequence[int], prefetch_factors: Sequence[int]) -> list[dict[str, Any]]:
    grid: list[dict[str, Any]] = [{"num_workers": 0}] if 0 in worker_counts else []
    return grid + [
        {"num_workers": count, "prefetch_factor": factor, "persistent_workers": persistent}
        for count in worker_counts
        if count > 0
        for factor in prefetch_factors
        for persistent in (False, True)
    ]


def _measure(
    dataset: ImageDataset, settings: dict[str, Any], seed: int, each: Callable[[float], None]
) -> dict[str, Any]:
    """Run two epochs; ``each`` is told after each batch which share of them is done."""
    workers, prefetch = settings["num_workers"], settings.get("prefetch_factor", NONE)
    loader = DataLoader(dataset, BATCH_SIZE, seed=seed, **settings)
    waits: list[float] = []
    seconds, largest, done = 0.0, 0, 0
    for _ in range(2):
        start = time.perf_counter()
        batches = iter(loader)
        first = next(batches)
        waits.append(1000 * (time.perf_counter() - start))
        largest = max(largest, batch_bytes(first))
        for _ in chain([first], batches):
            done += 1
            each(done / (2 * len(loader)))
        seconds += time.perf_counter() - start
    return {
        WORKERS: workers,
        PREFETCH: prefetch,
        PERSISTENT: ("yes" if loader.persistent_workers else "no") if workers else NONE,
        FIRST: waits[0],
        AGAIN: waits[1],
        SPEED: 2 * len(dataset) / seconds,
        WAITING: largest * workers * (prefetch if workers else 0) / MIB,
    }


def plot(table: pd.DataFrame) -> Figure:
    """Draw the speed, and the wait for the second epoch, of each setting."""
    figure = new_figure(height=0.9 + 0.3 * len(table))
    names = [_setting(row) for row in table.to_dict("records")]
    speeds, waits = figure.subplots(1, 2, sharey=True)
    grouped_bars(speeds, names, {"images/s": list(table[SPEED])}, "photographs a second")
    grouped_bars(waits, names, {"wait": list(table[AGAIN])}, "epoch 2, first batch (ms)")
    # The vertical axis is shared, so the second drawing has turned it back.
    speeds.invert_yaxis()
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{_setting(row)}: {short(row[SPEED])} a second, {short(row[AGAIN])} ms" for row in table.to_dict("records")
    ]
    return (
        "Two bar charts, photographs a second and milliseconds until epoch 2's first batch, for each setting. "
        f"{'; '.join(rows)}."
    )


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    speeds = _best_by_workers(table)
    best, enough, most = max(speeds, key=lambda n: speeds[n]), _enough(table), max(speeds)
    without = f", against {short(speeds[0])} without workers" if best != 0 and 0 in speeds else ""
    sentences = [
        f"The fastest was a setting with {many_workers(best)}: {short(speeds[best])} photographs a second{without}."
    ]
    if enough != best:
        sentences.append(f"The fewest that came within 10 % of that: {many_workers(enough)}, {short(speeds[enough])}.")
    if most not in (best, enough):
        how = "within 10 % of the fastest, too" if speeds[most] >= NEARLY * speeds[best] else "clearly slower"
        sentences.append(f"With the most, {many_workers(most)}, it was {how}: {short(speeds[most])}.")
    waits = table.groupby(PERSISTENT)[AGAIN].mean()
    if "yes" in waits:
        sentences.append(
            f"The second epoch's first batch came after {short(waits['yes'])} ms where workers live on, and after "
            f"{short(waits['no'])} ms where they start anew (means of all settings)."
        )
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    enough = _enough(table)
    return next(answer for answer, workers in ANSWERS.items() if workers == enough)


def view() -> View:
    """Show the experiment with controls, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    def run(size: tuple[int, int], **settings: Any) -> pd.DataFrame:
        return workers_grid(height=size[0], width=size[1], **settings)

    return View(
        Experiment(
            name="workers-grid",
            title="How many workers, how far ahead, and for how long?",
            twin="workers_grid.workers_grid()",
            run=run,
            controls=(
                Slider("n_images", "Photographs", 80, 160, 80, step=40),
                Choice("size", "Photograph size", SIZES, (375, 500)),
                Choice("kind", "Workers are", KINDS, "process"),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"kind": "process"},
        )
    )


def _best_by_workers(table: pd.DataFrame) -> dict[int, float]:
    """Number of workers → photographs a second of the fastest setting with so many."""
    return {int(str(workers)): float(speed) for workers, speed in table.groupby(WORKERS)[SPEED].max().items()}


def _enough(table: pd.DataFrame) -> int:
    """Return the smallest number of workers that is nearly as fast as the fastest."""
    speeds = _best_by_workers(table)
    return min(workers for workers, speed in speeds.items() if speed >= NEARLY * max(speeds.values()))


def _setting(row: dict[Any, Any]) -> str:
    if row[WORKERS] == 0:
        return "no workers"
    return f"{many_workers(row[WORKERS])}, prefetch {row[PREFETCH]}{', persistent' if row[PERSISTENT] == 'yes' else ''}"
