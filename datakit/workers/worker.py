"""What a worker does, whether it is a process, a thread, or the loop itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from datakit.fetch import (
    Recipe,
    fetch_batch,
    fetch_sample,
    stream_batches,
    stream_samples,
    take_batch,
    write_samples,
)
from datakit.randomness import Place, seed_globals
from datakit.workers.tasks import Done, Epoch, Task

Guard = Callable[[], AbstractContextManager[None]]

END = object()
"""Stands for a batch that a stream no longer has."""


class Worker:
    """Makes batches as a recipe says, one task at a time.

    Args:
        recipe: how batches are made.
        finish: called with each batch that is made.
        worker: this worker's number.
        init_fn: called with that number before the first task.
        own_dataset: whether the dataset is this worker's own copy, which must be told about each epoch.
        seeds_globals: whether the global generators are this worker's to seed. Threads share them, so there it isn't.
        guard: what is put around a task that seeds the global generators.
    """

    def __init__(
        self,
        recipe: Recipe,
        finish: Callable[[Any], Any],
        worker: int = 0,
        init_fn: Callable[[int], None] | None = None,
        own_dataset: bool = False,
        seeds_globals: bool = True,
        guard: Guard = nullcontext,
    ) -> None:
        self.recipe = recipe
        self.worker = worker
        self.init_fn = init_fn
        self.finish = finish
        self.own_dataset = own_dataset
        self.seeds_globals = seeds_globals
        self.guard = guard
        self._token: int | None = None
        self._place = Place(0)
        self._stream: Iterator[Any] | None = None

    def do(self, task: Task) -> Done:
        """Carry out a task. Whatever goes wrong is part of the answer."""
        token, number = task.epoch.token, task.number
        try:
            batch = self.make(task)
        except BaseException as error:
            return Done(token, number, error=error)
        return Done(token, number, ended=True) if batch is END else Done(token, number, batch)

    def make(self, task: Task) -> Any:
        """Carry out a task.

        Returns:
            The batch; ``None`` where it was filled in place; ``END`` where a stream has come to its end.

        Raises:
            Exception: whatever goes wrong.
        """
        try:
            if task.epoch.token != self._token:
                self._begin(task.epoch)
            if task.epoch.reseed and self.seeds_globals:
                with self.guard():
                    seed_globals(task.epoch.seed, task.number, task.start)
                    return self._made(task)
            return self._made(task)
        except StopIteration as error:
            # A loop over the batches would take it for the end of the epoch.
            raise RuntimeError(
                "DataLoader: the dataset raised StopIteration, which means the end of a stream only."
            ) from error

    def _begin(self, epoch: Epoch) -> None:
        if self._token is None and self.init_fn is not None:
            self.init_fn(self.worker)
        if self.own_dataset and epoch.dataset_epoch is not None:
            self.recipe.dataset.set_epoch(epoch.dataset_epoch)
        self._place = Place(epoch.seed)
        self._stream = None
        self._token = epoch.token

    def _made(self, task: Task) -> Any:
        recipe, indices, place = self.recipe, task.indices, self._place
        with place:
            if recipe.way == "stream":
                if self._stream is None:
                    self._stream = self._open_stream()
                for batch in self._stream:
                    return self.finish(batch)
                return END
            place.begin(task.position, (None,))
            if recipe.way == "batch":
                return self.finish(take_batch(recipe.dataset, indices))
            if recipe.way == "in place":
                return write_samples(recipe.dataset, indices, task.target, task.start, place)
            fetch = fetch_sample if recipe.way == "sample" else fetch_batch
            return self.finish(fetch(recipe.dataset, indices, recipe.collate_fn, place))

    def _open_stream(self) -> Iterator[Any]:
        recipe = self.recipe
        # Each reader of a stream counts its own samples, so its number tells them from the others'.
        self._place.begin(0, [f"reader {self.worker}"])
        samples = iter(recipe.dataset)
        if recipe.batch_size is None:
            return stream_samples(samples, recipe.collate_fn, self._place)
        return stream_batches(samples, recipe.batch_size, recipe.drop_last, recipe.collate_fn, self._place)
