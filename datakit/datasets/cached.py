"""Compute a sample once, and find it again."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, SupportsIndex

from torch.utils.data import Dataset

from datakit._errors import kind_of
from datakit.datasets.cache_base import Cache
from datakit.datasets.cache_payload import pack, unpack
from datakit.datasets.indexing import position

# How many of the samples that a process finds are also computed, to see whether the cache tells the truth.
SPOT_CHECKS = 3


class CachedDataset(Dataset[Any]):
    """A dataset whose samples are computed once and then found in a cache.

    ::

        dataset[i]  ──►  cache  ──►  transform  ──►  sample
        decode, resize: once         flip, crop: at every access

    What is cached is what the dataset gives, before ``transform``: decoded images, not augmented ones. Were the random
    flips inside, each image would keep the flip of the first epoch for ever. To notice that, and data that have changed
    under a cache, the first three samples that a process finds are computed as well and compared.

    What you get is always a copy, so a transform may change it in place.

    Which cache:

    ========================= ===================== ======================== =======================================
    cache                     other threads see it  other processes see it   it ends with
    ========================= ===================== ======================== =======================================
    :class:`RAMCache`         yes                   no: each fills its own   its process: the worker, if there are any
    :class:`SharedCache`      yes                   workers do               the dataset
    :class:`DiskCache`        yes                   all do                   its folder
    :class:`HybridCache`      yes                   the part on the disk     each part as above
    ========================= ===================== ======================== =======================================

    Worker processes without ``persistent_workers=True`` end with the epoch, and their memory with them: a ``RAMCache``
    then starts anew each epoch and finds nothing at all. Counters too belong to the process that counts: with worker
    processes the parent's stay at 0.

    Args:
        dataset: a map-style dataset whose samples can be pickled and don't change.
        cache: where to keep them. One cache for each dataset.
        transform: called with each sample, whole: with ``(image, label)`` where the dataset gives that. The transforms
            of ``torchvision.transforms.v2`` take such pairs.

    Attributes:
        cache: where samples are kept; its ``hits`` and ``misses`` tell how it does.

    Raises:
        TypeError: if ``dataset`` is not map-style, ``cache`` is not a cache, or a sample can't be pickled.
        ValueError: if the dataset is empty, or the cache belongs to another dataset.
        RuntimeError: (when a sample is read) if a sample in the cache is not what the dataset gives.

    Warns:
        RuntimeWarning: if a sample is too large for the cache; once a process.

    Example:
        >>> import torch
        >>> from datakit import RAMCache, TensorDataset
        >>> images = TensorDataset(torch.arange(4), ["cat", "dog", "cat", "cow"])
        >>> dataset = CachedDataset(images, RAMCache(max_bytes=10_000), transform=lambda pair: (pair[0] * 10, pair[1]))
        >>> dataset[1], dataset[1], dataset[2]
        ((tensor(10), 'dog'), (tensor(10), 'dog'), (tensor(20), 'cat'))
        >>> dataset.cache.hits, dataset.cache.misses
        (1, 2)
    """

    def __init__(self, dataset: Any, cache: Cache, transform: Callable[[Any], Any] | None = None) -> None:
        if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
            raise TypeError(
                f"CachedDataset: {kind_of(dataset)} arrived. A cache finds samples by their index, so it "
                "needs a dataset with __getitem__ and __len__."
            )
        if not isinstance(cache, Cache):
            raise TypeError(
                f"CachedDataset: cache is {kind_of(cache)}. Pass a cache, such as RAMCache(max_bytes=2**30)."
            )
        if len(dataset) == 0:
            raise ValueError("CachedDataset: the dataset is empty. Check what it was built from.")
        self.dataset = dataset
        self.cache = cache
        self.transform = transform
        self._unchecked = SPOT_CHECKS
        self._warned = False
        cache.attach(dataset)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: SupportsIndex) -> Any:
        """Return one sample, a copy, after ``transform``.

        Raises:
            IndexError: if there is no such sample.
            TypeError: if the sample can't be pickled.
            RuntimeError: if a sample in the cache is not what the dataset gives.
        """
        at = position(index, len(self), "CachedDataset")
        payload = self.cache.get(at)
        if payload is None:
            payload = self._compute(at)
            self._warn_if_too_large(at, payload)
            self.cache.put(at, payload)
        elif self._unchecked > 0:
            self._unchecked -= 1
            self._check(at, payload)
        sample = unpack(payload)
        return sample if self.transform is None else self.transform(sample)

    def _compute(self, at: int) -> bytes:
        return pack(self.dataset[at], f"CachedDataset: sample {at}")

    def _check(self, at: int, payload: bytes) -> None:
        if self._compute(at) != payload:
            raise RuntimeError(
                f"CachedDataset: sample {at} in the cache is not what the dataset gives now. If the dataset draws "
                "random numbers, move that into transform=..., which runs at every access. If its data have changed, "
                "pass another version=... to the DiskCache."
            )

    def _warn_if_too_large(self, at: int, payload: bytes) -> None:
        if len(payload) > self.cache.largest and not self._warned:
            self._warned = True
            warnings.warn(
                f"CachedDataset: sample {at} takes {len(payload)} bytes, and the cache can't hold more than "
                f"{self.cache.largest} for one sample. It is computed each time, and so are others of its size.",
                RuntimeWarning,
                stacklevel=3,
            )
