"""Choose a loader's settings by measuring, and choose again when the load changes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from datakit._errors import check_bool, check_positive, kind_of
from datakit.settings_search import Limits, Search, Tuning
from datakit.trials import MakeLoader, Step

# The load has changed when the wait for a batch moved by so much of a step.
CHANGE = 0.25


class TunedLoader:
    """The loader that :func:`tune` chose; see there.

    Attributes:
        loader: the chosen loader.
        tuning: why it was chosen; print it.
        history: all tunings so far, the latest last.
    """

    def __init__(self, make_loader: MakeLoader, search: Search, adapt: bool) -> None:
        self.make_loader = make_loader
        self.adapt = adapt
        self.history: list[Tuning] = []
        self._search = search
        self._tune()

    @property
    def tuning(self) -> Tuning:
        """The latest tuning."""
        return self.history[-1]

    @property
    def settings(self) -> dict[str, Any]:
        """The chosen settings."""
        return dict(self.tuning.best.settings)

    def __len__(self) -> int:
        """How many batches an epoch has.

        Raises:
            TypeError: if the loader has no length.
        """
        return len(self.loader)  # type: ignore[arg-type]  # a loader without a length fails with Python's message

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch; with ``adapt=True``, tune first if the load has changed."""
        if self.adapt and self._load_has_changed():
            self._tune()
        waits = []
        start = time.perf_counter()
        asked = start
        for batch in self.loader:
            waits.append(time.perf_counter() - asked)
            yield batch
            asked = time.perf_counter()
        # The first batch waits for workers to start, whatever the load.
        if len(waits) > 1:
            batches = len(waits) - 1
            self._note_epoch(sum(waits[1:]) / batches, (time.perf_counter() - start - waits[0]) / batches)

    def _tune(self) -> None:
        # The old loader's workers end before new ones are measured.
        self.loader: Iterable[Any] = ()
        with _random_states_kept():
            tuning = self._search.run(Limits.here())
        self.history.append(tuning)
        self.loader = self.make_loader(**tuning.best.settings)
        self._reference: tuple[float, float] | None = None
        self._latest: tuple[float, float] | None = None

    def _note_epoch(self, wait: float, step: float) -> None:
        self._latest = (wait, step)
        self._reference = self._reference or self._latest

    def _load_has_changed(self) -> bool:
        if self._latest is None or self._reference is None:
            return False
        usual_wait, usual_step = self._reference
        return abs(self._latest[0] - usual_wait) > CHANGE * usual_step


def tune(
    make_loader: MakeLoader,
    step: Step | None = None,
    kinds: Sequence[str] | None = None,
    max_workers: int | None = None,
    seconds: float = 1.0,
    adapt: bool = False,
) -> TunedLoader:
    """Find out how many workers a loader should have, of which kind, and how far they should work ahead.

    Loaders are made with 0, 1, 2, 4 … workers and measured, each for about ``seconds``, until more workers bring less
    than 5 %. Then longer queues are tried. Of the settings that come within 5 % of the fastest, the cheapest is chosen.
    Settings that need more memory or shared memory than there is are skipped; a setting that fails (a dataset that
    can't be pickled, a worker that dies) is noted, and the others are tried. The table says all this::

        print(tune(make_loader).tuning)

    Workers compete with the training step for cores, so pass ``step``: what is measured is then the whole loop.

    Args:
        make_loader: makes the loader. Called with ``num_workers=0``; or with ``num_workers``, ``prefetch_factor`` and,
            if ``kinds`` is given, ``workers``. PyTorch's ``DataLoader`` and datakit's both take these. If it takes a
            ``generator``, make a new one in here, or tuning moves it on. The global generators of PyTorch, NumPy and
            Python are put back to where they stood.
        step: called with each batch while measuring. Use a copy of the model if training must not begin here.
        kinds: which kinds of workers to try, of ``"thread"`` and ``"process"``; by default the loader's own kind,
            taken to be processes.
        max_workers: the most workers to try; by default the number of usable cores.
        seconds: how long to measure each setting; a batch that takes longer is still waited for.
        adapt: whether to tune again before an epoch, when in the last one the wait for a batch moved by more than a
            quarter of a step from what it was in the first epoch after tuning.

    Returns:
        A loader with the chosen settings, with ``settings``, ``tuning`` and ``history``.

    Raises:
        TypeError: if ``make_loader`` can't be called.
        ValueError: if the loader has no batches, or an argument is out of range.
        ModuleNotFoundError: if psutil is not installed.
        Exception: what the loader raises without workers: then it is not the workers' fault.

    Example:
        >>> from torch.utils.data import DataLoader, TensorDataset
        >>> numbers = TensorDataset(torch.arange(1000))
        >>> loader = tune(lambda **settings: DataLoader(numbers, 10, **settings), max_workers=1, seconds=0.1)
        >>> loader.settings  # a sample costs nothing here, and a worker does
        {'num_workers': 0}
    """
    if not callable(make_loader):
        raise TypeError(
            f"tune: make_loader must be a function that makes a loader; {kind_of(make_loader)} arrived. "
            "Write lambda **settings: DataLoader(dataset, batch_size=64, **settings)."
        )
    if kinds is not None and (not kinds or not set(kinds) <= {"thread", "process"}):
        raise ValueError(f"tune: kinds must be some of 'thread' and 'process'; {kinds!r} arrived.")
    if max_workers is not None:
        check_positive(max_workers, "max_workers", "tune")
    if not seconds > 0:
        raise ValueError(f"tune: seconds must be above 0; {seconds!r} arrived.")
    check_bool(adapt, "adapt", "tune")
    return TunedLoader(make_loader, Search(make_loader, step, kinds, max_workers, seconds), adapt)


@contextmanager
def _random_states_kept() -> Iterator[None]:
    """Put the global generators back: training must not differ because its loader was tuned."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
