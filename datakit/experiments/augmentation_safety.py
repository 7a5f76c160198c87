"""Is augmentation always safe?

**Question.** An augmentation is meant to change pixels and to keep the meaning. Does it keep the meaning of handwritten
digits, and what does a classifier gain or lose that learns with it?

**Set-up.** A small network learns from 900 clean digits and reads 897 others: first clean, then augmented. A second
network learns from the same 900, augmented anew in several passes, and reads the clean ones. Both begin with the same
weights. The augmentations are datakit's own transforms; each picture has random numbers of its own.

**Plot.** Left: originals beside several draws, digits and photographs. Right: how many of each digit were read right.

**Look for**

- A mirrored cat is a cat. A mirrored 2 is no digit, and the classifier fails on it.
- Upside down, a 6 is a 9: no classifier can tell which it was.
- Brightness hardly hurts here; moving by a single pixel does, a lot. An augmentation that hurts the first network may
  be just what the second one has to learn, as long as the meaning is kept.
- What is safe depends on the task and on the strength. So: measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from datakit._errors import missing_package
from datakit.experiments.augmentation_operations import LABELS, augmented, in_words, make
from datakit.experiments.augmentation_pictures import IN_WORDS, draw_grid
from datakit.experiments.augmentation_reader import accuracy, learn, split_digits
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

DIGIT, CLEAN, AUGMENTED = "digit", "clean (%)", "augmented (%)"
READ_AS, LEARNED = "augmented, mostly read as", "learned with it, clean (%)"
ALL = "all"
PASSES = 3  # over the digits that the second network learns from
ALIKE = 1.5  # per cent: a smaller difference between two networks may be chance

# As a learner reads it → how many of 100 it stays below.
ANSWERS = {"fewer than 20": 20.0, "20 to 50": 50.0, "50 to 80": 80.0, "more than 80": 101.0}
PREDICTION = Prediction(
    name="augmentation-safety",
    question=(
        "A small network has learned to read clean digits: of 100 new ones it reads about 96 right. Now each new digit "
        "is mirrored (left and right). How many of 100 does it read right?"
    ),
    choices=tuple(ANSWERS),
)


def augmentation_safety(
    operation: str = "mirror",
    strength: int = 100,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Measure what an augmentation does to the reading of digits.

    Args:
        operation: a key of :data:`datakit.experiments.augmentation_operations.OPERATIONS`.
        strength: per cent, 0 … 100.
        seed: draws the augmentations, and the networks' first weights.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for ``all`` and one for each digit: per cent that the network which learned from clean digits reads
        right, clean and augmented; as what it reads most of the augmented ones; and per cent of clean digits that the
        network which learned with the augmentation reads right. ``attrs`` holds the settings.

    Raises:
        ValueError: if there is no such operation, or the strength is out of its range.
        ModuleNotFoundError: if pandas or scikit-learn is not installed.
        StoppedError: if ``stop`` said so.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "augmentation_safety()") from error
    make(operation, strength, side=8)  # refuses what can't be, before anything takes time
    watch = Watch(progress, stop)
    watch.step(0, PASSES + 3, "learning from clean digits")
    known, new = split_digits()
    reads_clean = learn(known.images, known.labels, seed)
    passes = []
    for epoch in range(1, PASSES + 1):
        watch.step(epoch, PASSES + 3, f"augmenting, pass {epoch}")
        passes.append(augmented(known.images, operation, strength, seed, epoch))
    watch.step(PASSES + 1, PASSES + 3, "learning from augmented digits")
    learned_with_it = learn(torch.cat(passes), known.labels.repeat(PASSES), seed)
    watch.step(PASSES + 2, PASSES + 3, "reading")
    altered = augmented(new.images, operation, strength, seed)
    rows = []
    for digit in (None, *range(10)):
        here = slice(None) if digit is None else new.labels == digit
        labels = new.labels[here]
        read_as = "" if digit is None else str(int(reads_clean(altered[here]).mode().values))
        rows.append(
            {
                DIGIT: ALL if digit is None else str(digit),
                CLEAN: accuracy(reads_clean, new.images[here], labels),
                AUGMENTED: accuracy(reads_clean, altered[here], labels),
                READ_AS: read_as,
                LEARNED: accuracy(learned_with_it, new.images[here], labels),
            }
        )
    watch.step(1, 1, "done")
    table = pd.DataFrame(rows)
    table.attrs = {"operation": operation, "strength": strength, "seed": seed}
    return table


def plot(table: pd.DataFrame) -> Figure:
    """Draw originals beside several draws, and how many of each digit were read right."""
    figure = new_figure(width=9.5, height=4.6)
    grid, measured = figure.subfigures(1, 2, squeeze=False, width_ratios=[1.2, 1])[0]
    settings = table.attrs
    draw_grid(grid, settings["operation"], settings["strength"], settings["seed"])
    series = {"clean": list(table[CLEAN]), "augmented": list(table[AUGMENTED])}
    axes = measured.subplots()
    grouped_bars(axes, list(table[DIGIT]), series, "read right, % (learned from clean digits)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[DIGIT]}: {short(row[CLEAN])} % clean, {short(row[AUGMENTED])} % augmented" for _, row in table.iterrows()
    ]
    return (
        f"Left: {IN_WORDS}, each beside five augmented twins ({_settings(table)}). Right: bars with how many were read "
        f"right, clean and augmented. {'; '.join(rows)}."
    )


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    total, *digits = table.to_dict("records")
    worst = min(digits, key=lambda row: row[AUGMENTED] - row[CLEAN])
    words = (
        f"This augmentation: {_settings(table)}. The network that learned from clean digits read "
        f"{short(total[CLEAN])} % of the clean ones right, and {short(total[AUGMENTED])} % of the augmented ones."
    )
    if worst[AUGMENTED] < worst[CLEAN]:
        words += f" The {worst[DIGIT]} suffered most: from {short(worst[CLEAN])} % to {short(worst[AUGMENTED])} %"
        taken = "" if worst[READ_AS] == worst[DIGIT] else f", and was mostly read as {worst[READ_AS]}"
        words += f"{taken}."
    difference = total[LEARNED] - total[CLEAN]
    compared = "about as many as" if abs(difference) < ALIKE else "more than" if difference > 0 else "fewer than"
    return (
        f"{words} The network that learned with the augmentation read {short(total[LEARNED])} % of the clean digits "
        f"right, {compared} the other one."
    )


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    right = float(table[AUGMENTED].iloc[0])
    return next(answer for answer, below in ANSWERS.items() if right < below)


def view() -> View:
    """Show the experiment with controls, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="augmentation-safety",
            title="Is augmentation always safe?",
            twin="augmentation_safety.augmentation_safety()",
            run=augmentation_safety,
            controls=(
                Choice("operation", "Augmentation", LABELS, "mirror"),
                Slider("strength", "Strength (%)", 0, 100, 100, step=5),
                Slider("seed", "Seed", 0, 9, 0),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"operation": "mirror", "strength": 100},
        )
    )


def _settings(table: pd.DataFrame) -> str:
    return in_words(table.attrs["operation"], table.attrs["strength"])
