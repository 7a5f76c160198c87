"""What the engine expects of those who do its tasks."""

from __future__ import annotations

from typing import Any, Protocol

from datakit.fetch import Recipe
from datakit.workers.tasks import Done, Task


class Pool(Protocol):
    """Those who do the tasks: threads or processes.

    Attributes:
        recipe: how batches are made.
        size: how many workers there are.
    """

    recipe: Recipe
    size: int

    @property
    def alive(self) -> bool:
        """Whether the pool can take tasks."""

    @property
    def token(self) -> int | None:
        """The epoch that was begun last."""

    def begin(self, token: int) -> None:
        """Begin an epoch; what is left of another is given up."""

    def new_batch(self, n: int) -> tuple[Any, Any]:
        """Return a batch of ``n`` samples that tasks can be told to fill, and what they call it."""

    def filled(self, batch: Any) -> Any:
        """Return such a batch when it is full, ready for the loop's consumer."""

    def send(self, task: Task, worker: int) -> None:
        """Hand out a task to a worker; one that shares its work with others may leave it to them."""

    def receive(self, timeout: float | None) -> Done | None:
        """Wait for the next answer; return ``None`` if there is none within ``timeout`` seconds.

        Raises:
            WorkerDied: if a worker ended before its work was done.
        """

    def close(self) -> object:
        """Leave nothing running."""


class WorkerDied(RuntimeError):  # noqa: N818  # it is what happened
    """A worker process ended before its work was done."""
