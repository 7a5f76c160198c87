"""Does a Dataset load the data?

**Question.** A Dataset is made of a folder of photographs. Who decodes them, and when: the constructor, or the one who
asks for a photograph?

**Set-up.** The same JPEGs, two Datasets. The *eager* one decodes every file in its constructor and holds the pixels.
The *lazy* one (:class:`datakit.ImageDataset`) holds file names, and decodes a file when it is asked for. Both read
files that the operating system has in memory already, so the difference is decoding, not the disk. Each is constructed,
gives its first photograph, and is then read to the end ``epochs`` times.

**Plot.** Left: milliseconds for each of these steps. Right: the MiB of pixels that each Dataset holds once it is
constructed.

**Look for**

- The lazy constructor returns at once, however many photographs there are; the eager one takes longer with each.
- A photograph of 40 kB on the disk is 550 kB of pixels: what fits the disk need not fit the memory.
- Nothing is free: the lazy Dataset decodes again in every epoch. With more epochs the eager one catches up.
- Nor is holding: while memory grows, the operating system hands out new pages, and the eager
  constructor waits for them.
- "process grew" is what the operating system sees. It is close to "holds", not equal: memory that was freed before
  may be used again, and decoders keep some of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import missing_package
from datakit.datasets.images import ImageDataset
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.memory import MIB, give_back_freed_memory, resident_bytes, tensor_bytes
from datakit.experiments.number_format import short
from datakit.experiments.photographs import SIZES, cached_photographs
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

CONSTRUCT, FIRST, EPOCHS, TOTAL = "constructor (ms)", "first photograph (ms)", "epochs (ms)", "total (ms)"
HOLDS, GREW = "holds (MiB)", "process grew (MiB)"

PREDICTION = Prediction(
    name="eager-lazy",
    question="Both Datasets have just been constructed; nobody has asked for a photograph yet. Which holds pixels?",
    choices=("only the eager one", "only the lazy one", "both", "neither"),
)


class EagerImages(Dataset[tuple[Tensor, int]]):
    """Decodes every image in the constructor.

    Args:
        manifest: a CSV file with the columns ``path`` and ``label``.
        each: called with the number of images decoded so far.
    """

    def __init__(self, manifest: Path, each: Callable[[int], None]) -> None:
        files = ImageDataset(manifest)
        self.samples: list[tuple[Tensor, int]] = []
        for i in range(len(files)):
            each(i)
            self.samples.append(files[i])

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.samples[index]


def eager_vs_lazy(
    n_images: int = 60,
    height: int = 375,
    width: int = 500,
    epochs: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Measure both Datasets on the same photographs.

    Args:
        n_images: how many photographs.
        height: their height in pixels.
        width: their width in pixels.
        epochs: how often each Dataset is read to its end.
        seed: which photographs; see :func:`datakit.samples.photo_corpus`.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for ``eager`` and one for ``lazy``: milliseconds in the constructor, until the first photograph (the
        constructor included), in all epochs, and in total; MiB of pixels held after construction, and MiB by which the
        process's resident memory grew during construction.

    Raises:
        ValueError: if ``n_images`` or ``epochs`` is less than 1, or the size less than 1 pixel.
        ModuleNotFoundError: if pandas, psutil or a package with photographs is not installed.
        StoppedError: if ``stop`` said so.
    """
    if n_images < 1 or epochs < 1:
        raise ValueError(f"eager_vs_lazy: n_images={n_images}, epochs={epochs} arrived. Use at least 1 of each.")
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "eager_vs_lazy()") from error
    watch = Watch(progress, stop)
    manifest = cached_photographs(
        n_images, (height, width), seed, lambda i, n: watch.step(i, 2 * n, "making the photographs")
    )
    # The first half of the bar was for the photographs; the rest is for this many decoded ones.
    decodes = n_images * (1 + epochs)

    def decoded(i: int) -> None:
        watch.step(decodes + i, 2 * decodes, "measuring the eager Dataset")

    def decoded_again(i: int) -> None:
        watch.step(decodes + n_images + i, 2 * decodes, "measuring the lazy Dataset")

    rows = [
        {"Dataset": "eager", **_measure(lambda: EagerImages(manifest, decoded), epochs, lambda i: None)},
        {"Dataset": "lazy", **_measure(lambda: ImageDataset(manifest), epochs, decoded_again)},
    ]
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _measure(construct: Callable[[], Any], epochs: int, each: Callable[[int], None]) -> dict[str, float]:
    give_back_freed_memory()
    before = resident_bytes()
    start = time.perf_counter()
    dataset = construct()
    constructed = time.perf_counter()
    # Looking at memory takes time of its own, which must not count as loading.
    grew = resident_bytes() - before
    held = tensor_bytes(dataset)
    resumed = time.perf_counter()
    dataset[0]
    first = time.perf_counter()
    for epoch in range(epochs):
        for i in range(len(dataset)):
            each(epoch * len(dataset) + i)
            dataset[i]
    end = time.perf_counter()
    construct_ms, first_ms, epochs_ms = (1000 * s for s in (constructed - start, first - resumed, end - first))
    return {
        CONSTRUCT: construct_ms,
        FIRST: construct_ms + first_ms,
        EPOCHS: epochs_ms,
        TOTAL: construct_ms + first_ms + epochs_ms,
        HOLDS: held / MIB,
        GREW: grew / MIB,
    }


def plot(table: pd.DataFrame) -> Figure:
    """Draw the milliseconds of each step, and the MiB held."""
    figure = new_figure()
    times, memory = figure.subplots(1, 2, width_ratios=(3, 2))
    steps = {CONSTRUCT: "constructor", FIRST: "first\nphotograph", EPOCHS: "epochs", TOTAL: "total"}
    bars = {str(row["Dataset"]): [float(row[step]) for step in steps] for _, row in table.iterrows()}
    grouped_bars(times, list(steps.values()), bars, "milliseconds")
    held = {str(row["Dataset"]): [float(row[HOLDS])] for _, row in table.iterrows()}
    grouped_bars(memory, ["pixels\nheld"], held, "MiB")
    figure.legend(*times.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=11)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row['Dataset']}: constructor {short(row[CONSTRUCT])} ms, first photograph after {short(row[FIRST])} ms, "
        f"epochs {short(row[EPOCHS])} ms, total {short(row[TOTAL])} ms, holds {short(row[HOLDS])} MiB of pixels"
        for _, row in table.iterrows()
    ]
    return f"Bar chart of milliseconds for each step and of memory held. {'. '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the measured values alone."""
    by_name = table.set_index("Dataset").to_dict("index")
    eager, lazy = by_name["eager"], by_name["lazy"]
    sooner, later = ("lazy", "eager") if lazy[FIRST] <= eager[FIRST] else ("eager", "lazy")
    sentences = [
        f"When their constructors returned, the eager Dataset held {short(eager[HOLDS])} MiB of pixels and the lazy "
        f"one {short(lazy[HOLDS])} MiB; the {sooner} one had its first photograph ready "
        f"{short(by_name[later][FIRST] - by_name[sooner][FIRST])} ms before the {later} one."
    ]
    ratio = lazy[TOTAL] / eager[TOTAL]
    if 0.9 <= ratio <= 1.1:
        sentences.append(
            f"From first to last both took about the same: {short(eager[TOTAL])} ms and {short(lazy[TOTAL])} ms."
        )
    elif ratio > 1:
        sentences.append(
            f"From first to last the lazy one took {ratio:.1f} times as long ({short(lazy[TOTAL])} ms against "
            f"{short(eager[TOTAL])} ms): it decodes a photograph each time it is asked for it."
        )
    else:
        sentences.append(
            f"From first to last the eager one took {1 / ratio:.1f} times as long ({short(eager[TOTAL])} ms against "
            f"{short(lazy[TOTAL])} ms)."
        )
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    holders = list(table.loc[table[HOLDS] > 0, "Dataset"])
    only, nobody, everybody = "only the {} one", "neither", "both"
    if len(holders) == 1:
        return only.format(holders[0])
    return everybody if holders else nobody


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    def run(size: tuple[int, int], **settings: Any) -> pd.DataFrame:
        return eager_vs_lazy(height=size[0], width=size[1], **settings)

    return View(
        Experiment(
            name="eager-lazy",
            title="Does a Dataset load the data?",
            twin="eager_lazy.eager_vs_lazy()",
            run=run,
            controls=(
                Slider("n_images", "Photographs", 20, 200, 60, step=20),
                Choice("size", "Photograph size", SIZES, (375, 500)),
                Slider("epochs", "Epochs", 1, 3, 1),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
        )
    )
