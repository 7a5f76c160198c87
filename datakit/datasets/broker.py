"""What a stream needs of a message broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class Message(NamedTuple):
    """A message, and where it stands.

    Attributes:
        partition: the queue that it is in. Messages are in order within a partition, and not between partitions.
        offset: its number within the partition.
        value: what was sent.
    """

    partition: int
    offset: int
    value: Any


class Consumer(Protocol):
    """A connection to a broker, on behalf of one group of readers.

    Positions map a partition to an offset: that of the next message to read, or of the first one not yet done.

    Kafka is the example for production. With the package ``confluent-kafka`` a consumer is about this::

        class KafkaConsumer:
            def __init__(self, topic, **config):
                self.topic = topic
                self.kafka = confluent_kafka.Consumer({"enable.auto.commit": False, **config})

            def partitions(self):
                return sorted(self.kafka.list_topics(self.topic).topics[self.topic].partitions)

            def committed(self):
                known = self.kafka.committed([TopicPartition(self.topic, p) for p in self.partitions()])
                return {place.partition: max(place.offset, 0) for place in known}

            def seek(self, positions):
                self.kafka.assign([TopicPartition(self.topic, p, offset) for p, offset in positions.items()])

            def poll(self, timeout):
                message = self.kafka.poll(timeout)
                if message is None:
                    return None
                if message.error():
                    raise confluent_kafka.KafkaException(message.error())
                return Message(message.partition(), message.offset(), message.value())

            def commit(self, positions):
                places = [TopicPartition(self.topic, p, offset) for p, offset in positions.items()]
                self.kafka.commit(offsets=places, asynchronous=False)

            def close(self):
                self.kafka.close()
    """

    def partitions(self) -> Sequence[int]:
        """Return the partitions there are."""
        ...

    def committed(self) -> Mapping[int, int]:
        """Return for each partition the offset of the first message that is not yet done."""
        ...

    def seek(self, positions: Mapping[int, int]) -> None:
        """Read these partitions from here on, and no others."""
        ...

    def poll(self, timeout: float) -> Message | None:
        """Return the next message, or ``None`` if there is none within ``timeout`` seconds."""
        ...

    def commit(self, positions: Mapping[int, int]) -> None:
        """Note that all messages before these offsets are done."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...
