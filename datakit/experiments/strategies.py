"""What may be done once, and what has to be done each time?

**Question.** Before a batch holds a photograph, it is decoded, cropped at random and mirrored at random. All of it can
be done whenever the photograph is asked for, or once, or the first half once. What does each way cost, and what does a
model get to see?

**Set-up.** The same JPEGs, four strategies:

================ ======================================================== ============================================
strategy         what is done once                                        what is done at every access
================ ======================================================== ============================================
on the fly       nothing                                                  decode and augment
precomputed      decode and augment, before the first epoch               look it up
cached in RAM    decode and augment, when it is first asked for           look it up
hybrid           decode, when it is first asked for                       augment
================ ======================================================== ============================================

Each is loaded in two ways: by a naive loop on one core, one photograph after the other, and by
:class:`datakit.DataLoader` with threads as workers, each on one core. Each runs two epochs, in the same order. The
operating system has the files in memory already.

**Plot.** Above: milliseconds until the first epoch can begin, and the MiB of pixels held after the second. Below:
photographs a second in both epochs.

**Look for**

- "new in epoch 2": a crop that was drawn once is not random any more. Precomputed and cached samples are the same in
  every epoch, and nothing warns you. (:class:`datakit.CachedDataset` notices: around random transforms it raises an
  error.)
- What is cached is of no use before the second epoch; what is precomputed delays the first.
- What is held is memory: whole photographs for hybrid, crops for the two that cache what is augmented.
- Threads decode side by side. What do they gain where hardly anything is left to do?
- Hybrid's second epoch also decodes three photographs again, to compare them with what the cache gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from datakit._errors import missing_package
from datakit.datasets.images import ImageDataset
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.memory import MIB
from datakit.experiments.number_format import short
from datakit.experiments.photograph_strategies import (
    BATCH_SIZE,
    CACHED,
    HYBRID,
    ON_THE_FLY,
    PRECOMPUTED,
    Begin,
    Epoch,
    Ready,
    augment,
    in_parallel,
    naive_loop,
    one_core,
    ready_for,
)
from datakit.experiments.photographs import SIZES, cached_photographs
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

STRATEGY, LOADING, NAIVE = "strategy", "loading", "naive loop"
START, FIRST, SECOND = "start-up (ms)", "epoch 1 (images/s)", "epoch 2 (images/s)"
HOLDS, NEW = "holds (MiB)", "new in epoch 2 (%)"

CLEARLY = 1.2  # a smaller ratio of two speeds may be chance

# As a learner reads it → the strategies that show new crops.
ANSWERS = {
    "all four": {ON_THE_FLY, PRECOMPUTED, CACHED, HYBRID},
    "all but precomputed": {ON_THE_FLY, CACHED, HYBRID},
    "on the fly and hybrid": {ON_THE_FLY, HYBRID},
    "on the fly alone": {ON_THE_FLY},
}
OTHER = "some others of them, or none"
PREDICTION = Prediction(
    name="strategies",
    question=(
        "Each photograph is cropped at random. “On the fly” decodes and crops it whenever it is asked for; "
        "“precomputed” does both before the first epoch; “cached in RAM” keeps what came out when it was first asked "
        "for; “hybrid” keeps the decoded photograph, and crops each time. Which strategies crop a photograph in "
        "another way in the second epoch than in the first?"
    ),
    choices=(*ANSWERS, OTHER),
)


def compare_strategies(
    n_images: int = 120,
    height: int = 375,
    width: int = 500,
    workers: int = 2,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Load the same photographs with each strategy, by a naive loop and in parallel.

    Args:
        n_images: how many photographs.
        height: their height in pixels.
        width: their width in pixels.
        workers: how many threads load in parallel.
        seed: which photographs (see :func:`datakit.samples.photo_corpus`), and how the loader crops them.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        Two rows for each strategy, a naive loop and threads: milliseconds until the first epoch can begin, photographs
        a second in the first and in the second epoch, MiB of pixels held after them, and how many per cent of the first
        batch's photographs the second epoch shows otherwise than the first.

    Raises:
        ValueError: if ``n_images`` or ``workers`` is less than 1, or the size less than 1 pixel.
        ModuleNotFoundError: if pandas or a package with photographs is not installed.
        StoppedError: if ``stop`` said so.
    """
    if n_images < 1 or workers < 1:
        raise ValueError(f"compare_strategies: n_images={n_images}, workers={workers} arrived. Use at least 1 of each.")
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "compare_strategies()") from error
    watch = Watch(progress, stop)
    # The first third of the bar is for the photographs.
    manifest = cached_photographs(
        n_images, (height, width), seed, lambda i, n: watch.step(i, 3 * n, "making the photographs")
    )
    ways = ready_for(manifest, 3 * height * width)
    loadings: dict[str, Begin] = {
        NAIVE: lambda dataset: lambda: naive_loop(dataset, BATCH_SIZE),
        "1 thread" if workers == 1 else f"{workers} threads": lambda dataset: in_parallel(dataset, workers, seed),
    }
    augment(ImageDataset(manifest)[0][0])  # the first call prepares things that no later one does
    rows: list[dict[str, Any]] = []
    turns = len(ways) * len(loadings)
    for name, prepare in ways.items():
        for loading, begin in loadings.items():

            def each(done: int = turns // 2 + len(rows), words: str = f"{name}, {loading}") -> None:
                watch.step(done, turns // 2 + turns, words)

            with one_core():
                numbers = _measure(prepare, begin, each)
            rows.append({STRATEGY: name, LOADING: loading, **numbers})
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _measure(prepare: Callable[[Begin], Ready], begin: Begin, each: Callable[[], None]) -> dict[str, float]:
    start = time.perf_counter()
    dataset, held = prepare(begin)
    epoch = begin(dataset)
    ready = time.perf_counter()
    (first, images), (second, again) = _timed(epoch, each), _timed(epoch, each)
    changed = [not torch.equal(one, other) for one, other in zip(images, again, strict=True)]
    return {
        START: 1000 * (ready - start),
        FIRST: len(dataset) / first,
        SECOND: len(dataset) / second,
        HOLDS: held() / MIB,
        NEW: 100 * sum(changed) / len(changed),
    }


def _timed(epoch: Epoch, each: Callable[[], None]) -> tuple[float, Tensor]:
    """Run an epoch; return its seconds and the images of its first batch."""
    images: Tensor | None = None
    start = time.perf_counter()
    for batch in epoch():
        each()
        # Only the first is kept: an epoch's memory would be new to the process, which takes time of its own.
        images = batch[0] if images is None else images
    seconds = time.perf_counter() - start
    assert images is not None, "there is at least one photograph"
    return seconds, images


def plot(table: pd.DataFrame) -> Figure:
    """Draw start-up and memory, and the speed of both epochs."""
    figure = new_figure(height=6.4)
    names = list(dict.fromkeys(table[STRATEGY]))
    units = {START: "start-up, ms", HOLDS: "held, MiB", FIRST: "epoch 1, images/s", SECOND: "epoch 2, images/s"}
    for axes, (column, unit) in zip(figure.subplots(2, 2, sharey=True).flat, units.items(), strict=True):
        bars = {str(loading): list(rows[column]) for loading, rows in table.groupby(LOADING, sort=False)}
        grouped_bars(axes, names, bars, unit)
    # Four drawings share the vertical axis: each has turned it, the last one back.
    axes.invert_yaxis()
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=11)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[STRATEGY]}, {row[LOADING]}: start-up {short(row[START])} ms, {short(row[FIRST])} and then "
        f"{short(row[SECOND])} images a second, {short(row[HOLDS])} MiB held"
        for _, row in table.iterrows()
    ]
    return f"Four bar charts: start-up, memory, speed of the first and of the second epoch. {'. '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    naive = table[table[LOADING] == NAIVE].set_index(STRATEGY).to_dict("index")
    parallel = table[table[LOADING] != NAIVE].set_index(STRATEGY).to_dict("index")
    alone, together = naive[ON_THE_FLY][FIRST], parallel[ON_THE_FLY][FIRST]
    threads = next(iter(parallel.values()))[LOADING]
    speeds = f"{short(alone)} photographs a second by the naive loop and {short(together)} with {threads}"
    sentences = [f"On the fly, the first epoch loaded {speeds}."]
    best = max(parallel, key=lambda name: parallel[name][SECOND])
    lead = parallel[best][SECOND] / parallel[ON_THE_FLY][SECOND]
    if lead < CLEARLY:
        sentences.append(f"In the second epoch no strategy was clearly quicker than on the fly, with {threads}.")
    else:
        sentences.append(
            f"In the second epoch the quickest with {threads} was “{best}”, {lead:.1f} times as quick as on the fly; "
            f"it held {short(parallel[best][HOLDS])} MiB and took {short(parallel[best][START])} ms to start."
        )
    shares = ", ".join(f"{name} {share:.0f} %" for name, share in _renewed(table).items())
    sentences.append(f"Photographs that the second epoch showed otherwise than the first: {shares}.")
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    renewed = {name for name, share in _renewed(table).items() if share > 50}
    return next((answer for answer, names in ANSWERS.items() if names == renewed), OTHER)


def _renewed(table: pd.DataFrame) -> dict[str, float]:
    """Strategy → per cent of new images in the second epoch, both loadings taken together."""
    return {str(name): float(rows[NEW].mean()) for name, rows in table.groupby(STRATEGY, sort=False)}


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    def run(size: tuple[int, int], **settings: Any) -> pd.DataFrame:
        return compare_strategies(height=size[0], width=size[1], **settings)

    return View(
        Experiment(
            name="strategies",
            title="What may be done once, and what has to be done each time?",
            twin="strategies.compare_strategies()",
            run=run,
            controls=(
                Slider("n_images", "Photographs", 40, 160, 120, step=40),
                Choice("size", "Photograph size", SIZES, (375, 500)),
                Slider("workers", "Threads", 1, 4, 2),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
        )
    )
