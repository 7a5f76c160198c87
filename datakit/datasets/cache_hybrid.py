"""Two caches, the fast one first."""

from __future__ import annotations

from typing import Any

from datakit._errors import kind_of
from datakit.datasets.cache_base import Cache, Entry


class HybridCache(Cache):
    """Memory first, and on the disk what has no room there.

    What leaves memory is written to the disk. What is found on the disk is taken back into memory, and stays on the
    disk too, so that no sample is ever written twice.

    Args:
        ram: the fast cache, such as a :class:`datakit.RAMCache`.
        disk: the large one, such as a :class:`datakit.DiskCache`.

    Attributes:
        ram, disk: the two; each has counters of its own.
        hits, misses: how many samples, in this process, were found in either, and in neither.

    Raises:
        TypeError: if one of them is not a cache.

    Example:
        >>> import torch
        >>> from tempfile import TemporaryDirectory
        >>> from datakit import CachedDataset, DiskCache, RAMCache
        >>> images = [torch.zeros(3, 32, 32, dtype=torch.uint8) for _ in range(10)]
        >>> with TemporaryDirectory() as folder:
        ...     cache = HybridCache(RAMCache(max_bytes=20_000, evict=False), DiskCache(folder, max_bytes=10**9))
        ...     dataset = CachedDataset(images, cache)
        ...     for epoch in range(2):
        ...         for image in dataset:
        ...             pass
        >>> cache.misses, cache.ram.hits, cache.disk.hits
        (10, 6, 4)
    """

    def __init__(self, ram: Cache, disk: Cache) -> None:
        for name, cache in (("ram", ram), ("disk", disk)):
            if not isinstance(cache, Cache):
                raise TypeError(
                    f"HybridCache: {name} is {kind_of(cache)}. Pass a cache, such as RAMCache(max_bytes=...)."
                )
        super().__init__()
        self.ram = ram
        self.disk = disk

    @property
    def largest(self) -> int:
        """The size in bytes of the largest payload that can be held."""
        return max(self.ram.largest, self.disk.largest)

    def attach(self, dataset: Any) -> None:
        """Belong to this dataset, both caches of it.

        Raises:
            ValueError: if one of them belongs to a dataset already.
        """
        super().attach(dataset)
        self.ram.attach(dataset)
        self.disk.attach(dataset)

    def put(self, index: int, payload: bytes) -> list[Entry]:
        """Hold a sample; return what found no room on the disk either."""
        return [entry for moved in self.ram.put(index, payload) for entry in self.disk.put(*moved)]

    def _find(self, index: int) -> bytes | None:
        payload = self.ram.get(index)
        if payload is None:
            payload = self.disk.get(index)
            if payload is not None:
                self.put(index, payload)
        return payload
