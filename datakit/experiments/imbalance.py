"""What do three answers to imbalance show a model, and what do they buy?

**Question.** 400 other digits and a few eights train a model. The eights can be drawn more often, be given a fixed
share of each batch, or count more in the loss. What does an epoch then draw, and how many of the eights of the test
does the model find?

**Set-up.** A logistic regression on scikit-learn's digits, trained in five ways, with about equally many draws: uniform
draws; draws by weight (:class:`datakit.WeightedRandomSampler`); balanced batches
(:class:`datakit.ClassBalancedBatchSampler`); uniform draws and weights in the loss (:func:`datakit.class_weights`);
and, for comparison, draws by weight where 80 eights were collected. Draws are counted in the first epoch of the first
repeat (:func:`datakit.count_draws`). Each repeat divides the digits anew; no test picture ever trains.

**Plot.** Left: what one epoch draws of either kind, and how many different eights. Right: the shares of the test's
eights and other digits that were recognised.

**Look for**

- Uniform draws: the model hardly ever meets an eight.
- The three answers differ in what they draw; look at how little, or how much, they differ in what they find.
- Drawn by weight, each eight comes many times; the number of different ones is what it was. Compare with the last row,
  which has no more draws, but real data in them: oversampling creates no data.
- What is found more is paid for: look at the other digits that are no longer recognised.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from datakit._errors import missing_package
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.imbalance_model import POOL, Digits, divide, fit
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.losses import class_weights
from datakit.samplers import (
    BatchSampler,
    ClassBalancedBatchSampler,
    RandomSampler,
    WeightedRandomSampler,
    count_draws,
    sample_weights,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

ANSWER, COMMON, RARE, DISTINCT = "answer", "others drawn", "eights drawn", "different eights"
FOUND, RIGHT = "eights found (%)", "others recognised (%)"
LOWEST, HIGHEST = "found, lowest", "found, highest"
UNIFORM, WEIGHTED, BALANCED, LOSS = "uniform", "by weight", "balanced", "loss weights"
REAL = f"{POOL} real eights"
BATCH = 32
CLEARLY = 3.0  # a smaller difference of two shares, in points, may be chance

NO_MORE = "hardly more than with uniform draws"
BETWEEN = f"more, but clearly fewer than with {POOL} real eights"
AS_REAL = f"about as many as with {POOL} real eights"
PREDICTION = Prediction(
    name="imbalance",
    question=(
        "400 other digits and 4 eights train a small model for 10 epochs. Draws by weight bring each of the 4 about 50 "
        "times an epoch. How many of the eights of the test will the model find?"
    ),
    choices=(NO_MORE, BETWEEN, AS_REAL),
)


@dataclass(frozen=True)
class Way:
    """One of the five ways to train: on what, which batches, which weights in the loss."""

    data: Digits
    batches: Iterable[list[int]]
    weights: Tensor | None = None


def ways(rare: int, seed: int) -> dict[str, Way]:
    """Make the five ways to train on one division of the digits.

    Args:
        rare: how many eights train.
        seed: which rows, in which order.
    """
    few, many = divide(rare, seed), divide(POOL, seed)
    draws = len(few.y)

    def by_weight(data: Digits) -> Way:
        generator = torch.Generator().manual_seed(seed)
        sampler = WeightedRandomSampler(sample_weights(data.y), draws, generator=generator)
        return Way(data, BatchSampler(sampler, BATCH, drop_last=False))

    def uniform(weights: Tensor | None) -> Way:
        sampler = RandomSampler(few.x, generator=torch.Generator().manual_seed(seed))
        return Way(few, BatchSampler(sampler, BATCH, drop_last=False), weights)

    balanced = ClassBalancedBatchSampler(few.y, BATCH // 2, num_batches=-(-draws // BATCH), seed=seed)
    return {
        UNIFORM: uniform(None),
        WEIGHTED: by_weight(few),
        BALANCED: Way(few, balanced),
        LOSS: uniform(class_weights(few.y)),
        REAL: by_weight(many),
    }


def imbalance(
    rare: int = 4,
    epochs: int = 10,
    repeats: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Train in five ways; count what an epoch draws, and test what the model finds.

    Args:
        rare: how many eights train, 1 … 80, beside 400 other digits.
        epochs: how often each model loops over its batches.
        repeats: how often the digits are divided anew.
        seed: which rows, in which order.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each way: draws of other digits and of eights in an epoch, how many different eights were among
        them, the mean share of the test's eights that was found, with the lowest and the highest of the repeats, and
        the mean share of the other digits that was recognised; shares in per cent.

    Raises:
        ValueError: if a number is out of range.
        ModuleNotFoundError: if pandas or scikit-learn is not installed.
        StoppedError: if ``stop`` said so.
    """
    if not 1 <= rare <= POOL or min(epochs, repeats) < 1:
        raise ValueError(
            f"imbalance: rare={rare}, epochs={epochs}, repeats={repeats} arrived. "
            f"Use 1 to {POOL} for rare, and at least 1 for the others."
        )
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "imbalance()") from error
    watch = Watch(progress, stop)
    watch.step(0, 1, "dividing the digits")
    counted = {name: _counted(way) for name, way in ways(rare, seed).items()}
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in counted}
    for turn in range(repeats):
        for place, (name, way) in enumerate(ways(rare, seed + turn).items()):
            watch.step(turn * len(counted) + place, repeats * len(counted), f"training, {name}")
            scores[name].append(fit(way.data, way.batches, epochs, way.weights))
    rows = [
        {
            ANSWER: name,
            **counted[name],
            FOUND: statistics.fmean(found for found, _ in results),
            LOWEST: min(found for found, _ in results),
            HIGHEST: max(found for found, _ in results),
            RIGHT: statistics.fmean(right for _, right in results),
        }
        for name, results in scores.items()
    ]
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _counted(way: Way) -> dict[str, int]:
    counts = count_draws(way.batches, len(way.data.y)).counts
    eight = way.data.y == 1
    return {
        COMMON: int(counts[~eight].sum()),
        RARE: int(counts[eight].sum()),
        DISTINCT: int(counts[eight].count_nonzero()),
    }


def plot(table: pd.DataFrame) -> Figure:
    """Draw what an epoch draws, and what was recognised in the test, for each way."""
    figure = new_figure(width=8.6, height=1.0 + 0.75 * len(table))
    names: Sequence[str] = list(table[ANSWER])
    drawn, found = figure.subplots(1, 2, sharey=True)
    columns: dict[str, str] = {"others": COMMON, "eights": RARE, "different eights": DISTINCT}
    grouped_bars(drawn, names, {label: list(table[column]) for label, column in columns.items()}, "drawn in an epoch")
    shares = {"others recognised": list(table[RIGHT]), "eights found": list(table[FOUND])}
    grouped_bars(found, names, shares, "of the test, %")
    # The vertical axis is shared, so the second drawing has turned it back.
    drawn.invert_yaxis()
    found.set_xticks(range(0, 101, 25))
    for axes in (drawn, found):
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9, frameon=False)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[ANSWER]}: {row[COMMON]} others and {row[RARE]} eights drawn, {row[DISTINCT]} different eights, "
        f"{short(row[FOUND])} % of the eights found, {short(row[RIGHT])} % of the others recognised"
        for row in table.to_dict("records")
    ]
    return f"Two bar charts, what an epoch draws and what is recognised in the test. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    rows = {row[ANSWER]: row for row in table.to_dict("records")}
    few, more, real = rows[UNIFORM], rows[WEIGHTED], rows[REAL]
    return (
        f"Uniform draws brought {few[RARE]} eights an epoch; draws by weight {more[RARE]}, of {more[DISTINCT]} "
        f"different ones. Found in the test: {short(few[FOUND])} % of the eights with uniform draws, "
        f"{short(more[FOUND])} % by weight, {short(rows[BALANCED][FOUND])} % with balanced batches, "
        f"{short(rows[LOSS][FOUND])} % with weights in the loss. "
        f"With {POOL} real eights it was {short(real[FOUND])} %: {real[RARE]} draws as well, but of {real[DISTINCT]} "
        "different ones."
    )


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    found = dict(zip(table[ANSWER], table[FOUND], strict=True))
    if found[REAL] - found[WEIGHTED] <= CLEARLY:
        return AS_REAL
    return NO_MORE if found[WEIGHTED] - found[UNIFORM] <= CLEARLY else BETWEEN


def view() -> View:
    """Show the experiment with controls, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="imbalance",
            title="What do three answers to imbalance buy?",
            twin="imbalance.imbalance()",
            run=imbalance,
            controls=(
                Slider("rare", "Eights", 2, 80, 4, step=2),
                Slider("epochs", "Epochs", 1, 30, 10),
                Slider("repeats", "Repeats", 1, 10, 5),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"rare": 4, "epochs": 10},
        )
    )
