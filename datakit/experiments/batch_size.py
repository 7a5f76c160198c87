"""What does a larger batch cost, and what does it bring?

**Question.** A model trains with batches of 1, of 4, and so on. How many samples a second come through, and how much
memory does a step need?

**Set-up.** A network of two hidden layers names one of ten classes. For each batch size it makes training steps
(forward, backward, optimiser) for a while, on a GPU where there is one. Memory is counted, not measured, so it is the
same on every machine: what autograd keeps of the forward pass for the backward pass, and what is there at any batch
size, the weights, their gradients and their momentum.

**Plot.** Left: samples a second. Right: the memory, of both kinds. All on logarithmic scales: each tick is ten times
the last.

**Look for**

- A step costs something by itself, whatever is in it: functions are called, kernels are started. A larger batch divides
  that among more samples. That ends where computing takes longer than calling.
- What is kept for the backward pass grows with the batch, sample by sample. The model's own memory doesn't.
- More samples a second is not learning faster: a larger batch makes fewer steps an epoch.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from datakit._errors import check_positive, missing_package
from datakit.experiments.figures import COLOURS, new_figure
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.kept_for_backward import KeptForBackward

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

BATCH, STEP, RATE = "batch size", "step (ms)", "samples a second"
KEPT, OWN = "kept for backward (KiB)", "model and optimiser (KiB)"

BATCH_SIZES = (1, 4, 16, 64, 256, 1024)
FEATURES, CLASSES = 64, 10
WIDTH = 256
KIB = 2**10
WARMUP = 3
# Weights, their gradients and their momentum.
COPIES = 3

FEW, MANY = 1, 256
PREDICTION = Prediction(
    name="batch_size",
    question=(
        f"A network with two hidden layers of {WIDTH} is trained with batches of {FEW}, and with batches of {MANY}. "
        f"How many times as many samples a second come through with {MANY}?"
    ),
    between=(0.1, 10_000.0),
    unit="times",
)


def batch_size(
    width: int = WIDTH,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    seconds: float = 0.5,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Train with several batch sizes, and count samples and bytes.

    Args:
        width: the size of each of two hidden layers.
        batch_sizes: the batch sizes to try.
        seconds: how long to train with each; at least one step is made.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked before every step whether to stop.

    Returns:
        One row for each batch size: milliseconds a step, samples a second, KiB that a step keeps for the backward pass,
        and KiB of weights, gradients and momentum.

    Raises:
        ValueError: if a number is out of range.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    check_positive(width, "width", "batch_size")
    for size in batch_sizes:
        check_positive(size, "batch_sizes", "batch_size")
    if not 0 < seconds < 60:
        raise ValueError(f"batch_size: seconds={seconds!r} arrived. Use more than 0 and less than 60.")
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "batch_size()") from error
    watch = Watch(progress, stop)
    rows = []
    for number, size in enumerate(batch_sizes):

        def each(share: float, number: int = number, words: str = f"batches of {size}") -> None:
            watch.step(round(1000 * (number + share)), 1000 * len(batch_sizes), words)

        rows.append({BATCH: size, **_measure(width, size, seconds, each)})
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _measure(width: int, size: int, seconds: float, each: Any) -> dict[str, float]:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(size, FEATURES, generator=generator).to(device)
    y = torch.randint(CLASSES, (size,), generator=generator).to(device)
    # The first weights are random, and the learner's own random numbers must stay as they are.
    with torch.random.fork_rng(devices=[]):
        layers = (nn.Linear(FEATURES, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, CLASSES))
    model = nn.Sequential(*layers).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    with KeptForBackward(model) as kept:
        _loss(model, x, y)
    for _ in range(WARMUP):
        _step(model, optimizer, x, y)
    _wait(device)
    begin, steps, took = time.perf_counter(), 0, 0.0
    while took < seconds:
        each(took / seconds)
        _step(model, optimizer, x, y)
        _wait(device)
        steps += 1
        took = time.perf_counter() - begin
    own = COPIES * sum(parameter.nbytes for parameter in model.parameters())
    return {STEP: 1000 * took / steps, RATE: size * steps / took, KEPT: kept.nbytes / KIB, OWN: own / KIB}


def _loss(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return nn.functional.cross_entropy(model(x), y)


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    optimizer.zero_grad()
    _loss(model, x, y).backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def plot(table: pd.DataFrame) -> Figure:
    """Draw samples a second, and both kinds of memory, by batch size."""
    figure = new_figure(height=3.4)
    rate, memory = figure.subplots(1, 2)
    sizes = list(table[BATCH])
    rate.plot(sizes, table[RATE], "o-", color=COLOURS[0])
    rate.set_title("samples a second", fontsize=11)
    for column, style, colour in ((KEPT, "s-", COLOURS[1]), (OWN, "^--", COLOURS[2])):
        memory.plot(sizes, table[column], style, color=colour, label=column.removesuffix(" (KiB)"))
    memory.set_title("memory, KiB", fontsize=11)
    memory.legend(frameon=False, fontsize=10)
    for axes in (rate, memory):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
        axes.tick_params(axis="x", which="minor", bottom=False)
        axes.set_xlabel(BATCH, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[BATCH]}: {short(row[RATE])} samples a second, {short(row[KEPT])} KiB kept"
        for row in table.to_dict("records")
    ]
    return f"Two line charts by batch size, samples a second and memory. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the values alone."""
    rows = table.to_dict("records")
    first, last = rows[0], rows[-1]
    best = max(rows, key=lambda row: row[RATE])
    return (
        f"With batches of {first[BATCH]}, {short(first[RATE])} samples a second came through. Most came with batches "
        f"of {best[BATCH]}: {short(best[RATE])}, {short(best[RATE] / first[RATE])} times as many. For the backward "
        f"pass, a batch of {first[BATCH]} keeps {short(first[KEPT])} KiB, a batch of {last[BATCH]} keeps "
        f"{short(last[KEPT])} KiB; weights, gradients and momentum take {short(first[OWN])} KiB with each."
    )


def measured(table: pd.DataFrame) -> float:
    """Answer the prediction's question from the table."""
    rates = table.set_index(BATCH)[RATE]
    return float(rates[MANY] / rates[FEW])


def view() -> View:
    """Show the experiment with a slider, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="batch_size",
            title="What does a larger batch cost, and what does it bring?",
            twin="batch_size.batch_size()",
            run=batch_size,
            controls=(Slider("width", "Width of a layer", 64, 1024, WIDTH, step=64),),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"width": WIDTH},
        )
    )
