"""Random numbers that depend on the sample, not on who fetches it.

Workers share the samples of an epoch among themselves, and who gets which depends on how many they are. So a generator
for each worker can't repeat a run that has more workers, or that was resumed. A generator for each **sample** can: it
is seeded from (seed, epoch, index), whoever makes the sample.

Source: "Transformations", Grain documentation, RandomMapTransform: a generator for each record.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import torch


class Place:
    """Where in an epoch the work stands: which sample is being made here and now.

    Inside ``with place:``, in this thread, :func:`sample_random` answers for it.

    Args:
        seed: the epoch's seed.

    Attributes:
        position: the sample's number within the epoch; whoever fetches moves it on from sample to sample.
    """

    __slots__ = ("_drawn", "_drawn_at", "_first", "_indices", "_token", "position", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.begin(0, (None,))

    # Not a generator with `contextmanager`, which would take longer than all else that a loader does for a batch.
    def __enter__(self) -> None:
        self._token = _current.set(self)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)

    def begin(self, first: int, indices: Sequence[object]) -> None:
        """Go to the first of several samples.

        Args:
            first: its number within the epoch.
            indices: what the dataset is asked for, for this sample and those after it.
        """
        self.position = self._first = first
        self._indices = indices
        self._drawn: random.Random | None = None
        self._drawn_at = first

    @property
    def index(self) -> object:
        """What the dataset is asked for."""
        return self._indices[self.position - self._first]

    def random(self) -> random.Random:
        """Return the sample's random numbers.

        They are seeded when they are first asked for, because most samples never ask and seeding takes 10 µs. The
        position is part of the seed, so a sample that is drawn twice in an epoch is augmented in two ways.
        """
        if self._drawn is None or self._drawn_at != self.position:
            # A string, because its hash mixes all its parts; sums of seeds would make neighbours alike.
            self._drawn = random.Random(f"{self.seed} {self.position} {self.index!r}")
            self._drawn_at = self.position
        return self._drawn


_current: ContextVar[Place | None] = ContextVar("the sample that is being made", default=None)
_outside = random.Random()


def sample_random() -> random.Random:
    """Return the random numbers of the sample that is being made.

    Inside a loader they are seeded from (seed, epoch, index) and from the sample's place in the epoch, so a sample's
    augmentation is the same for any number of workers and after a resume. In a ``collate_fn`` they are those of the
    batch. Outside a loader they are one generator for the whole process, seeded by the system.

    Code that a dataset runs in threads of its own is outside: pass the generator on to it.

    Example:
        >>> with sample_seed(0, 3, 17):
        ...     first = sample_random().random()
        >>> with sample_seed(0, 3, 17):
        ...     first == sample_random().random()
        True
    """
    place = _current.get()
    return _outside if place is None else place.random()


@contextmanager
def sample_seed(seed: int, epoch: int, index: object) -> Iterator[None]:
    """Give the code inside the ``with`` block the random numbers of one sample, without a loader: to try or to test.

    Args:
        seed: the loader's seed.
        epoch: the epoch's number.
        index: the sample's index; also taken for its place in the epoch, as it is without shuffling.

    Example:
        >>> with sample_seed(seed=0, epoch=3, index=17):
        ...     turn = sample_random().uniform(-10, 10)
        >>> with sample_seed(seed=0, epoch=4, index=17):
        ...     turn == sample_random().uniform(-10, 10)
        False
    """
    place = Place(epoch_seed(seed, epoch))
    place.begin(index if isinstance(index, int) else 0, [index])
    with place:
        yield


def epoch_seed(seed: int, epoch: int) -> int:
    """Mix a seed and an epoch into one number, ``0 <= number < 2**63``."""
    return random.Random(f"{seed} {epoch}").getrandbits(63)


def seed_worker_globals(base_seed: int, worker: int) -> None:
    """Seed the global generators of Python, NumPy and PyTorch as PyTorch seeds them in a worker process.

    Source: "Reproducibility", PyTorch documentation, DataLoader.
    """
    random.seed(base_seed + worker)
    torch.default_generator.manual_seed(base_seed + worker)
    low, high = base_seed & 0xFFFFFFFF, base_seed >> 32
    np.random.seed(np.random.SeedSequence([worker, low, high, 0]).generate_state(4))


def seed_globals(seed: int, *numbers: int) -> None:
    """Seed the global generators of Python, NumPy and PyTorch for one piece of work."""
    # Not `torch.manual_seed`: it also seeds every kind of device, which takes a thousand times as long.
    mixed = random.Random(f"{seed} {numbers}")
    random.seed(mixed.getrandbits(64))
    np.random.seed(mixed.getrandbits(32))
    torch.default_generator.manual_seed(mixed.getrandbits(63))


@contextmanager
def globals_restored() -> Iterator[None]:
    """Put the global generators back afterwards, so that fetching a batch doesn't disturb the training loop's."""
    saved = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(saved[0])
        np.random.set_state(saved[1])
        torch.set_rng_state(saved[2])
