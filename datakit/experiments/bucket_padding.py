"""How wide should a bucket be?

**Question.** Sentences of unequal length share a batch, and each batch is padded to its longest sentence. How much of
the batches is padding, and how much of it do buckets (batches of similar lengths) save?

**Set-up.** The same sentences in the same random order, batched several times: without buckets, and in buckets of
several widths (:class:`datakit.LengthBucketBatchSampler`). In buckets of width 4, sentences of 1–4 words share batches,
those of 5–8 words, and so on. Every batch is padded (:func:`datakit.pad_sequences`) and goes through a small network,
which computes every place of it, padding included. Padding is counted, and the time of the whole pass is measured: the
quickest of several, taken in turn, because whatever else the machine does can only add to it.

**Plot.** Left: the share of padding for each width. Right: the milliseconds of a pass.

**Look for**

- Without buckets, one long sentence makes its whole batch long.
- The narrower the bucket, the less padding. But each bucket ends with a batch that is not full, and many small batches
  take time, too. The quickest width depends on the lengths, the batch size, the model and the machine.
- "lengths in a batch": in narrow buckets a batch holds hardly more than one length. Short sentences and long ones then
  never meet in a batch, and the order is less random than it looks.
- Where all lengths are equal there is nothing to save.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from datakit._errors import missing_package
from datakit.collates.sequences import pad_sequences
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.sentences import manual_sentences
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.samplers import BatchSampler, LengthBucketBatchSampler, padding_waste

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

WIDTH, PADDING, BATCHES, SMALLER = "bucket width", "padding (%)", "batches", "smaller batches"
LENGTHS, TIME = "lengths in a batch", "pass (ms)"
NO_BUCKETS = "no buckets"
WIDTHS = (32, 16, 8, 4, 2, 1)
ROUNDS = 5  # passes for each width, of which the quickest counts
WORDS, FEATURES, HIDDEN = 1000, 64, 256  # the network's size: different words, and numbers for each word

CLEARLY = 1.2  # a smaller ratio of two times may be chance

# As a learner reads it → what `bucket_padding` takes.
KINDS = {"sentences of Python's manual": "sentences", "one in twenty is very long": "outliers", "all alike": "equal"}

# As a learner reads it → the share in per cent that it stays below.
ANSWERS = {"less than 10 %": 10.0, "10 to 30 %": 30.0, "30 to 50 %": 50.0, "50 to 70 %": 70.0, "more than 70 %": 101.0}
PREDICTION = Prediction(
    name="bucket-padding",
    question=(
        "Sentences of Python's manual, in random batches of 32. Most have 8 to 20 words, few have more than 40. Each "
        "batch is padded to its longest sentence. How much of the batches is padding, as long as there are no buckets?"
    ),
    choices=tuple(ANSWERS),
)


def draw_lengths(kind: str, n: int, seed: int) -> list[int]:
    """Draw the lengths of ``n`` sentences, in words.

    Args:
        kind: ``"sentences"``: as in Python's manual; ``"outliers"``: 5 to 14 words, and one in twenty 100; ``"equal"``:
            15 words each.
        n: how many.
        seed: which ones.

    Raises:
        ValueError: if there is no such kind.
    """
    generator = torch.Generator().manual_seed(seed)
    if kind == "sentences":
        known = torch.tensor([len(sentence.split()) for sentence in manual_sentences()])
        drawn = known[torch.randint(len(known), (n,), generator=generator)]
    elif kind == "outliers":
        drawn = torch.randint(5, 15, (n,), generator=generator)
        drawn[::20] = 100
        drawn = drawn[torch.randperm(n, generator=generator)]
    elif kind == "equal":
        drawn = torch.full((n,), 15)
    else:
        raise ValueError(f"draw_lengths: kind={kind!r} arrived. Use one of {', '.join(KINDS.values())}.")
    return [int(length) for length in drawn]


def bucket_padding(
    n_sentences: int = 1000,
    batch_size: int = 32,
    kind: str = "sentences",
    widths: Sequence[int] = WIDTHS,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Batch the same sentences without buckets and in buckets of several widths.

    Args:
        n_sentences: how many sentences.
        batch_size: sentences in a batch.
        kind: which lengths; see :func:`draw_lengths`.
        widths: the buckets' widths in words.
        seed: which sentences, in which order.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for ``no buckets`` and one for each width: per cent of padding, the number of batches and of those that
        are smaller than ``batch_size``, the mean number of different lengths in a batch, and the milliseconds of a
        pass.

    Raises:
        ValueError: if a number is less than 1, or there is no such kind of lengths.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    if min(n_sentences, batch_size, *widths) < 1:
        raise ValueError(
            f"bucket_padding: n_sentences={n_sentences}, batch_size={batch_size}, widths={list(widths)} arrived. "
            "Use at least 1 everywhere."
        )
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "bucket_padding()") from error
    watch = Watch(progress, stop)
    watch.step(0, 1, "reading the sentences")
    lengths = draw_lengths(kind, n_sentences, seed)
    generator = torch.Generator().manual_seed(seed)
    tokens = [torch.randint(WORDS, (length,), generator=generator) for length in lengths]
    order = [int(i) for i in torch.randperm(n_sentences, generator=generator)]
    plans = {NO_BUCKETS: list(BatchSampler(order, batch_size, drop_last=False))}
    for width in widths:
        boundaries = range(width + 1, max(lengths) + 1, width)
        plans[str(width)] = list(LengthBucketBatchSampler(order, lengths, batch_size, boundaries))
    times = _measure(plans, tokens, watch)
    rows = [
        {
            WIDTH: name,
            PADDING: 100 * padding_waste(batches, lengths),
            BATCHES: len(batches),
            SMALLER: sum(len(batch) < batch_size for batch in batches),
            LENGTHS: statistics.mean(len({lengths[i] for i in batch}) for batch in batches),
            TIME: 1000 * min(times[name]),
        }
        for name, batches in plans.items()
    ]
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _measure(plans: dict[str, list[list[int]]], tokens: list[Tensor], watch: Watch) -> dict[str, list[float]]:
    """Seconds of each pass. The widths take turns, so that whatever else the machine does hits all of them alike."""
    run = _network()
    run(tokens[0][None])  # the first call prepares things that no later one does
    # Where two widths make the same batches, one measurement is the time of both.
    same_as = {name: next(other for other in plans if plans[other] == plans[name]) for name in plans}
    different = list(dict.fromkeys(same_as.values()))
    times: dict[str, list[float]] = {name: [] for name in different}
    for turn in range(ROUNDS):
        for place, name in enumerate(different):
            watch.step(turn * len(different) + place, ROUNDS * len(different), f"a pass, bucket width: {name}")
            start = time.perf_counter()
            for batch in plans[name]:
                run(pad_sequences([tokens[i] for i in batch]).values)
            times[name].append(time.perf_counter() - start)
    return {name: times[same_as[name]] for name in plans}


def _network() -> Callable[[Tensor], object]:
    layers = nn.Sequential(nn.Embedding(WORDS, FEATURES), nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))

    @torch.no_grad()
    def run(batch: Tensor) -> object:
        return layers(batch)

    return run


def plot(table: pd.DataFrame) -> Figure:
    """Draw the share of padding and the milliseconds of a pass, for each width."""
    figure = new_figure(height=0.8 + 0.4 * len(table))
    names = [_shown(name) for name in table[WIDTH]]
    padding, times = figure.subplots(1, 2, sharey=True)
    grouped_bars(padding, names, {"padding": list(table[PADDING])}, "padding, % of the batches")
    grouped_bars(times, names, {"pass": list(table[TIME])}, "a pass, milliseconds")
    # The vertical axis is shared, so the second drawing has turned it back.
    padding.invert_yaxis()
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{_shown(row[WIDTH])}: {short(row[PADDING])} % padding, {short(row[TIME])} ms" for _, row in table.iterrows()
    ]
    return f"Two bar charts, padding and time of a pass for each bucket width. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    rows = table.to_dict("records")
    none, best, fastest = rows[0], min(rows, key=lambda row: row[PADDING]), min(rows, key=lambda row: row[TIME])
    if best[PADDING] < none[PADDING]:
        first = (
            f"Without buckets {short(none[PADDING])} % of the batches were padding; with {_shown(best[WIDTH])} it was "
            f"{short(best[PADDING])} %. The price: {best[SMALLER]} of {best[BATCHES]} batches were smaller than asked "
            f"for, and the different lengths in a batch were {short(best[LENGTHS])} instead of {short(none[LENGTHS])}."
        )
    else:
        first = f"Without buckets {short(none[PADDING])} % of the batches were padding, and no bucket width had less."
    if none[TIME] < CLEARLY * fastest[TIME]:
        return (
            f"{first} No bucket width made the pass clearly quicker: it took {short(none[TIME])} ms without buckets, "
            f"{short(fastest[TIME])} ms at best."
        )
    return (
        f"{first} The quickest pass was the one with {_shown(fastest[WIDTH])}: {short(fastest[TIME])} ms, against "
        f"{short(none[TIME])} ms without buckets."
    )


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    padding = float(table[PADDING].iloc[0])
    return next(answer for answer, below in ANSWERS.items() if padding < below)


def view() -> View:
    """Show the experiment with controls, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="bucket-padding",
            title="How wide should a bucket be?",
            twin="bucket_padding.bucket_padding()",
            run=bucket_padding,
            controls=(
                Slider("n_sentences", "Sentences", 200, 2000, 1000, step=200),
                Choice("batch_size", "Batch size", {str(size): size for size in (8, 16, 32, 64)}, 32),
                Choice("kind", "Lengths", KINDS, "sentences"),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"batch_size": 32, "kind": "sentences"},
        )
    )


def _shown(width: str) -> str:
    return width if width == NO_BUCKETS else f"width {width}"
