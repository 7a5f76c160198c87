"""What all caches share: entries by index, one dataset each, and counters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from datakit.datasets.cache_lock import ForkSafeLock

Entry = tuple[int, bytes]


class Cache(ABC):
    """Packed samples by their index.

    A cache may lose anything at any time; it must never give bytes that are not the sample's.

    Attributes:
        hits: how many samples were asked for, in this process, and found.
        misses: how many were not found.
    """

    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0
        self._attached = False
        self._counting = ForkSafeLock()

    @property
    @abstractmethod
    def largest(self) -> int:
        """The size in bytes of the largest payload that can ever be held."""

    @abstractmethod
    def put(self, index: int, payload: bytes) -> list[Entry]:
        """Hold a sample, unless it is there already.

        Returns:
            Entries that are not held once this is done: those that made room for this one, or this one itself.
        """

    @abstractmethod
    def _find(self, index: int) -> bytes | None:
        """Return a sample's bytes, or ``None``."""

    def get(self, index: int) -> bytes | None:
        """Return a sample's bytes, or ``None`` if they are not here; and count which."""
        payload = self._find(index)
        with self._counting:
            if payload is None:
                self.misses += 1
            else:
                self.hits += 1
        return payload

    def attach(self, dataset: Any) -> None:
        """Belong to this dataset from now on.

        Raises:
            ValueError: if the cache belongs to one already.
        """
        if self._attached:
            raise ValueError(
                f"{type(self).__name__}: this cache belongs to another dataset already, whose samples have the same "
                "indices. Make one cache for each dataset."
            )
        self._attached = True
