"""Where a batch lies on its way: a slot is memory for one batch that is used again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from datakit.nesting import map_leaves, tensors_in
from datakit.prefetch.devices import Device, Stream

Transform = Callable[[Any], Any]


class Buffer:
    """Memory for one tensor. It is allocated once, and again only for a tensor that is larger than all before it.

    Args:
        allocate: makes a uint8 tensor of so many bytes.
    """

    def __init__(self, allocate: Callable[[int], Tensor]) -> None:
        self.allocate = allocate
        self.memory = allocate(0)
        self.layout: tuple[Any, ...] | None = None
        self.view = self.memory

    def like(self, tensor: Tensor) -> Tensor:
        """Return the memory in the dtype, shape and memory format of ``tensor``; its values are not copied."""
        layout = (tensor.dtype, tensor.shape, tensor.stride())
        if layout != self.layout:
            if tensor.nbytes > len(self.memory):
                self.memory = self.allocate(tensor.nbytes)
            # A meta tensor has no memory. It is asked for the strides that a copy has: those of `tensor` (channels
            # last, say), but without gaps.
            strides = torch.empty_like(tensor, device="meta").stride()
            self.view = self.memory[: tensor.nbytes].view(tensor.dtype).as_strided(tensor.shape, strides)
            self.layout = layout
        return self.view


class Slot:
    """Memory for one batch, on the host and on the device, and the two events that pass it on.

    The loader's side calls :meth:`fill` and :meth:`leave_source`, the consumer's side :meth:`hand_over` and
    :meth:`hand_back`, in turn. Who may use the slot when is settled by two events:

    - *copied*: the batch is on the device. The consumer's stream waits for it before it reads, and the host before it
      writes to the slot's host memory again.
    - *consumed*: the consumer has put its last work on the batch into its stream. The copy stream waits for it before
      it overwrites the slot's device memory.

    Args:
        device: where the batch goes.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.copied = device.new_event()
        self.consumed = device.new_event()
        self.batch: Any = None
        self.state: Any = None  # the loader's, after it had made the batch
        self.reader: Stream | None = None
        self.buffers: list[tuple[Buffer, Buffer]] = []
        self.used = 0
        self.source_is_read_later = False

    def fill(self, batch: Any, transform: Transform | None) -> None:
        """Start to bring ``batch`` to the device, and to transform it there; called inside ``device.copying()``."""
        self.copied.synchronize()
        self.device.copy_stream.wait_event(self.consumed)
        # What the transform made last time is let go only now: from here on its memory may be used again.
        self.batch = None
        self.used = 0
        self.source_is_read_later = False
        with torch.no_grad():
            moved = map_leaves(self._move, batch)
            self.batch = moved if transform is None else transform(moved)
        self.copied.record(self.device.copy_stream)

    def leave_source(self) -> None:
        """Wait until nothing reads the memory of the batch that :meth:`fill` was called with."""
        if self.source_is_read_later:
            self.copied.synchronize()

    def hand_over(self, stream: Stream) -> Any:
        """Return the batch, for work that goes into ``stream``."""
        stream.wait_event(self.copied)
        self.reader = stream
        return self.batch

    def hand_back(self, stream: Stream) -> None:
        """Mark the end of the work on the batch."""
        self.consumed.record(stream)

    def retire(self) -> None:
        """Let the memory go once the consumer's stream has done its work on it; called once, at an epoch's end."""
        if self.reader is not None:
            for tensor in tensors_in(self.batch):
                self.device.keep_for(self.reader, tensor)

    def _move(self, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf.to(self.device.target) if hasattr(leaf, "to") else leaf
        if type(leaf) is not Tensor or leaf.layout != torch.strided or leaf.is_nested:
            # It has more to it than its elements (a class, indices, lengths), so it is left to move itself.
            return leaf.to(self.device.target, copy=True)
        host, device = self._next_buffers()
        source = leaf
        if self.device.can_read(source):
            self.source_is_read_later = True
        else:
            source = host.like(leaf).copy_(leaf)
        return device.like(source).copy_(source, non_blocking=True) if self.device.stages else source

    def _next_buffers(self) -> tuple[Buffer, Buffer]:
        """Return the buffers of the next tensor; a batch visits its tensors in the same order each time."""
        if self.used == len(self.buffers):
            self.buffers.append((Buffer(self.device.host_memory), Buffer(self.device.device_memory)))
        self.used += 1
        return self.buffers[self.used - 1]
