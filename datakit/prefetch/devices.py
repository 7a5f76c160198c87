"""What the prefetcher asks of a device: streams, events and memory.

A *stream* is a queue of work on the device: what is put in runs in order, and the host does not wait for it. Two
streams run side by side. An *event* is a mark in a stream; another stream, or the host, can wait until it is reached.

Source: "CUDA semantics", PyTorch documentation, sections CUDA streams and Use pinned memory buffers.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor


class Event(Protocol):
    """A mark in a stream. One that was never recorded counts as reached."""

    def record(self, stream: Any) -> None:
        """Put the mark at the end of ``stream``; an earlier place of it is forgotten."""

    def synchronize(self) -> None:
        """Let the host wait until the mark is reached."""


class Stream(Protocol):
    """A queue of work on a device."""

    def wait_event(self, event: Any) -> None:
        """Let what is put into this stream from now on wait for ``event``; the host goes on at once."""

    def wait_stream(self, stream: Any) -> None:
        """Let what is put into this stream from now on wait for all that ``stream`` holds now."""


class Device(Protocol):
    """Where batches go.

    Attributes:
        target: its name in PyTorch.
        copy_stream: the stream that copies and transforms; it is not the consumer's.
        stages: whether a batch takes two steps, from the loader's memory to host memory that the device can read by
            itself, and from there to the device. Where there is only host memory, one copy is enough.
    """

    target: torch.device
    copy_stream: Stream
    stages: bool

    def current_stream(self) -> Stream:
        """Return the stream into which the calling thread's work goes."""

    def copying(self) -> AbstractContextManager[Any]:
        """Send the calling thread's work to the copy stream while the context lasts."""

    def new_event(self) -> Event:
        """Make an event."""

    def host_memory(self, nbytes: int) -> Tensor:
        """Allocate bytes on the host, uint8 [nbytes], that the device can read by itself."""

    def device_memory(self, nbytes: int) -> Tensor:
        """Allocate bytes on the device, uint8 [nbytes]."""

    def can_read(self, tensor: Tensor) -> bool:
        """Whether the device can read ``tensor`` by itself, without the help of the host."""

    def keep_for(self, stream: Stream, tensor: Tensor) -> None:
        """Don't give the memory of a freed ``tensor`` to others before ``stream`` has done the work it has by then."""


class CPU:
    """The host itself. Its work is done when the call returns, so its streams and events have nothing to do."""

    target = torch.device("cpu")
    stages = False

    def __init__(self) -> None:
        self.copy_stream: Stream = torch.cpu.Stream()

    def current_stream(self) -> Stream:
        """See :class:`Device`."""
        stream: Stream = torch.cpu.current_stream()
        return stream

    def copying(self) -> AbstractContextManager[Any]:
        """See :class:`Device`."""
        return torch.cpu.stream(self.copy_stream)  # type: ignore[arg-type]  # it is a torch.cpu.Stream

    def new_event(self) -> Event:
        """See :class:`Device`."""
        return torch.cpu.Event()

    def host_memory(self, nbytes: int) -> Tensor:
        """See :class:`Device`."""
        return torch.empty(nbytes, dtype=torch.uint8)

    device_memory = host_memory

    def can_read(self, tensor: Tensor) -> bool:
        """Never: the loader may write into its own memory again, so a batch is always copied."""
        return False

    def keep_for(self, stream: Stream, tensor: Tensor) -> None:
        """See :class:`Device`."""


class CUDA:
    """A GPU. Pinned (page-locked) host memory is what it can read by itself.

    Args:
        target: a CUDA device; without an index, the current one.
    """

    stages = True

    def __init__(self, target: torch.device) -> None:
        self.target = torch.device("cuda", torch.cuda.current_device()) if target.index is None else target
        self.copy_stream: Stream = torch.cuda.Stream(self.target)  # type: ignore[no-untyped-call]

    def current_stream(self) -> Stream:
        """See :class:`Device`."""
        return torch.cuda.current_stream(self.target)

    def copying(self) -> AbstractContextManager[Any]:
        """See :class:`Device`."""
        return torch.cuda.stream(self.copy_stream)  # type: ignore[arg-type]  # it is a torch.cuda.Stream

    def new_event(self) -> Event:
        """See :class:`Device`. The host sleeps while it waits for this event, and leaves its core to the loader."""
        event: Event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        return event

    def host_memory(self, nbytes: int) -> Tensor:
        """See :class:`Device`."""
        return torch.empty(nbytes, dtype=torch.uint8, pin_memory=True)

    def device_memory(self, nbytes: int) -> Tensor:
        """See :class:`Device`."""
        return torch.empty(nbytes, dtype=torch.uint8, device=self.target)

    def can_read(self, tensor: Tensor) -> bool:
        """See :class:`Device`."""
        return tensor.is_cuda or tensor.is_pinned()

    def keep_for(self, stream: Stream, tensor: Tensor) -> None:
        """See :class:`Device`."""
        if tensor.is_cuda:
            tensor.record_stream(stream)  # type: ignore[arg-type]  # it is a torch.cuda.Stream


def find_device(name: str | torch.device) -> Device:
    """Return the device of that name.

    Raises:
        ValueError: if PyTorch knows no such device, or finds none on this machine, or it has no streams.
    """
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"PrefetchLoader: {name!r} is not a device. Pass 'cpu', 'cuda' or 'cuda:1'.") from error
    if device.type == "cpu":
        return CPU()
    if device.type != "cuda":
        raise ValueError(
            f"PrefetchLoader: batches can be copied ahead to 'cpu' or 'cuda'; {str(device)!r} arrived. "
            "Pass 'cpu', and move each batch with .to(device) in your loop."
        )
    found = torch.cuda.device_count()
    if (device.index or 0) >= found:
        raise ValueError(
            f"PrefetchLoader: device {str(device)!r} arrived, but PyTorch finds {found} CUDA devices here. "
            "Pass 'cpu': the same loop runs there."
        )
    return CUDA(device)
