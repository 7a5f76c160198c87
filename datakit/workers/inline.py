"""No workers: the loop itself makes each batch when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

from torch import Tensor

from datakit.fetch import Recipe, empty_batch
from datakit.randomness import globals_restored
from datakit.workers.loop import Progress
from datakit.workers.tasks import Epoch, Task
from datakit.workers.worker import END, Worker


class Inline:
    """What takes the place of workers where there are none.

    Args:
        recipe: how batches are made.
        finish: called with each batch that is made.
    """

    alive = True

    def __init__(self, recipe: Recipe, finish: Callable[[Any], Any]) -> None:
        self.recipe = recipe
        self.finish = finish


class InlineLoop(Iterator[Any]):
    """One epoch: an iterator over its batches, each made when it is asked for.

    Args:
        inline: how batches are made.
        epoch: the epoch's name and seed.
        order: the sampler's loop; ``None`` for a stream.
        position: how many samples of the epoch came before.
        first: how many batches of the epoch came before.

    Attributes:
        progress: how far it has come.
    """

    def __init__(self, inline: Inline, epoch: Epoch, order: Iterator[Any] | None, position: int, first: int) -> None:
        self.progress = Progress(first)
        self._dataset = inline.recipe.dataset
        self._finish = inline.finish
        self._fills = inline.recipe.way == "in place"
        self._single = inline.recipe.way == "sample"
        self._worker = Worker(inline.recipe, inline.finish, guard=globals_restored)
        self._epoch = epoch
        self._order: Iterator[Any] = repeat(None) if order is None else order
        self._position = position
        self._passed = first

    def __next__(self) -> Any:
        if self.progress.over:
            raise StopIteration
        try:
            indices = next(self._order)
            target = self._room_for(indices) if self._fills else None
        except StopIteration:
            self.progress.over = True
            raise
        except Exception:
            # Where the sampler's order ends in an error, there is none to follow afterwards.
            self._order = iter(())
            raise
        task = Task(self._epoch, self._passed, self._position, indices, target)
        if indices is not None:
            # `len` of a tensor takes several times as long as its shape.
            self._position += 1 if self._single else indices.shape[0] if isinstance(indices, Tensor) else len(indices)
        try:
            batch = self._worker.make(task)
        except Exception:
            self._passed += 1
            raise
        if batch is END:
            self.progress.over = True
            raise StopIteration
        self._passed += 1
        self.progress.batch = self._passed
        return batch if target is None else target

    def _room_for(self, indices: list[Any]) -> Any:
        return self._finish(empty_batch(self._dataset, len(indices)))
