"""Where does the time of a training step go?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from datakit._errors import check_positive, kind_of, quoted
from datakit.clocks import clock_for
from datakit.nesting import tensors_in
from datakit.process_usage import ProcessUsage
from datakit.profile_report import PHASES, ProfileReport

# The parts of a step that the loop itself marks.
MARKED = ("copy", "forward", "backward", "optimiser")
# The first steps start workers, fill caches and choose kernels.
WARMUP = 3

# Its name, and the marks at its start and its end.
Part = tuple[str, Any, Any]


class Profiler:
    """A loader that measures the loop around it; see :func:`profile`."""

    def __init__(self, loader: Iterable[Any], device: torch.device, steps: int | None) -> None:
        self.loader = loader
        self.device = device
        self.steps = steps
        self._begun = False
        self._clock = clock_for(device)
        self._usage = ProcessUsage()
        # For each whole step: its parts (name, mark at the start, mark at the end), the whole of it last.
        self._steps: list[list[Part]] = []
        self._parts: list[Part] | None = None
        self._samples: list[int] = []
        self._masks: list[tuple[Tensor, int]] = []

    def __iter__(self) -> Iterator[Any]:
        """Loop over the loader, and measure each step; ends after ``steps`` of them, the first three not counted.

        Raises:
            RuntimeError: if there was a loop before; make a new profiler for each.
        """
        if self._begun:
            raise RuntimeError("profile: this loop was measured already. Call profile(loader) again for another.")
        self._begun = True
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        with self._usage:
            batches = iter(self.loader)
            start = self._clock.mark()
            while self.steps is None or len(self._steps) < self.steps + WARMUP:
                try:
                    batch = next(batches)
                except StopIteration:
                    return
                self._parts = [("data", start, self._clock.mark())]
                samples = _samples_in(batch)
                mask = find_mask(batch)
                yield batch
                end = self._clock.mark()
                self._steps.append([*self._parts, ("step", start, end)])
                self._parts = None
                self._samples.append(samples)
                if mask is not None:
                    # Not `.item()`: that would stop the host until the GPU has caught up.
                    self._masks.append((mask.sum(), mask.numel()))
                start = end

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Mark a part of the step.

        Args:
            name: ``"copy"``, ``"forward"``, ``"backward"`` or ``"optimiser"``. A part may come several times in a step.

        Raises:
            ValueError: if there is no such part.
            RuntimeError: outside the loop, or inside another phase.
        """
        if name not in MARKED:
            raise ValueError(f"profile: a phase is one of {quoted(MARKED)}; {name!r} arrived.")
        if self._parts is None:
            raise RuntimeError(
                f"profile: phase({name!r}) was entered outside the loop, or inside another phase. "
                "Write: for batch in run: with run.phase(...): …, one phase after another."
            )
        parts, self._parts = self._parts, None
        start = self._clock.mark()
        try:
            yield
        finally:
            # The loop may go on after an error in the part: skip the batch, say.
            parts.append((name, start, self._clock.mark()))
            self._parts = parts

    def report(self) -> ProfileReport:
        """Return what was measured so far.

        Raises:
            RuntimeError: if there were no steps beyond the first three.
        """
        counted = self._steps[WARMUP:]
        if not counted:
            raise RuntimeError(
                f"profile: {len(self._steps)} steps were made, and the first {WARMUP} don't count: they start workers "
                "and fill caches. Use more or smaller batches."
            )
        workers = getattr(_innermost(self.loader), "num_workers", None)
        on_gpu = self.device.type == "cuda"
        (_, *first_wait), *_ = self._steps[0]
        return ProfileReport(
            steps=[self._seconds(parts) for parts in counted],
            samples=sum(self._samples[WARMUP:]),
            first_batch_seconds=self._clock.seconds(*first_wait),
            peak_memory=self._usage.peak_memory,
            peak_gpu_memory=torch.cuda.max_memory_allocated(self.device) if on_gpu else None,
            num_workers=workers,
            worker_use=self._worker_use(workers),
            padding=self._padding(),
        )

    def _seconds(self, parts: list[Part]) -> dict[str, float]:
        seconds = dict.fromkeys(PHASES, 0.0)
        *named, (_, start, end) = parts
        for name, part_start, part_end in named:
            seconds[name] += self._clock.seconds(part_start, part_end)
        # A GPU's clock ticks coarsely enough for the parts to exceed the whole.
        seconds["other"] = max(0.0, self._clock.seconds(start, end) - sum(seconds.values()))
        return seconds

    def _padding(self) -> float | None:
        if not self._masks:
            return None
        return 1 - sum(int(real) for real, _ in self._masks) / max(1, sum(total for _, total in self._masks))

    def _worker_use(self, workers: int | None) -> float | None:
        # Threads share this process's CPU time with the loop; theirs alone is not known.
        used = self._usage.worker_seconds
        if not workers or not used:
            return None
        return min(1.0, used / (workers * self._usage.seconds))


def profile(loader: Iterable[Any], device: str | torch.device = "cpu", steps: int | None = None) -> Profiler:
    """Measure a training loop: how much of a step waits for data, copies it, computes.

    Put it around the loader, and name the parts of the step::

        run = profile(loader, "cuda", steps=100)
        for images, labels in run:
            with run.phase("copy"):
                images, labels = images.to("cuda"), labels.to("cuda")
            with run.phase("forward"):
                loss = criterion(model(images), labels)
            with run.phase("backward"):
                loss.backward()
            with run.phase("optimiser"):
                optimiser.step()
                optimiser.zero_grad()
        print(run.report())

    The wait for data is measured by itself; what has no name is "other". On a GPU all times are the GPU's own, taken
    by events, and nothing waits for anything while the loop runs. The first three steps are left out.

    Args:
        loader: an iterable of batches. Where a batch holds a bool tensor called ``mask`` (true where there is data), as
            :func:`datakit.pad_sequences` makes it, padding is measured as well.
        device: where the model computes.
        steps: how many steps to measure; by default an epoch.

    Raises:
        TypeError: if ``loader`` can't be looped over.
        ValueError: if ``steps`` is not a positive integer.
        ModuleNotFoundError: if psutil is not installed.

    Example:
        >>> run = profile([torch.ones(8, 2)] * 20, steps=5)
        >>> for batch in run:
        ...     with run.phase("forward"):
        ...         result = batch.sum()
        >>> len(run.report().steps)
        5
    """
    if not hasattr(loader, "__iter__"):
        raise TypeError(f"profile: {kind_of(loader)} can't be looped over. Pass a DataLoader.")
    if steps is not None:
        check_positive(steps, "steps", "profile")
    return Profiler(loader, torch.device(device), steps)


def find_mask(batch: Any) -> Tensor | None:
    """Return the first bool tensor called ``mask`` in a batch: a field or a key, at any depth."""
    if isinstance(batch, (str, bytes, Tensor)):
        return None
    mask = batch.get("mask") if isinstance(batch, dict) else getattr(batch, "mask", None)
    if isinstance(mask, Tensor) and mask.dtype == torch.bool:
        return mask
    parts = batch.values() if isinstance(batch, dict) else batch if isinstance(batch, (tuple, list)) else ()
    return next((found for part in parts if (found := find_mask(part)) is not None), None)


def _samples_in(batch: Any) -> int:
    """Return the length of the first tensor that has one."""
    return next((len(tensor) for tensor in tensors_in(batch) if tensor.ndim > 0), 1)


def _innermost(loader: Any) -> Any:
    """Return the loader inside loaders that wrap another, as ``PrefetchLoader`` does."""
    while hasattr(loader, "loader"):
        loader = loader.loader
    return loader
