"""What a profile says: a table, a verdict, and what to try next."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datakit._errors import missing_package
from datakit.machine_limits import usable_cores
from datakit.text_table import in_units, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PHASES = ("data", "copy", "forward", "backward", "optimiser", "other")
# Waiting for data should take less than this of a step.
TARGET = 0.10
# Below this, the loader has time to spare.
SPARE = 0.02
BUSY = 0.8

DATA_STARVED, BALANCED, COMPUTE_BOUND = "data-starved", "balanced", "compute-bound"
# Source: M. Okabe and K. Ito, "Color Universal Design (CUD)", 2008.
COLOURS = ("#D55E00", "#E69F00", "#0072B2", "#56B4E9", "#009E73", "#999999")


@dataclass(frozen=True)
class ProfileReport:
    """The measured steps of a loop; print it to read it.

    Attributes:
        steps: for each step, phase → seconds.
        samples: how many samples the steps had, all together.
        first_batch_seconds: how long the first batch took: workers start, caches fill.
        peak_memory: the most bytes at one time: this process, and what its workers have for themselves.
        peak_gpu_memory: the most bytes that tensors took on the GPU; ``None`` without one.
        num_workers: the loader's workers; ``None`` where it does not say.
        worker_use: CPU time of worker processes ÷ the time they were there, 0 to 1; ``None`` where it is not known.
        padding: the part of padded batches that is padding, 0 to 1; ``None`` where batches have no mask.
    """

    steps: Sequence[Mapping[str, float]]
    samples: int
    first_batch_seconds: float
    peak_memory: int
    peak_gpu_memory: int | None = None
    num_workers: int | None = None
    worker_use: float | None = None
    padding: float | None = None

    @property
    def step_seconds(self) -> float:
        """Mean seconds a step."""
        return sum(sum(step.values()) for step in self.steps) / len(self.steps)

    @property
    def samples_per_second(self) -> float:
        """Throughput."""
        return self.samples / (self.step_seconds * len(self.steps))

    def share(self, phase: str) -> float:
        """Return the part of all steps' time that a phase took, 0 to 1."""
        return sum(step[phase] for step in self.steps) / (self.step_seconds * len(self.steps))

    @property
    def waiting(self) -> float:
        """The part of the time in which the model waits for its data: for the loader and for the copy, 0 to 1."""
        return self.share("data") + self.share("copy")

    @property
    def verdict(self) -> str:
        """``"data-starved"`` (waits for 10 % or more), ``"compute-bound"`` (less than 2 %) or ``"balanced"``."""
        if self.waiting >= TARGET:
            return DATA_STARVED
        return COMPUTE_BOUND if self.waiting < SPARE else BALANCED

    @property
    def advice(self) -> str:
        """What to try next."""
        if self.padding is not None and self.padding > 0.2:
            extra = f" {self.padding:.0%} of each batch is padding: batch samples of like length together."
        else:
            extra = ""
        return self._next_thing() + extra

    def _next_thing(self) -> str:
        if self.verdict == COMPUTE_BOUND:
            return "Loading is hidden. To be faster, speed up the model: mixed precision, a larger batch, compilation."
        if self.verdict == BALANCED and self.num_workers == 0:
            return "Loading is part of the loop, a small one; one worker would hide it."
        if self.verdict == BALANCED:
            return "Loading only just keeps up. A faster model would wait for it."
        if self.share("copy") > self.share("data"):
            return "Copy ahead with PrefetchLoader, from pinned memory, and send bytes rather than floats."
        if self.num_workers == 0:
            return "Load in the background: num_workers of at least 1; tune() finds how many."
        if self.worker_use is not None and self.worker_use < BUSY / 2:
            return "Workers wait for storage: use larger files (shards), a cache, or more workers than cores."
        if self.num_workers is not None and self.num_workers < usable_cores():
            return f"Use more workers: {usable_cores():g} cores may be used; tune() finds how many."
        return "Workers are busy on all cores: make a sample cheaper. Cache decoded samples, decode less, keep uint8."

    def rows(self) -> list[dict[str, Any]]:
        """Return one dict for each phase that took time, for ``pandas.DataFrame``."""
        return [
            {
                "phase": phase,
                "mean (ms)": 1000 * self.share(phase) * self.step_seconds,
                "median (ms)": 1000 * statistics.median(step[phase] for step in self.steps),
                "longest (ms)": 1000 * max(step[phase] for step in self.steps),
                "share": self.share(phase),
            }
            for phase in PHASES
            if self.share(phase) > 0
        ]

    def __str__(self) -> str:
        texts = [
            {
                "phase": row["phase"],
                **{name: f"{row[name]:.2f}" for name in ("mean (ms)", "median (ms)", "longest (ms)")},
                "share": f"{row['share']:.1%}",
            }
            for row in self.rows()
        ]
        return "\n".join(
            [
                text_table(texts),
                f"{self.samples_per_second:.0f} samples/s, {1000 * self.step_seconds:.2f} ms a step, "
                f"{len(self.steps)} steps; the first batch took {self.first_batch_seconds:.2f} s",
                "; ".join(self._resources()),
                f"waits for data {self.waiting:.1%} of a step (target: under {TARGET:.0%}): {self.verdict}",
                f"Next: {self.advice}",
            ]
        )

    def _resources(self) -> list[str]:
        parts = [f"peak memory {in_units(self.peak_memory)}"]
        if self.peak_gpu_memory is not None:
            parts.append(f"on the GPU {in_units(self.peak_gpu_memory)}")
        if self.num_workers is not None:
            busy = "" if self.worker_use is None else f", busy {self.worker_use:.0%} of the time"
            parts.append(f"{self.num_workers} workers{busy}")
        if self.padding is not None:
            parts.append(f"padding {self.padding:.1%}")
        return parts

    def plot(self) -> Figure:
        """Draw each step as a bar of its phases, in milliseconds.

        Raises:
            ModuleNotFoundError: if matplotlib is not installed.
        """
        try:
            from matplotlib.figure import Figure
        except ModuleNotFoundError as error:
            raise missing_package("matplotlib", "ProfileReport.plot()") from error
        figure = Figure(figsize=(7.5, 3.2), layout="constrained")
        axes = figure.subplots()
        below = [0.0] * len(self.steps)
        for phase, colour in zip(PHASES, COLOURS, strict=True):
            heights = [1000 * step[phase] for step in self.steps]
            if any(heights):
                label = f"{phase} {self.share(phase):.0%}"
                axes.bar(range(len(heights)), heights, 1.0, bottom=below, label=label, color=colour)
                below = [low + height for low, height in zip(below, heights, strict=True)]
        axes.set_xlabel("step")
        axes.set_ylabel("ms")
        axes.set_title(f"{self.verdict}: waits for data {self.waiting:.0%} of a step (target: under {TARGET:.0%})")
        figure.legend(loc="outside right upper", frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        return figure
