"""A small broker in memory, for labs and tests."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping
from threading import Condition
from typing import Any

from datakit._errors import check_positive
from datakit.datasets.broker import Message


class MemoryBroker:
    """A broker within a process, for labs and tests: any number of threads may send and read.

    A message is kept until it is committed. At most ``capacity`` are kept a partition: then :meth:`send` waits. So a
    producer can't run away from slow readers and fill the memory; that is back-pressure.

    Args:
        partitions: how many queues there are. Each is read by one reader, so it is also the most readers there can be.
        capacity: the most messages a partition keeps.

    Raises:
        ValueError: if a number is not a positive integer.

    Example:
        >>> broker = MemoryBroker(partitions=2)
        >>> [broker.send(value) for value in "abc"]
        [(0, 0), (1, 0), (0, 1)]
    """

    def __init__(self, partitions: int = 1, capacity: int = 1000) -> None:
        check_positive(partitions, "partitions", "MemoryBroker")
        check_positive(capacity, "capacity", "MemoryBroker")
        self.capacity = capacity
        self._kept: list[deque[Any]] = [deque() for _ in range(partitions)]
        self._committed = [0] * partitions
        self._turn = itertools.cycle(range(partitions))
        self._changed = Condition()

    def send(self, value: Any, partition: int | None = None, timeout: float | None = None) -> tuple[int, int]:
        """Add a message.

        Args:
            value: the message.
            partition: where to put it; by default each in turn.
            timeout: how many seconds to wait for room; ``None`` waits for ever.

        Returns:
            Its partition and offset.

        Raises:
            TimeoutError: if there was no room in time.
            ValueError: if there is no such partition.
        """
        with self._changed:
            at = next(self._turn) if partition is None else self._known(partition)
            kept = self._kept[at]
            if not self._changed.wait_for(lambda: len(kept) < self.capacity, timeout):
                raise TimeoutError(
                    f"MemoryBroker: partition {at} is full: {len(kept)} messages wait to be committed. "
                    "Commit what is done, add readers, or choose a larger capacity."
                )
            kept.append(value)
            self._changed.notify_all()
            return at, self._committed[at] + len(kept) - 1

    def committed(self) -> dict[int, int]:
        """Return for each partition the offset of the first message that is not yet done."""
        with self._changed:
            return dict(enumerate(self._committed))

    def commit(self, positions: Mapping[int, int]) -> None:
        """Forget the messages before these offsets. An offset that was passed before changes nothing.

        Raises:
            ValueError: if messages that were never sent are said to be done, or there is no such partition.
        """
        with self._changed:
            for partition, offset in positions.items():
                kept, first = self._kept[self._known(partition)], self._committed[partition]
                if offset > first + len(kept):
                    raise ValueError(
                        f"MemoryBroker: offset {offset} of partition {partition} can't be committed: the next message "
                        f"there has offset {first + len(kept)}. Commit only what was read."
                    )
                for _ in range(offset - first):
                    kept.popleft()
                self._committed[partition] = max(first, offset)
            self._changed.notify_all()

    def fetch(self, positions: Mapping[int, int], timeout: float) -> Message | None:
        """Return the message at one of these positions, the first that has one; wait up to ``timeout`` seconds.

        Raises:
            ValueError: if a position is before what was committed: the broker has forgotten those messages; or if there
                is no such partition.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._find(positions), timeout) or None

    def _find(self, positions: Mapping[int, int]) -> Message | None:
        for partition, offset in positions.items():
            kept, first = self._kept[self._known(partition)], self._committed[partition]
            if offset < first:
                raise ValueError(
                    f"MemoryBroker: the message at offset {offset} of partition {partition} is gone: all before "
                    f"{first} are committed. Commit a message only when what came of it is saved."
                )
            if offset - first < len(kept):
                return Message(partition, offset, kept[offset - first])
        return None

    def _known(self, partition: int) -> int:
        # A list would take -1 for its last entry, and the message would be read under another number.
        if not 0 <= partition < len(self._kept):
            raise ValueError(
                f"MemoryBroker: there is no partition {partition}. They are numbered from 0 to {len(self._kept) - 1}."
            )
        return partition

    def connect(self) -> MemoryConsumer:
        """Make a consumer."""
        return MemoryConsumer(self)


class MemoryConsumer:
    """A :class:`Consumer` of a :class:`MemoryBroker`, or of a proxy to one in another process."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._positions: dict[int, int] = {}

    def partitions(self) -> list[int]:
        """Do as :meth:`Consumer.partitions` says."""
        return sorted(self._broker.committed())

    def committed(self) -> dict[int, int]:
        """Do as :meth:`Consumer.committed` says."""
        return self._broker.committed()

    def seek(self, positions: Mapping[int, int]) -> None:
        """Do as :meth:`Consumer.seek` says."""
        self._positions = dict(positions)

    def poll(self, timeout: float) -> Message | None:
        """Do as :meth:`Consumer.poll` says."""
        message = self._broker.fetch(self._positions, timeout)
        if message is not None:
            # Put last, so that each partition has its turn.
            del self._positions[message.partition]
            self._positions[message.partition] = message.offset + 1
        return message

    def commit(self, positions: Mapping[int, int]) -> None:
        """Do as :meth:`Consumer.commit` says."""
        self._broker.commit(positions)

    def close(self) -> None:
        """Do as :meth:`Consumer.close` says."""
        self._positions = {}
