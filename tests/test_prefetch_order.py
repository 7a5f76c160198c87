"""Who waits for whom: nobody reads a batch before it is there, and nobody overwrites one that is still read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from datakit.prefetch import loader as prefetch_loader
from datakit.prefetch.loader import SLOTS, PrefetchLoader
from datakit.prefetch.slots import Slot
from tests.recorded_device import Actor, RecordedDevice, RecordedEvent

BATCHES = 4 * SLOTS


class Fresh:
    """Gives each batch in memory of its own."""

    def __iter__(self) -> Iterator[Tensor]:
        return (torch.full((3,), number) for number in range(BATCHES))


class Reused:
    """Writes all batches into the same pinned memory, so each is valid until the next is asked for."""

    def __init__(self, device: RecordedDevice) -> None:
        self.device = device
        self.memory = device.host_memory(3)

    def __iter__(self) -> Iterator[Tensor]:
        for number in range(BATCHES):
            self.memory.copy_(torch.full((3,), number, dtype=torch.uint8))
            yield self.memory.as_subclass(Tensor)


def run(make: Callable[[RecordedDevice], Any], transform: bool = False, copy: bool = False) -> RecordedDevice:
    """Loop over a recorded device as a training loop does; return what was written down."""
    device = RecordedDevice()

    def double(batch: Tensor) -> Tensor:
        device.touch(device.current_stream(), batch, writes=False, what="the transform reads")
        result = 2 * batch
        device.touch(device.current_stream(), result, writes=True, what="the transform writes")
        device.note_end_of(result)
        return result

    loader = PrefetchLoader(make(device), "cpu", double if transform else None, copy)
    loader.device = device
    sums = []
    for batch in loader:
        # With copy=True the clone is made in the loop's stream, and its memory is nobody else's.
        device.read_in_loop(batch)
        sums.append(int(batch.sum()))
    assert sums == [3 * (1 + transform) * number for number in range(BATCHES)]
    return device


@pytest.mark.parametrize("transform", [False, True])
@pytest.mark.parametrize("make", [lambda device: Fresh(), Reused])
def test_no_two_accesses_race(make: Callable[[RecordedDevice], Any], transform: bool) -> None:
    device = run(make, transform)
    assert len(device.accesses) >= 4 * BATCHES
    assert device.races() == []


def never(*_: Any) -> None:
    """A wait that was forgotten."""


def waits_only(name: str) -> Callable[[Actor, RecordedEvent], None]:
    """A ``wait_event`` that all streams but ``name`` forget."""

    def wait_event(self: Actor, event: RecordedEvent) -> None:
        if self.name == name:
            self.learn(event.seen)

    return wait_event


@pytest.mark.parametrize(
    ("owner", "method", "replacement", "make", "transform", "race"),
    [
        # The loop does not wait for *copied*.
        (Actor, "wait_event", waits_only("copy stream"), Fresh, False, "a copy writes (copy stream) | the loop reads"),
        # The copy does not wait for *consumed*.
        (Actor, "wait_event", waits_only("loop's stream"), Fresh, False, "the loop reads (loop's stream) | a copy wr"),
        (Actor, "wait_event", waits_only("loop's stream"), Fresh, True, "the loop reads (loop's stream) | memory is"),
        # The memory of the last batches goes back to the allocator while the loop still reads.
        (Slot, "retire", never, Fresh, True, "the loop reads (loop's stream) | memory is freed"),
        # *consumed* is never recorded.
        (Slot, "hand_back", never, Fresh, False, "the loop reads (loop's stream) | a copy writes"),
        # The host does not wait for *copied* before it writes into pinned memory again.
        (RecordedEvent, "synchronize", never, Fresh, False, "a copy reads (copy stream) | a copy writes (host"),
        # The loader is asked for the next batch while the device still reads this one.
        (Slot, "leave_source", never, Reused, False, "a copy reads (copy stream) | a copy writes (host"),
    ],
)
def test_each_wait_is_needed(
    owner: type, method: str, replacement: Any, make: Any, transform: bool, race: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, method, replacement)
    races = run(make if make is Reused else lambda device: make(), transform).races()
    assert any(race in found for found in races), races


def test_memory_is_allocated_once() -> None:
    device = run(lambda device: Fresh())
    assert sorted(device.allocated) == ["device"] * SLOTS + ["host"] * SLOTS


def test_pinned_batches_are_copied_from_where_they_lie() -> None:
    device = run(Reused)
    assert sorted(device.allocated) == ["device"] * SLOTS + ["host"]


def test_memory_that_the_loop_still_reads_is_kept_for_it() -> None:
    device = run(lambda device: Fresh(), transform=True)
    # The last batch of each slot: nothing in the copy stream comes after it, which could wait.
    assert [stream.name for stream in device.kept.values()] == ["loop's stream"] * SLOTS


def test_a_copy_gives_the_slot_back_at_once() -> None:
    device = RecordedDevice()
    loader = PrefetchLoader(Fresh(), "cpu", copy=True)
    loader.device = device
    epoch = iter(loader)
    next(epoch)
    assert isinstance(epoch, prefetch_loader._Epoch)
    assert epoch.held is None


def test_the_copy_stream_begins_after_what_the_loop_did_before() -> None:
    device = RecordedDevice()
    on_device = device.device_memory(3)
    device.touch(device.loop_stream, on_device, writes=True, what="the data set is made")

    class OnDevice:
        def __iter__(self) -> Iterator[Tensor]:
            device.touch(device.current_stream(), on_device, writes=False, what="the loader reads")
            yield torch.zeros(1)

    loader = PrefetchLoader(OnDevice(), "cpu")
    loader.device = device
    list(loader)
    assert [access.actor for access in device.accesses[:2]] == ["loop's stream", "copy stream"]
    assert device.races() == []
