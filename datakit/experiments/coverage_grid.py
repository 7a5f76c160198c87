"""Who reads which sample, and is any read twice, or never?

**Question.** Several training processes (ranks) share a dataset, and each rank has several workers. Does each sample
come once in an epoch?

**Set-up.** The numbers 0, 1, 2 … are the samples. They are shared out in five ways:

================================== ==================================================================================
way                                what each reader does
================================== ==================================================================================
stream as it is                    an ``IterableDataset`` yields every sample, and asks nobody which worker it is in
stream, split by worker            each worker takes its share; no worker knows its rank
stream, split by rank and worker   each worker of each rank takes its share (as :class:`datakit.RecordStream` does)
DistributedSampler                 a sampler gives each rank its share, which the rank's workers fetch
DistributedSampler, drop_last      the same, with ``drop_last=True``
================================== ==================================================================================

Each rank's loader has real workers, and each sample comes back with the number of the worker that read it. The ranks
themselves are only numbers here, one after the other in this process: nothing but the number says what a rank reads.

**Plot.** A row for each reader, a column for each sample. A square: the first reader, from above, that brought the
sample. A diamond: one more time. A cross: nobody read it.

**Look for**

- A stream does not split itself. As it is, each worker of each rank reads all of it.
- Where the samples can't be shared evenly, ``DistributedSampler`` repeats the first ones, so that all ranks make the
  same number of steps; with ``drop_last`` it leaves some out instead.
- A stream that is split loses and repeats nothing. The price: "on a rank" may differ. A rank that has a batch more
  than another then waits for it, for ever.
- Threads share one queue: whichever is free fetches the sampler's next batch. That changes who reads a sample, not how
  often it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from datakit._errors import check_positive, missing_package
from datakit.experiments.coverage_ways import AS_IT_IS, WAYS, rank_loader
from datakit.experiments.figures import COLOURS, new_figure
from datakit.experiments.loading import KINDS, start_method
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch
from datakit.samplers import count_draws

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

WAY, READ, REPEATED, LOST, ON_A_RANK = "way", "read", "repeated", "lost", "on a rank"

Reads = dict[tuple[int, int], list[int]]
"""(rank, worker) → the samples that it read, in its order."""

SAMPLES, RANKS, WORKERS = 25, 3, 2
# As a learner reads it → how many samples are read, all readers together.
ANSWERS = {
    "25: the workers divide the stream among them": 25,
    "75: each rank reads all of it, and divides it among its workers": 75,
    "150: each worker of each rank reads all of it": 150,
}
OTHER = "another number"
PREDICTION = Prediction(
    name="coverage-grid",
    question=(
        "An IterableDataset yields 25 samples, one after the other; its __iter__ asks nobody which worker it is in. "
        "Three ranks read it, each by a DataLoader with 2 workers. How many samples arrive in an epoch, all ranks "
        "together?"
    ),
    choices=(*ANSWERS, OTHER),
)


def coverage_grid(
    n_samples: int = SAMPLES,
    ranks: int = RANKS,
    workers: int = WORKERS,
    kind: Literal["process", "thread"] = "process",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Read the same samples in each way, and note who read which.

    Args:
        n_samples: how many samples.
        ranks: how many ranks.
        workers: how many workers each rank has.
        kind: ``"process"`` or ``"thread"``: what the workers are.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each way: samples read by all readers together, how many of them had come before, how many samples
        never came, the fewest and the most on a rank, and for each reader the samples that it read, in its order.

    Raises:
        ValueError: if a number is less than 1, there are more ranks than samples, or there is no such kind.
        ModuleNotFoundError: if pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    for name, value in (("n_samples", n_samples), ("ranks", ranks), ("workers", workers)):
        check_positive(value, name, "coverage_grid")
    if ranks > n_samples:
        raise ValueError(f"coverage_grid: {ranks} ranks and {n_samples} samples arrived. Use a sample a rank or more.")
    context = start_method(kind)
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "coverage_grid()") from error
    watch = Watch(progress, stop)
    rows: list[dict[str, Any]] = []
    for way in WAYS:
        reads: Reads = {(rank, worker): [] for rank in range(ranks) for worker in range(workers)}
        for rank in range(ranks):
            watch.step(len(rows) * ranks + rank, len(WAYS) * ranks, f"{way}, rank {rank}")
            for samples, readers in rank_loader(way, n_samples, rank, ranks, workers, kind, context):
                for sample, worker in zip(samples.tolist(), readers.tolist(), strict=True):
                    reads[rank, worker].append(sample)
        rows.append(_row(way, reads, n_samples))
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _row(way: str, reads: Reads, n: int) -> dict[str, Any]:
    draws = count_draws([sample for samples in reads.values() for sample in samples], n)
    on_rank: dict[int, int] = {}
    for (rank, _), samples in reads.items():
        on_rank[rank] = on_rank.get(rank, 0) + len(samples)
    least, most = min(on_rank.values()), max(on_rank.values())
    readers = {
        f"rank {rank}, worker {worker}": " ".join(map(str, samples)) for (rank, worker), samples in reads.items()
    }
    return {
        WAY: way,
        READ: draws.total,
        REPEATED: draws.repeats,
        LOST: draws.never,
        ON_A_RANK: str(most) if least == most else f"{least} to {most}",
        **readers,
    }


def plot(table: pd.DataFrame) -> Figure:
    """Draw the grid of each way: readers from top to bottom, samples from left to right."""
    readers = _readers(table)
    figure = new_figure(height=0.6 + len(table) * (0.5 + 0.16 * len(readers)))
    grids = figure.subplots(len(table), 1, sharex=True, squeeze=False)[:, 0]
    for axes, row in zip(grids, table.to_dict("records"), strict=True):
        _draw(axes, row, readers)
    grids[-1].set_xlabel("sample", fontsize=11)
    names = ("read", "read once more", "read by nobody")
    figure.legend(grids[0].collections, names, loc="outside upper center", ncols=3, frameon=False, fontsize=11)
    return figure


def _draw(axes: Axes, row: dict[Any, Any], readers: list[str]) -> None:
    first: list[tuple[int, int]] = []
    again: list[tuple[int, int]] = []
    seen: set[int] = set()
    for place, reader in enumerate(readers):
        for sample in map(int, row[reader].split()):
            (again if sample in seen else first).append((sample, place))
            seen.add(sample)
    missing = sorted(set(range(_samples(row))) - seen)
    kinds = (
        (first, "s", COLOURS[0]),
        (again, "D", COLOURS[1]),
        ([(sample, len(readers)) for sample in missing], "x", COLOURS[7]),
    )
    for points, marker, colour in kinds:
        across, down = zip(*points, strict=True) if points else ((), ())
        axes.scatter(across, down, s=14, marker=marker, color=colour)
    axes.set_title(row[WAY], fontsize=11, loc="left")
    axes.set_ylim(len(readers) + 0.6, -0.6)
    places = [place for place, reader in enumerate(readers) if reader.endswith("worker 0")]
    axes.set_yticks(places, [readers[place].partition(",")[0] for place in places], fontsize=10)
    axes.tick_params(axis="x", labelsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"{row[WAY]}: {row[READ]} read, {row[REPEATED]} of them repeated, {row[LOST]} lost"
        for row in table.to_dict("records")
    ]
    return f"Grids of readers and samples, one for each way. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the counts alone."""
    rows = {row[WAY]: row for row in table.to_dict("records")}
    plain, workers, both, padded, cut = (rows[way] for way in WAYS)
    n, readers = _samples(plain), len(_readers(table))
    sentences = [
        f"{_many(n, 'sample')}, {_many(readers, 'reader')}: the stream as it is brought {plain[READ]}; split by worker "
        f"it brought {workers[READ]}; split by rank and worker {both[READ]}, with {both[REPEATED]} repeated and "
        f"{both[LOST]} lost."
    ]
    if "to" in both[ON_A_RANK]:
        sentences.append(
            f"But then the ranks had {both[ON_A_RANK]} samples: they need not make the same number of steps."
        )
    sentences.append(
        f"DistributedSampler gave each rank {padded[ON_A_RANK]} and repeated {padded[REPEATED]}; with drop_last it "
        f"gave each {cut[ON_A_RANK]} and lost {cut[LOST]}."
    )
    return " ".join(sentences)


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    read = int(table.set_index(WAY)[READ][AS_IT_IS])
    return next((answer for answer, count in ANSWERS.items() if count == read), OTHER)


def view() -> View:
    """Show the experiment with sliders, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="coverage-grid",
            title="Who reads which sample, and is any read twice, or never?",
            twin="coverage_grid.coverage_grid()",
            run=coverage_grid,
            controls=(
                Slider("n_samples", "Samples", 6, 40, SAMPLES),
                Slider("ranks", "Ranks", 1, 4, RANKS),
                Slider("workers", "Workers a rank", 1, 3, WORKERS),
                Choice("kind", "Workers are", KINDS, "process"),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"n_samples": SAMPLES, "ranks": RANKS, "workers": WORKERS},
        )
    )


def _readers(table: pd.DataFrame) -> list[str]:
    return [str(column) for column in table if str(column).startswith("rank ")]


def _samples(row: dict[Any, Any]) -> int:
    """Count the dataset's samples: those that came, and those that did not."""
    return int(row[READ] - row[REPEATED] + row[LOST])


def _many(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
