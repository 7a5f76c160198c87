"""A stream of live messages: events, sensor readings, clicks, as they come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.utils.data import IterableDataset

from datakit._errors import kind_of
from datakit.datasets.broker import Consumer, Message
from datakit.datasets.worker_split import Reader, current_worker, rank_and_world_size

# A poll waits no longer than this many seconds, so that Ctrl-C is heard.
LONGEST_POLL = 0.5


class MessageStream(IterableDataset[Message]):
    """The messages of a broker, each read by one reader, none lost.

    Of *n* readers (ranks × workers) reader *r* reads partitions *r*, *r + n*, and so on: each from the first message
    that is not committed. Each reader connects for itself.

    **At least once.** A message counts as done when it is committed, not when it is read. So commit after the step that
    used it: :meth:`commit` takes the batch. If the training dies between reading and committing, the next run reads the
    message again: nothing is lost, some may come twice. To commit first and train afterwards would be *at most once*:
    what was in flight would be lost.

    **As if once.** To count nothing twice, save :meth:`MessageIterator.state_dict` with the model, commit only then,
    and resume from that state: model and position are then of the same moment.

    A loader reads ahead. That is no danger: what waits in its queues isn't committed.

    Args:
        connect: makes a connection; called once by each reader. For worker processes it must reach the broker from
            there: :class:`datakit.MemoryBroker` itself serves threads only.
        idle_timeout: end the loop after this many seconds without a message; ``None`` waits for ever.
        transform: called with each message's value.
        rank: this training process; by default from ``torch.distributed`` or torchrun's environment.
        world_size: how many training processes there are; by default likewise.

    Raises:
        TypeError: if ``connect`` can't be called.
        ValueError: if an argument is out of range. While reading: if there are fewer partitions than readers.

    Example:
        >>> from datakit import MemoryBroker
        >>> broker = MemoryBroker()
        >>> for value in "abc":
        ...     _ = broker.send(value)
        >>> stream = MessageStream(broker.connect, idle_timeout=0.1)
        >>> messages = iter(stream)
        >>> stream.commit(next(messages))
        >>> next(messages).value  # and now the training dies, before it commits
        'b'
        >>> [message.value for message in stream]
        ['b', 'c']

    Source: "Message Delivery Semantics", Apache Kafka documentation, Design.
    """

    def __init__(
        self,
        connect: Callable[[], Consumer],
        *,
        idle_timeout: float | None = None,
        transform: Callable[[Any], Any] | None = None,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        if not callable(connect):
            raise TypeError(
                f"MessageStream: connect is {kind_of(connect)}. Pass a function that makes a connection, such "
                "as broker.connect: each reader needs its own."
            )
        if idle_timeout is not None and not idle_timeout > 0:
            raise ValueError(
                f"MessageStream: idle_timeout must be a positive number of seconds, or None; {idle_timeout!r} arrived."
            )
        self.connect = connect
        self.idle_timeout = idle_timeout
        self.transform = transform
        self.rank, self.world_size = rank_and_world_size(rank, world_size, "MessageStream")

    def __iter__(self) -> MessageIterator:
        """Connect, and read from the first messages that are not committed."""
        worker, num_workers = current_worker()
        return MessageIterator(self, Reader(self.rank, self.world_size, worker, num_workers))

    def commit(self, messages: Message) -> None:
        """Note that messages are done, and with them all earlier ones of their partitions.

        So commit batches in the order in which they came. Loaders keep it, unless told otherwise (``in_order=False``).

        Args:
            messages: one message, or a batch that ``default_collate`` made of several: partitions and offsets are then
                int64 tensors [B].
        """
        partitions = torch.as_tensor(messages.partition).reshape(-1).tolist()
        offsets = torch.as_tensor(messages.offset).reshape(-1).tolist()
        done: dict[int, int] = {}
        for partition, offset in zip(partitions, offsets, strict=True):
            done[partition] = max(done.get(partition, 0), offset + 1)
        consumer = self.connect()
        try:
            consumer.commit(done)
        finally:
            consumer.close()


class MessageIterator(Iterator[Message]):
    """One reader's connection, which knows the next offset of each of its partitions."""

    def __init__(self, stream: MessageStream, reader: Reader) -> None:
        self._stream = stream
        self._consumer = stream.connect()
        partitions = sorted(self._consumer.partitions())
        if len(partitions) < reader.count:
            raise ValueError(
                f"MessageStream: there are {len(partitions)} partitions for {reader.count} readers (world_size="
                f"{reader.world_size} × {reader.num_workers} workers), and each reader needs a partition of its own. "
                "Use fewer workers, or give the broker more partitions."
            )
        committed = self._consumer.committed()
        self._positions = {partition: committed[partition] for partition in partitions[reader.number :: reader.count]}
        self._consumer.seek(self._positions)

    def __next__(self) -> Message:
        message = self._poll()
        if message is None:
            self._consumer.close()
            raise StopIteration
        self._positions[message.partition] = message.offset + 1
        if self._stream.transform is None:
            return message
        return message._replace(value=self._stream.transform(message.value))

    def _poll(self) -> Message | None:
        """Wait for a message, or until the stream has been idle for too long."""
        patience = float("inf") if self._stream.idle_timeout is None else self._stream.idle_timeout
        deadline = time.monotonic() + patience
        try:
            while True:
                left = max(deadline - time.monotonic(), 0)
                message = self._consumer.poll(min(left, LONGEST_POLL))
                if message is not None or left == 0:
                    return message
        except Exception as error:
            error.add_note(
                f"MessageStream: the broker failed when the next offsets were {self._positions}. What is not committed "
                "will be read again: mend the connection and start again."
            )
            raise

    def state_dict(self) -> dict[str, dict[int, int]]:
        """Return for each partition of this reader the offset of the next message."""
        return {"positions": dict(self._positions)}

    def load_state_dict(self, state: Mapping[str, Mapping[int, int]]) -> None:
        """Read on from a saved state, whatever was committed since.

        Raises:
            ValueError: if the state is of other partitions than this reader's.
        """
        positions = dict(state["positions"])
        if positions.keys() != self._positions.keys():
            raise ValueError(
                f"MessageStream: the state is of partitions {sorted(positions)}, but this reader has "
                f"{sorted(self._positions)}. Resume with as many ranks and workers as before, each with its own state."
            )
        self._positions = positions
        self._consumer.seek(positions)
