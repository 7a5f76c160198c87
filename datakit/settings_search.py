"""Which settings of a loader are tried, which fit, and which is the best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datakit.machine_limits import available_memory, free_shared_memory, usable_cores
from datakit.text_table import in_units, text_table
from datakit.trials import MakeLoader, Settings, Step, Trial, run_trial

# Less than this is measuring noise, and not worth a worker.
GAIN = 0.05
# What others may need before the next look.
SAFE_SHARE = 0.8
# PyTorch's own choice comes first; a longer queue helps where some samples take much longer than others.
SHORTEST_QUEUE, LONGEST_QUEUE = 2, 8


@dataclass(frozen=True)
class Limits:
    """What the workers may use.

    Attributes:
        cores: usable cores; as many workers are tried, rounded up.
        memory: available memory, in bytes.
        shared_memory: free shared memory, in bytes; ``None`` where the system has no such limit.
    """

    cores: float
    memory: int
    shared_memory: int | None

    @classmethod
    def here(cls) -> Limits:
        """Read the limits of this process."""
        return cls(usable_cores(), available_memory(), free_shared_memory())

    def __str__(self) -> str:
        shared = "" if self.shared_memory is None else f", {in_units(self.shared_memory)} of shared memory"
        return f"{self.cores:g} usable cores, {in_units(self.memory)} of memory{shared}"

    def objection(self, settings: Settings, bytes_per_batch: int, bytes_per_worker: float) -> str:
        """Say why ``settings`` would not fit, from what earlier trials needed; empty if they fit."""
        if settings["num_workers"] == 0 or settings.get("workers") == "thread":
            return ""
        # Each batch that waits, the one in hand and the one that is being sent lie in shared memory.
        shared = bytes_per_batch * (settings["num_workers"] * settings["prefetch_factor"] + 2)
        if self.shared_memory is not None and shared > SAFE_SHARE * self.shared_memory:
            return f"skipped: needs {in_units(shared)} of shared memory, {in_units(self.shared_memory)} are free"
        memory = settings["num_workers"] * bytes_per_worker + shared
        if memory > SAFE_SHARE * self.memory:
            return f"skipped: needs {in_units(memory)} of memory, {in_units(self.memory)} are available"
        return ""


@dataclass(frozen=True)
class Tuning:
    """What was measured and what was chosen; print it to read why.

    Attributes:
        trials: in the order in which they were made.
        best: the cheapest of those that come within 5 % of the fastest.
        limits: what the workers were allowed.
    """

    trials: Sequence[Trial]
    best: Trial
    limits: Limits

    def rows(self) -> list[dict[str, Any]]:
        """Return the trials as a table: one dict a row, for ``pandas.DataFrame``."""
        return [
            {
                **{key: trial.settings.get(key) for key in ("num_workers", "workers", "prefetch_factor")},
                "batches/s": None if trial.seconds is None else 1 / trial.seconds,
                "note": self._note(trial),
            }
            for trial in self.trials
        ]

    def __str__(self) -> str:
        texts = [{key: _shown(value) for key, value in row.items()} for row in self.rows()]
        return f"{self.limits}; a batch is {in_units(self.best.bytes_per_batch)}\n{text_table(texts)}"

    def _note(self, trial: Trial) -> str:
        if trial is not self.best:
            return trial.note
        fastest = min(other.seconds for other in self.trials if other.seconds is not None)
        if trial.seconds == fastest:
            return "chosen: the fastest, and nothing cheaper comes within 5 %"
        return "chosen: within 5 % of the fastest, and cheaper"


def choose(trials: Sequence[Trial]) -> Trial:
    """Return the cheapest trial among those that come within 5 % of the fastest; at least one was measured."""
    measured = [(trial.seconds, trial) for trial in trials if trial.seconds is not None]
    fastest = min(seconds for seconds, _ in measured)
    good = [(trial.cost(), seconds, trial) for seconds, trial in measured if (1 - GAIN) * seconds <= fastest]
    return min(good, key=lambda entry: entry[:2])[2]


@dataclass(frozen=True)
class Search:
    """The order in which settings are tried; the arguments are those of :func:`datakit.tune`."""

    make_loader: MakeLoader
    step: Step | None
    kinds: Sequence[str] | None
    max_workers: int | None
    seconds: float

    def run(self, limits: Limits) -> Tuning:
        """Try settings until others are no better or don't fit."""
        trials = [run_trial(self.make_loader, {"num_workers": 0}, self.step, self.seconds)]
        most = self.max_workers or math.ceil(limits.cores)
        kinds: Sequence[str | None] = self.kinds or [None]
        for kind in kinds:
            self._add_workers(trials, kind, most, limits)
        self._lengthen_queue(trials, limits)
        return Tuning(trials, choose(trials), limits)

    def _add_workers(self, trials: list[Trial], kind: str | None, most: int, limits: Limits) -> None:
        """Try 1, 2, 4 … workers of a kind, until more bring nothing or don't fit."""
        before = math.inf
        for count in _doubling(most):
            settings: dict[str, Any] = {"num_workers": count, "prefetch_factor": SHORTEST_QUEUE}
            if kind is not None:
                settings["workers"] = kind
            trials.append(self._try(settings, trials, limits))
            seconds = trials[-1].seconds
            if seconds is None or seconds > (1 - GAIN) * before:
                return
            before = seconds

    def _lengthen_queue(self, trials: list[Trial], limits: Limits) -> None:
        best = choose(trials)
        while best.workers > 0 and best.settings["prefetch_factor"] < LONGEST_QUEUE:
            settings = {**best.settings, "prefetch_factor": 2 * best.settings["prefetch_factor"]}
            trials.append(self._try(settings, trials, limits))
            if choose(trials) is not trials[-1]:
                return
            best = trials[-1]

    def _try(self, settings: Settings, trials: Sequence[Trial], limits: Limits) -> Trial:
        per_worker = max(trial.bytes_per_worker for trial in trials)
        objection = limits.objection(settings, trials[0].bytes_per_batch, per_worker)
        if objection:
            return Trial(settings, note=objection)
        try:
            return run_trial(self.make_loader, settings, self.step, self.seconds)
        except Exception as error:
            # The loader works without workers, so this is a finding about these settings, not a reason to give up.
            message = str(error).strip().partition("\n")[0]
            return Trial(settings, note=f"failed: {type(error).__name__}: {message}")


def _doubling(most: int) -> Iterator[int]:
    """Count 1, 2, 4 … and ``most``."""
    count = 1
    while count < most:
        yield count
        count *= 2
    yield most


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    return "" if value is None else str(value)
