"""A cache in memory that all worker processes see."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import torch
from torch import Tensor

from datakit._errors import check_positive
from datakit.datasets.cache_base import Cache, Entry
from datakit.datasets.cache_payload import pack
from datakit.machine_limits import free_shared_memory

# The payload's length, 0 where there is none, and its checksum.
HEADER = struct.Struct("<QQ")

# Samples of one shape still differ by a few bytes: a label above 255 takes two.
SPARE_BYTES = 64


class SharedCache(Cache):
    """Samples in shared memory: what one worker has loaded, all find; each sample is held once.

    It is one block of memory, cut into slots of equal size. Sample ``i`` has slot ``i``, so there is nothing to agree
    on and no lock to wait for. If two workers write the same slot at the same time, or one dies while it writes, the
    checksum tells: that costs a recomputation.

    That is simple because all samples take the same room, as decoded images of one shape do. A sample that is too large
    for a slot is computed each time. If there is not room for all, the first samples have a slot and the others are
    computed each time, which in an epoch is better than to replace one by another; see :class:`datakit.RAMCache`.

    The block is made when the cache is given to a :class:`datakit.CachedDataset`, and the system frees it when the last
    process that uses it has ended, however it ends. It counts as shared memory, of which containers often have 64 MiB.
    Workers must come from that process through PyTorch's or Python's ``multiprocessing``: a copy made by ``pickle`` is
    a copy, and not shared.

    Args:
        max_bytes: how large the block may be.
        sample_bytes: how large a slot is; by default what sample 0 needs, and a little more.

    Attributes:
        hits, misses: how many samples, in this process, were found and not found.
        slots: how many samples have a slot.
        nbytes: the size of the block.

    Raises:
        ValueError: if an argument is not a positive integer.

    Example:
        >>> from datakit import CachedDataset
        >>> images = [torch.zeros(3, 32, 32, dtype=torch.uint8) for _ in range(10)]
        >>> cache = SharedCache(max_bytes=10**6)
        >>> dataset = CachedDataset(images, cache)
        >>> for batch in torch.utils.data.DataLoader(dataset, batch_size=2, num_workers=2):
        ...     pass
        >>> cache.samples_held
        10

    Source: "Multiprocessing package - torch.multiprocessing", PyTorch documentation, Sharing CPU tensors.
    """

    def __init__(self, max_bytes: int, *, sample_bytes: int | None = None) -> None:
        check_positive(max_bytes, "max_bytes", "SharedCache")
        if sample_bytes is not None:
            check_positive(sample_bytes, "sample_bytes", "SharedCache")
        super().__init__()
        self.max_bytes = max_bytes
        self.sample_bytes = sample_bytes
        self.slots = 0
        self._block = torch.empty(0, 0, dtype=torch.uint8)

    @property
    def largest(self) -> int:
        """The size in bytes of the largest payload that can be held."""
        return self._block.shape[1] - HEADER.size

    @property
    def nbytes(self) -> int:
        """The size of the block in bytes."""
        return self._block.nbytes

    @property
    def samples_held(self) -> int:
        """How many samples are held, whichever process loaded them."""
        # The length is a little-endian number of 8 bytes that fits an int64.
        return int((self._block[:, :8].clone().view(torch.int64) > 0).sum())

    def attach(self, dataset: Any) -> None:
        """Belong to this dataset, and make the block of memory.

        Raises:
            ValueError: if the cache belongs to a dataset already, or ``max_bytes`` has no room for one sample.
            RuntimeError: if the machine has not that much shared memory.
        """
        super().attach(dataset)
        payload = self.sample_bytes
        if payload is None:
            payload = len(pack(dataset[0], "SharedCache: sample 0")) + SPARE_BYTES
        # A multiple of 8, so that each slot's header can be read as a number.
        slot = -(-(HEADER.size + payload) // 8) * 8
        self.slots = min(len(dataset), self.max_bytes // slot)
        if self.slots == 0:
            raise ValueError(
                f"SharedCache: max_bytes={self.max_bytes} has no room for one sample, which takes {slot} bytes. "
                f"For the whole dataset pass {slot * len(dataset)}."
            )
        self._block = _shared_zeros(self.slots, slot)

    def put(self, index: int, payload: bytes) -> list[Entry]:
        """Write a sample into its slot; return it if it has none, or one too small."""
        if index >= self.slots or len(payload) > self.largest:
            return [(index, payload)]
        slot = self._block[index].numpy().data
        # The header comes last: until it is there, the slot counts as empty.
        slot[HEADER.size : HEADER.size + len(payload)] = payload
        HEADER.pack_into(slot, 0, len(payload), zlib.crc32(payload))
        return []

    def _find(self, index: int) -> bytes | None:
        if index >= self.slots:
            return None
        slot = self._block[index].numpy().data
        length, checksum = HEADER.unpack_from(slot)
        if not 0 < length <= self.largest:
            return None
        # Copied before it is checked, because another process may write at this moment.
        payload = bytes(slot[HEADER.size : HEADER.size + length])
        return payload if zlib.crc32(payload) == checksum else None


def _shared_zeros(slots: int, slot: int) -> Tensor:
    size, free = slots * slot, free_shared_memory()
    try:
        if free is not None and size > free:
            raise RuntimeError(f"{free} bytes are free")
        # Not `torch.zeros(...).share_memory_()`: that makes the block twice. New shared memory is zero.
        storage = torch.UntypedStorage._new_shared(size, device="cpu")  # type: ignore[no-untyped-call]
    except RuntimeError as error:
        raise RuntimeError(
            f"SharedCache: {size} bytes of shared memory can't be had for {slots} samples: {error}. "
            "Pass a smaller max_bytes, or give the container more: docker run --shm-size=8g."
        ) from error
    return torch.empty(0, dtype=torch.uint8).set_(storage).view(slots, slot)
