"""Where a loader stands, and how another goes on from there.

Samplers draw when an epoch begins. To go on after the first batches of an epoch, its order must be drawn once more,
from the state that everything was in: the generators, and the epochs that samplers and datasets count. So that is what
a loader notes as it begins an epoch, and its state is that note and the number of batches since.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator

from datakit.randomness import epoch_seed
from datakit.workers import Progress

State = dict[str, Any]


@dataclass
class EpochStart:
    """How an epoch begins.

    Attributes:
        epoch: its number.
        order: the sampler's loop; ``None`` for a stream.
        base_seed: where the random numbers of its samples come from.
        skip: how many of its batches were yielded before.
        noted: the state of the loader before all this.
    """

    epoch: int
    order: Iterator[Any] | None
    base_seed: int
    skip: int
    noted: State


class Resumable(ABC):
    """The half of a loader that knows where it stands.

    Attributes:
        epoch: the number of the next loop.
    """

    dataset: Any
    generator: Generator | None
    in_order: bool
    iterable_style: bool
    num_workers: int
    seed: int | None

    epoch = 0
    _base_seed = 0
    _resumed: Mapping[str, Any] | None = None
    _begun: tuple[EpochStart, Progress] | None = None

    def state_dict(self) -> State:
        """Return where the loop that was begun last stands: its epoch, how many batches it yielded, and its seed.

        With ``seed`` these are plain numbers. Batches that wait in workers don't count. After the last batch has been
        asked for in vain, this is the beginning of the next epoch.

        Raises:
            ValueError: if the rest of the epoch can't be had again: its order came from PyTorch's global generator, or
                batches don't come in order.
        """
        if self._resumed is not None:
            return dict(self._resumed)
        if self._begun is None or self._begun[1].over:
            return self._state_now()
        start, progress = self._begun
        if not self.in_order:
            raise ValueError("DataLoader.state_dict: with in_order=False nobody knows which batches are still to come.")
        if draws_from_global(self._order()):
            raise ValueError(
                "DataLoader.state_dict: this order was drawn from PyTorch's global generator, so it can't be had "
                "again. Pass seed=... to the loader, or a generator to the sampler."
            )
        return {**start.noted, "batch": progress.batch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next loop go on where another one stood.

        What a map-style dataset has given is not read again. A stream is read again from its beginning, and as many
        batches are dropped as had been yielded.

        Args:
            state: what ``state_dict`` returned, of a loader that was made as this one.

        Raises:
            ValueError: if the state doesn't fit this loader.
        """
        check_fits(state, self._state_now())
        self.epoch = state["epoch"]
        self._resumed = dict(state)

    @abstractmethod
    def _order(self) -> Any:
        """The sampler or batch sampler; ``None`` for a stream."""

    def _begin_order(self) -> Iterator[Any]:
        """Let the sampler draw."""
        return iter(self._order())

    def _state_now(self) -> State:
        readers = max(1, self.num_workers) if self.iterable_style else None
        noted = note_state(self.dataset, self._order(), self.generator, seeded=self.seed is not None)
        return {"epoch": self.epoch, "batch": 0, "seed": self.seed, "readers": readers, "base_seed": None, **noted}

    def _begin_epoch(self, workers_live_on: bool) -> EpochStart:
        """Begin the next epoch: note the state, and let the sampler draw."""
        resumed, self._resumed = self._resumed, None
        if resumed is not None:
            restore_state(resumed, self.dataset, self._order(), self.generator)
        noted = self._state_now()
        if self.seed is not None and self.generator is not None:
            self.generator.manual_seed(epoch_seed(self.seed, self.epoch))
        order = None if self.iterable_style else self._begin_order()
        if resumed is not None and resumed["base_seed"] is not None:
            noted["drawn"] = resumed["drawn"]
            if resumed["drawn"] and self.generator is not None:
                _draw(self.generator)
            self._base_seed = resumed["base_seed"]
        else:
            noted["drawn"] = self.seed is None and not workers_live_on
            # PyTorch draws a number as workers start, to seed them. It is drawn without workers too, and not where
            # workers live on: the generator must move on as it does there, or the same seed would shuffle differently.
            if noted["drawn"]:
                self._base_seed = _draw(self.generator)
            elif self.seed is not None:
                self._base_seed = self.seed
        noted["base_seed"] = self._base_seed
        start = EpochStart(self.epoch, order, self._base_seed, 0 if resumed is None else resumed["batch"], noted)
        self.epoch += 1
        return start


def note_state(dataset: Any, order: Any, generator: Generator | None, seeded: bool) -> State:
    """Note what the next loop over a sampler depends on.

    A sampler with ``state_dict`` is asked for it. Of any other, its generator's state is noted and its ``epoch``. One
    with neither is taken to give the same order each time.

    Args:
        dataset: its ``epoch`` is noted, if it has ``set_epoch``.
        order: a sampler or a batch sampler; ``None`` for a stream.
        generator: the loader's.
        seeded: whether the loader seeds that generator for each epoch, so that its state needs no note.
    """
    known = generator if seeded else None
    return {
        "dataset_epoch": epoch_of(dataset),
        "generator": None if generator is None or seeded else generator.get_state(),
        "samplers": [_state_of(part, known) for part in _parts(order)],
    }


def restore_state(state: Mapping[str, Any], dataset: Any, order: Any, generator: Generator | None) -> None:
    """Put dataset, samplers and generator into the state that was noted."""
    if state["dataset_epoch"] is not None:
        dataset.set_epoch(state["dataset_epoch"])
    if state["generator"] is not None and generator is not None:
        generator.set_state(state["generator"])
    for part, noted in zip(_parts(order), state["samplers"], strict=True):
        if "state" in noted:
            part.load_state_dict(noted["state"])
        if "generator" in noted:
            part.generator.set_state(noted["generator"])
        if "epoch" in noted:
            part.set_epoch(noted["epoch"])


def check_fits(state: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a state that was saved by a loader of another make.

    Args:
        state: what is to be loaded.
        now: the state that this loader would save.

    Raises:
        ValueError: if something is missing in ``state``, or the two differ in what can't be loaded.
    """
    missing = now.keys() - state.keys()
    if missing:
        raise ValueError(
            f"DataLoader.load_state_dict: {', '.join(sorted(missing))} is missing in the state. "
            "Pass what state_dict() returned."
        )
    for name in ("seed", "readers"):
        if state[name] != now[name]:
            raise ValueError(
                f"DataLoader.load_state_dict: the state was saved with {name}={state[name]!r}, and this loader has "
                f"{name}={now[name]!r}: its batches would be others. Make the loader as it was made then."
            )
    then, here = ([noted["sampler"] for noted in each["samplers"]] for each in (state, now))
    if then != here:
        raise ValueError(
            f"DataLoader.load_state_dict: the state was saved with the samplers {then}, and this loader has {here}. "
            "Make the loader as it was made then."
        )


def draws_from_global(order: Any) -> bool:
    """Whether a sampler draws from PyTorch's global generator, which can't be put back without harm to others."""
    return any(getattr(part, "generator", part) is None for part in _parts(order))


def epoch_of(thing: Any) -> int | None:
    """Return the epoch that a dataset or a sampler stands at, if it can be told one."""
    return getattr(thing, "epoch", None) if hasattr(thing, "set_epoch") else None


def _parts(order: Any) -> Iterator[Any]:
    """A sampler, the one inside it, and so on."""
    while order is not None:
        yield order
        order = getattr(order, "sampler", None)


def _state_of(part: Any, known: Generator | None) -> State:
    noted: State = {"sampler": type(part).__name__}
    generator = getattr(part, "generator", None)
    if hasattr(part, "state_dict") and hasattr(part, "load_state_dict"):
        noted["state"] = part.state_dict()
    elif isinstance(generator, Generator) and generator is not known:
        noted["generator"] = generator.get_state()
    if (epoch := epoch_of(part)) is not None:
        noted["epoch"] = epoch
    return noted


def _draw(generator: Generator | None) -> int:
    return int(torch.empty((), dtype=torch.int64).random_(generator=generator).item())
