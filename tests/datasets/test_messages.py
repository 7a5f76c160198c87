"""Live messages: order, back-pressure, crashes, resuming. Producers and readers are real threads and processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing.managers import BaseManager
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader
from torchdata.stateful_dataloader import StatefulDataLoader

from datakit import MemoryBroker, Message, MessageStream
from datakit.datasets.memory_broker import MemoryConsumer
from datakit.datasets.worker_split import working_as

IDLE = 0.2


def filled(n: int, partitions: int = 1, capacity: int = 1000) -> MemoryBroker:
    broker = MemoryBroker(partitions, capacity)
    for value in range(n):
        broker.send(value)
    return broker


def values(messages: Any) -> list[Any]:
    return [message.value for message in messages]


# A broker in a process of its own, reached over a socket


class Server(BaseManager):
    pass


_served: list[MemoryBroker] = []


def the_broker(partitions: int) -> MemoryBroker:
    if not _served:
        _served.append(MemoryBroker(partitions))
    return _served[0]


Server.register("broker", the_broker, exposed=["send", "committed", "commit", "fetch"])


def connect_to(address: Any) -> MemoryConsumer:
    server = Server(address, authkey=b"test")
    server.connect()
    return MemoryConsumer(server.broker(4))  # type: ignore[attr-defined]


@pytest.fixture
def address() -> Iterator[Any]:
    """Where a broker with 4 partitions and 20 messages listens."""
    with Server(("127.0.0.1", 0), authkey=b"test", ctx=multiprocessing.get_context("fork")) as server:
        broker = server.broker(4)  # type: ignore[attr-defined]
        for value in range(20):
            broker.send(value)
        yield server.address


# Reading


@settings(max_examples=40, deadline=None)
@given(n=st.integers(0, 20), partitions=st.integers(1, 5), commits=st.lists(st.integers(0, 19)))
def test_what_is_not_committed_is_read_again_and_nothing_is_lost(n: int, partitions: int, commits: list[int]) -> None:
    broker = filled(n, partitions)
    stream = MessageStream(broker.connect, idle_timeout=0.001)
    messages = list(stream)
    assert Counter(values(messages)) == Counter(range(n))
    for partition in range(partitions):
        offsets = [message.offset for message in messages if message.partition == partition]
        assert offsets == list(range(len(offsets)))
    for at in commits:
        if at < n:
            stream.commit(messages[at])
    done = broker.committed()
    again = list(stream)
    if partitions == 1:
        assert again == messages[done[0] :]
    assert Counter(values(again)) == Counter(m.value for m in messages if m.offset >= done[m.partition])


def test_partitions_take_turns() -> None:
    broker = MemoryBroker(partitions=2)
    for partition in [0, 0, 0, 1, 1, 1]:
        broker.send(partition, partition)
    assert values(MessageStream(broker.connect, idle_timeout=IDLE)) == [0, 1, 0, 1, 0, 1]


def test_messages_are_read_as_they_come_in() -> None:
    broker = MemoryBroker()
    messages = iter(MessageStream(broker.connect, transform=lambda value: value * 2))
    timer = threading.Timer(0.3, broker.send, [21])
    timer.start()
    assert next(messages) == Message(0, 0, 42)
    timer.join()


def test_a_loop_ends_when_no_message_comes() -> None:
    assert list(MessageStream(MemoryBroker().connect, idle_timeout=0.05)) == []


@settings(max_examples=30, deadline=None)
@given(ranks=st.integers(1, 3), workers=st.integers(1, 3))
def test_each_message_has_one_reader(ranks: int, workers: int) -> None:
    broker = filled(40, partitions=10)
    seen: list[int] = []
    for rank in range(ranks):
        stream = MessageStream(broker.connect, idle_timeout=0.001, rank=rank, world_size=ranks)
        for worker in range(workers):
            with working_as(worker, workers):
                seen += values(stream)
    assert Counter(seen) == Counter(range(40))


def test_worker_processes_read_and_batches_are_committed(address: Any) -> None:
    stream = MessageStream(partial(connect_to, address), idle_timeout=1.0)
    seen: list[int] = []
    for batch in TorchLoader(stream, batch_size=3, num_workers=2):
        assert isinstance(batch.offset, torch.Tensor)
        seen += batch.value.tolist()
        stream.commit(batch)
    assert Counter(seen) == Counter(range(20))
    assert connect_to(address).committed() == {0: 5, 1: 5, 2: 5, 3: 5}


# Crashes


def read_and_die(address: Any, read: int, committed: int, pipe: Any) -> None:
    stream = MessageStream(partial(connect_to, address), idle_timeout=1.0)
    messages = iter(stream)
    for number in range(read):
        message = next(messages)
        pipe.send(message.value)
        if number < committed:
            stream.commit(message)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("read", "committed"), [(7, 4), (3, 0), (5, 5)])
def test_a_reader_that_dies_between_reading_and_committing_loses_nothing(
    address: Any, read: int, committed: int
) -> None:
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=read_and_die, args=(address, read, committed, send))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    first = [receive.recv() for _ in range(read)]
    second = values(MessageStream(partial(connect_to, address), idle_timeout=1.0))
    assert Counter(first[:committed] + second) == Counter(range(20))
    assert set(first) & set(second) == set(first[committed:])


def test_what_a_loader_reads_ahead_is_not_done(address: Any) -> None:
    stream = MessageStream(partial(connect_to, address), idle_timeout=1.0)
    batches = iter(TorchLoader(stream, batch_size=2, num_workers=2, prefetch_factor=4))
    first = next(batches)
    stream.commit(first)
    del batches
    rest = values(MessageStream(partial(connect_to, address), idle_timeout=1.0))
    assert Counter(first.value.tolist() + rest) == Counter(range(20))


def test_a_lost_broker_is_told_with_the_offsets() -> None:
    class Breaking(MemoryConsumer):
        polls = 0

        def poll(self, timeout: float) -> Message | None:
            self.polls += 1
            if self.polls > 2:
                raise ConnectionResetError("the broker went away")
            return super().poll(timeout)

    messages = iter(MessageStream(lambda: Breaking(filled(5)), idle_timeout=IDLE))
    assert [next(messages).value, next(messages).value] == [0, 1]
    with pytest.raises(ConnectionResetError) as caught:
        next(messages)
    assert caught.value.__notes__ == [
        "MessageStream: the broker failed when the next offsets were {0: 2}. What is not committed will be read again: "
        "mend the connection and start again."
    ]


# Resuming


@settings(max_examples=30, deadline=None)
@given(partitions=st.integers(1, 4), taken=st.integers(0, 20))
def test_a_loop_goes_on_where_another_stood(partitions: int, taken: int) -> None:
    stream = MessageStream(filled(20, partitions).connect, idle_timeout=0.001)
    first = iter(stream)
    before = [next(first).value for _ in range(taken)]
    state = first.state_dict()
    after = values(first)
    second = iter(stream)
    second.load_state_dict(state)
    assert Counter(values(second)) == Counter(after)
    assert Counter(before + after) == Counter(range(20))


def test_torchdatas_stateful_loader_resumes(address: Any) -> None:
    def loader() -> StatefulDataLoader[Any]:
        stream = MessageStream(partial(connect_to, address), idle_timeout=1.0)
        return StatefulDataLoader(stream, batch_size=2, num_workers=2)

    first = loader()
    batches = iter(first)
    seen = [value for _ in range(4) for value in next(batches).value.tolist()]
    state = first.state_dict()
    del batches
    second = loader()
    second.load_state_dict(state)
    assert Counter(seen + [value for batch in second for value in batch.value.tolist()]) == Counter(range(20))


def test_a_state_of_other_partitions_is_refused() -> None:
    broker = filled(4, partitions=2)
    state = iter(MessageStream(broker.connect, rank=0, world_size=2)).state_dict()
    with pytest.raises(
        ValueError, match=r"the state is of partitions \[0\], but this reader has \[0, 1\]. Resume with"
    ):
        iter(MessageStream(broker.connect)).load_state_dict(state)


def test_a_state_from_before_what_is_committed_is_refused() -> None:
    stream = MessageStream(filled(4).connect, idle_timeout=IDLE)
    messages = iter(stream)
    state = messages.state_dict()
    stream.commit(next(messages))
    messages.load_state_dict(state)
    with pytest.raises(ValueError, match=r"the message at offset 0 of partition 0 is gone: all before 1 are committed"):
        next(messages)


# Back-pressure


def test_a_producer_waits_for_slow_readers() -> None:
    broker = MemoryBroker(partitions=2, capacity=3)
    most = []

    def produce() -> None:
        for value in range(60):
            broker.send(value)

    producer = threading.Thread(target=produce)
    producer.start()
    stream = MessageStream(broker.connect, idle_timeout=1.0)
    seen = []
    for message in stream:
        most.append(max(map(len, broker._kept)))
        seen.append(message.value)
        stream.commit(message)
    producer.join()
    assert Counter(seen) == Counter(range(60))
    assert max(most) == 3


def test_a_full_partition_is_told() -> None:
    broker = filled(2, capacity=2)
    words = r"MemoryBroker: partition 0 is full: 2 messages wait to be committed. Commit what is done, add readers"
    with pytest.raises(TimeoutError, match=words):
        broker.send(3, timeout=0.05)
    broker.commit({0: 1})
    assert broker.send(3, timeout=0.05) == (0, 2)


def test_several_threads_send_and_read() -> None:
    broker = MemoryBroker(partitions=4, capacity=10)
    seen: list[list[int]] = [[] for _ in range(4)]

    def read(number: int) -> None:
        with working_as(number, num_workers=4):
            stream = MessageStream(broker.connect, idle_timeout=1.0)
            for message in stream:
                seen[number].append(message.value)
                stream.commit(message)

    def produce(first: int) -> None:
        for value in range(first, first + 50):
            broker.send(value)

    threads = [threading.Thread(target=read, args=(i,)) for i in range(4)]
    threads += [threading.Thread(target=produce, args=(i * 50,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(value for part in seen for value in part) == Counter(range(200))


# Refusals


@pytest.mark.parametrize("partition", [-1, 2])
def test_a_partition_that_is_not_there_is_refused(partition: int) -> None:
    broker = filled(4, partitions=2)
    words = f"MemoryBroker: there is no partition {partition}. They are numbered from 0 to 1"
    for ask in (
        lambda: broker.send("x", partition),
        lambda: broker.commit({partition: 1}),
        lambda: broker.fetch({partition: 0}, timeout=0),
    ):
        with pytest.raises(ValueError, match=words):
            ask()
    assert broker.committed() == {0: 0, 1: 0}


def test_fewer_partitions_than_readers_is_refused() -> None:
    stream = MessageStream(MemoryBroker(partitions=3).connect, rank=0, world_size=4)
    words = r"MessageStream: there are 3 partitions for 4 readers \(world_size=4 × 1 workers\).* more partitions"
    with pytest.raises(ValueError, match=words):
        iter(stream)


def test_commits_never_go_back_and_never_ahead() -> None:
    broker = filled(3)
    broker.commit({0: 2})
    broker.commit({0: 1})
    assert broker.committed() == {0: 2}
    with pytest.raises(
        ValueError, match=r"offset 4 of partition 0 can't be committed: the next message there has offset 3"
    ):
        broker.commit({0: 4})


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: MessageStream(MemoryBroker()), TypeError, "connect is a MemoryBroker. Pass a function"),  # type: ignore[arg-type]
        (lambda: MessageStream(MemoryBroker().connect, idle_timeout=0), ValueError, "idle_timeout must be a positive"),
        (lambda: MessageStream(MemoryBroker().connect, rank=1), ValueError, "Pass both, or neither"),
        (lambda: MemoryBroker(0), ValueError, "MemoryBroker: partitions must be a positive integer; 0 arrived"),
        (lambda: MemoryBroker(1, 0), ValueError, "MemoryBroker: capacity must be a positive integer; 0 arrived"),
    ],
)
def test_bad_arguments_are_refused(make: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        make()
