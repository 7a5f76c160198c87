"""A device that runs on the CPU and writes down who touched which memory, and who waited for whom.

On a GPU a missing wait is a race: wrong once in a while. Here it is a fact that can be asserted. Each *actor* (a
stream, or a thread of the host) counts its own steps and knows how far along it has seen each other actor: a vector
clock. An access happened before another if the other's actor had seen it. Two accesses to the same memory, one of them
a write, must be ordered.

Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978; F. Mattern, "Virtual Time
and Global States of Distributed Systems", 1988.
"""

from __future__ import annotations

import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


class Actor:
    """A stream of the device, or a thread of the host."""

    def __init__(self, name: str, device: RecordedDevice) -> None:
        self.name = name
        self.device = device
        self.seen: Counter[str] = Counter()

    def learn(self, seen: Counter[str]) -> None:
        self.seen |= seen

    def wait_event(self, event: RecordedEvent) -> None:
        self.learn(event.seen)

    def wait_stream(self, stream: Actor) -> None:
        self.learn(stream.seen)


class RecordedEvent:
    def __init__(self, device: RecordedDevice) -> None:
        self.device = device
        self.seen: Counter[str] = Counter()

    def record(self, stream: Actor) -> None:
        stream.learn(self.device.host().seen)
        self.seen = Counter(stream.seen)

    def synchronize(self) -> None:
        self.device.host().learn(self.seen)


@dataclass
class Access:
    actor: str
    step: int
    memory: int
    writes: bool
    seen: Counter[str]
    what: str

    def before(self, other: Access) -> bool:
        return other.seen[self.actor] >= self.step

    def races_with(self, other: Access) -> bool:
        return (
            self.memory == other.memory
            and (self.writes or other.writes)
            and not self.before(other)
            and not other.before(self)
        )


class RecordedTensor(Tensor):
    """Memory of the device, or pinned memory of the host: ``copy_`` to it and from it is written down."""

    device_log: RecordedDevice | None = None

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is Tensor.copy_ and cls.device_log is not None:
            cls.device_log.note_copy(args[0], args[1])
        return super().__torch_function__(func, types, args, kwargs)


class RecordedDevice:
    """See :class:`datakit.prefetch.devices.Device`."""

    target = torch.device("cpu")
    stages = True

    def __init__(self) -> None:
        self.accesses: list[Access] = []
        self.kept: dict[int, Actor] = {}
        self.allocated: list[str] = []
        self.host_addresses: set[int] = set()
        self.memories: list[Tensor] = []
        self.lock = threading.Lock()
        self.hosts: dict[int, Actor] = {}
        self.copy_stream = Actor("copy stream", self)
        self.loop_stream = Actor("loop's stream", self)
        self.copying_threads: set[int] = set()
        RecordedTensor.device_log = self

    # What the prefetcher asks.

    def current_stream(self) -> Actor:
        return self.copy_stream if threading.get_ident() in self.copying_threads else self.loop_stream

    @contextmanager
    def copying(self) -> Iterator[None]:
        self.copying_threads.add(threading.get_ident())
        try:
            yield
        finally:
            self.copying_threads.discard(threading.get_ident())

    def new_event(self) -> RecordedEvent:
        return RecordedEvent(self)

    def host_memory(self, nbytes: int) -> Tensor:
        memory = self._memory(nbytes, "host")
        self.host_addresses.add(memory.untyped_storage().data_ptr())
        return memory

    def device_memory(self, nbytes: int) -> Tensor:
        return self._memory(nbytes, "device")

    def can_read(self, tensor: Tensor) -> bool:
        return tensor.untyped_storage().data_ptr() in self.host_addresses

    def keep_for(self, stream: Actor, tensor: Tensor) -> None:
        self.kept[tensor.untyped_storage().data_ptr()] = stream

    # What the test asks.

    def host(self) -> Actor:
        ident = threading.get_ident()
        if ident not in self.hosts:
            self.hosts[ident] = Actor(f"host thread {len(self.hosts)}", self)
        return self.hosts[ident]

    def touch(self, actor: Actor, tensor: Tensor, writes: bool, what: str) -> None:
        """Write down that ``actor`` reads or writes the memory of ``tensor``."""
        with self.lock:
            actor.learn(self.host().seen)  # what the host did before it gave the order
            actor.seen[actor.name] += 1
            address = tensor.untyped_storage().data_ptr()
            self.accesses.append(Access(actor.name, actor.seen[actor.name], address, writes, Counter(actor.seen), what))

    def read_in_loop(self, tensor: Tensor) -> None:
        self.touch(self.loop_stream, tensor, writes=False, what="the loop reads")

    def note_copy(self, destination: Tensor, source: Tensor) -> None:
        on_host = destination.untyped_storage().data_ptr() in self.host_addresses
        actor = self.host() if on_host else self.copy_stream
        self.touch(actor, destination, writes=True, what="a copy writes")
        self.touch(actor, source, writes=False, what="a copy reads")

    def note_end_of(self, tensor: Tensor) -> None:
        """Count the moment at which ``tensor`` is freed as a write: the copy stream may use the memory for another."""
        address = tensor.untyped_storage().data_ptr()

        def freed() -> None:
            with self.lock:
                stream = self.copy_stream
                stream.seen[stream.name] += 1
                seen = Counter(stream.seen)
                if address in self.kept:
                    seen |= self.kept[address].seen
                step = stream.seen[stream.name]
                self.accesses.append(Access(stream.name, step, address, True, seen, "memory is freed"))

        weakref.finalize(tensor, freed)

    def races(self) -> list[str]:
        return [
            f"{one.what} ({one.actor}) | {other.what} ({other.actor})"
            for place, one in enumerate(self.accesses)
            for other in self.accesses[place + 1 :]
            if one.races_with(other)
        ]

    def _memory(self, nbytes: int, where: str) -> Tensor:
        if nbytes:
            self.allocated.append(where)
        # At least one byte, so that each has an address; held, so that no address comes twice.
        memory = torch.empty(max(nbytes, 1), dtype=torch.uint8)[:nbytes].as_subclass(RecordedTensor)
        self.memories.append(memory)
        return memory
