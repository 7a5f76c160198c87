"""No workers: the loop itself makes each batch when it is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from datakit.fetch import Recipe, empty_batch
from datakit.randomness import globals_restored
from datakit.workers.tasks import Done, Task
from datakit.workers.worker import Worker


class InlinePool:
    """Does each task while the loop waits for it.

    Args:
        recipe: how batches are made.
        finish: called with each batch that is made.
    """

    works_ahead = False
    size = 1
    alive = True

    def __init__(self, recipe: Recipe, finish: Callable[[Any], Any]) -> None:
        self.recipe = recipe
        self.finish = finish
        self.token: int | None = None
        self._worker = Worker(recipe, finish, guard=globals_restored)
        self._tasks: deque[Task] = deque()

    def begin(self, token: int) -> None:
        """Begin an epoch."""
        self.token = token

    def new_batch(self, n: int) -> tuple[Any, Any]:
        """Return a batch that tasks can be told to fill, and what they call it: itself."""
        batch = self.finish(empty_batch(self.recipe.dataset, n))
        return batch, batch

    def filled(self, batch: Any) -> Any:
        """Return such a batch when it is full."""
        return batch

    def send(self, task: Task, worker: int) -> None:
        """Note a task."""
        self._tasks.append(task)

    def receive(self, timeout: float | None) -> Done:
        """Do the task that was noted first."""
        return self._worker.do(self._tasks.popleft())

    def close(self) -> None:
        """Nothing is left running."""
