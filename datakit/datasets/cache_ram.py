"""A cache in this process's memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from datakit._errors import check_bool, check_positive
from datakit.datasets.cache_base import Cache, Entry
from datakit.datasets.cache_lock import ForkSafeLock


class RAMCache(Cache):
    """Samples in the memory of the process that loaded them.

    Threads share it; worker processes don't. A forked worker begins with what its parent's cache held at that moment,
    a spawned one with nothing; from there on each fills a cache of its own, up to ``max_bytes`` each, which ends with
    the worker. So with W workers a shuffled sample is found in 1 of W cases, and only with ``persistent_workers=True``.

    Args:
        max_bytes: how many bytes of samples to hold; Python needs about a hundred more for each.
        evict: what to do when there is no more room. ``True``: drop what was used least recently. ``False``: keep what
            is there. An epoch asks for every sample once, so what was used least recently is what comes next: if only
            half the samples fit and the order is fixed, the first way finds none of them, epoch after epoch, and the
            second finds half.

    Attributes:
        hits, misses: how many samples, in this process, were found and not found.
        nbytes: bytes held.

    Raises:
        ValueError: if ``max_bytes`` is not a positive integer or ``evict`` no ``bool``.

    Example:
        >>> import torch
        >>> from datakit import CachedDataset
        >>> images = [torch.zeros(3, 32, 32, dtype=torch.uint8) for _ in range(10)]
        >>> cache = RAMCache(max_bytes=20_000, evict=False)
        >>> dataset = CachedDataset(images, cache)
        >>> for epoch in range(2):
        ...     for image in dataset:
        ...         pass
        >>> cache.hits, cache.misses, cache.nbytes < 20_000
        (6, 14, True)

    Source: Mohan et al., "Analyzing and Mitigating Data Stalls in DNN Training", VLDB 2021 (``evict=False``).
    """

    def __init__(self, max_bytes: int, *, evict: bool = True) -> None:
        check_positive(max_bytes, "max_bytes", "RAMCache")
        check_bool(evict, "evict", "RAMCache")
        super().__init__()
        self.max_bytes = max_bytes
        self.evict = evict
        self._clear()

    @property
    def largest(self) -> int:
        """The size in bytes of the largest payload that can be held."""
        return self.max_bytes

    def put(self, index: int, payload: bytes) -> list[Entry]:
        """Hold a sample; return what lost its place, or found none."""
        with self._lock:
            if index in self._entries:
                return []
            full = self.nbytes + len(payload) > self.max_bytes
            if len(payload) > self.max_bytes or (full and not self.evict):
                return [(index, payload)]
            self._entries[index] = payload
            self.nbytes += len(payload)
            lost = []
            while self.nbytes > self.max_bytes:
                lost.append(self._entries.popitem(last=False))
                self.nbytes -= len(lost[-1][1])
            return lost

    def __getstate__(self) -> dict[str, Any]:
        """Leave the samples out: sending them to a worker would take longer than loading them there."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_entries", "nbytes", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with nothing held."""
        self.__dict__.update(state)
        self._clear()

    def _clear(self) -> None:
        self._lock = ForkSafeLock()
        self._entries: OrderedDict[int, bytes] = OrderedDict()
        self.nbytes = 0

    def _find(self, index: int) -> bytes | None:
        with self._lock:
            payload = self._entries.get(index)
            if payload is not None:
                self._entries.move_to_end(index)
            return payload
