"""The prefetcher: a thread brings the next batches to the device while the loop works on this one."""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

import torch
from torch import Tensor

from datakit._errors import check_bool, kind_of
from datakit.nesting import map_leaves
from datakit.prefetch.devices import Device, find_device
from datakit.prefetch.slots import Slot, Transform

# One that the consumer works on, one that is ready, and one that is on its way.
SLOTS = 3
# How long to wait, once the loop was left, for a loader that is in the middle of a batch.
PATIENCE_SECONDS = 10.0

# What the thread sends: a filled slot, the error that ended the epoch, or None at the epoch's regular end.
Message = Slot | BaseException | None


class PrefetchLoader:
    """The batches of a loader on a device, copied there while the loop works on an earlier batch.

    A thread takes batches from the loader, and a stream of its own copies each into a slot: memory on the host (pinned,
    for a GPU) and on the device that is used again and again. The loop's stream and the copy stream wait for each other
    by events, so neither the loop nor the GPU stops for a copy, and nothing is allocated for a batch. On a CPU there is
    one copy less and nothing to wait for; all else is the same.

    Batches may be nested in any way: tuples, dicts, namedtuples, dataclasses, ``PackedSequence``. Tensors are moved;
    other objects are moved if they have a method ``to``, and else come as they are. A tensor that is pinned already is
    copied from where it lies.

    **A batch is valid until the next is asked for**: its memory is then used again. To keep batches, clone them, or
    pass ``copy=True``.

    Random numbers: the loader runs in a thread, beside the loop. What a dataset draws from PyTorch's global generator
    then interleaves with the loop's draws in no fixed order; give it a generator of its own.

    The loader is a few batches ahead of the loop, so its own ``state_dict`` counts batches that the loop has not seen.
    Save this object's :meth:`state_dict` instead, which counts those that were yielded here.

    Args:
        loader: an iterable of batches, such as a ``DataLoader``; each loop over it is an epoch.
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or a ``torch.device``.
        transform: called with each batch on the device, in the copy stream and without gradients; what it returns is
            yielded. Send bytes over the bus and make floats here.
        copy: whether to yield batches that stay valid, at the price of one more copy on the device.

    Raises:
        TypeError: if ``loader`` can't be looped over, or only once, or ``transform`` can't be called.
        ValueError: if the device is unknown or not there, or ``copy`` is not a bool.

    Example:
        >>> from datakit import DataLoader, TensorDataset
        >>> pixels = torch.arange(6, dtype=torch.uint8)
        >>> loader = DataLoader(TensorDataset(pixels), batch_size=4)
        >>> for (batch,) in PrefetchLoader(loader, "cpu", lambda batch: [batch[0] / 255]):
        ...     print(batch.dtype, len(batch))
        torch.float32 4
        torch.float32 2

    Source: "CUDA semantics", PyTorch documentation, CUDA streams; "torch.Tensor.record_stream" for the hazard.
    """

    def __init__(
        self,
        loader: Iterable[Any],
        device: str | torch.device,
        transform: Transform | None = None,
        copy: bool = False,
    ) -> None:
        if not hasattr(loader, "__iter__"):
            raise TypeError(f"PrefetchLoader: {kind_of(loader)} can't be looped over. Pass a DataLoader.")
        if isinstance(loader, Iterator):
            raise TypeError(
                f"PrefetchLoader: {kind_of(loader)} can be looped over only once, so a second epoch would be "
                "empty. Pass the loader itself, not iter(loader)."
            )
        if transform is not None and not callable(transform):
            raise TypeError(f"PrefetchLoader: transform must be a function of a batch; {kind_of(transform)} arrived.")
        check_bool(copy, "copy", "PrefetchLoader")
        self.loader = loader
        self.device = find_device(device)
        self.transform = transform
        self.copy = copy
        self._position: _Position | None = None

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch; the first batches are fetched at once.

        Yields:
            The loader's batches in the loader's order. An error of the loader comes where its batch would have come,
            and ends the epoch.
        """
        self._position = _Position(self.loader)
        return _Epoch(self.loader, self._position, self.device, self.transform, self.copy)

    def __len__(self) -> int:
        """How many batches an epoch has.

        Raises:
            TypeError: if the loader has no length.
        """
        return len(self.loader)  # type: ignore[arg-type]  # a loader without a length fails with Python's message

    def state_dict(self) -> Any:
        """Return where the loop that was begun last stands: the loader's state after the batch that was yielded last.

        Raises:
            TypeError: if the loader has no state.
            ValueError: if the loader can't tell where it stands; see its own ``state_dict``.
        """
        self._check_resumable()
        state = (self._position or _Position(self.loader)).state
        if isinstance(state, ValueError):
            raise state
        return state

    def load_state_dict(self, state: Any) -> None:
        """Let the next loop go on where another one stood.

        Args:
            state: what :meth:`state_dict` returned, or the state of a loader that was made as this one's was.

        Raises:
            TypeError: if the loader has no state.
            ValueError: if the state doesn't fit the loader.
        """
        self._check_resumable()
        self._position = None
        self.loader.load_state_dict(state)  # type: ignore[attr-defined]  # it was asked for above

    def _check_resumable(self) -> None:
        if not hasattr(self.loader, "state_dict"):
            raise TypeError(
                f"PrefetchLoader: {kind_of(self.loader)} has no state_dict, so nobody knows where it stands. "
                "Pass a datakit.DataLoader."
            )


class _Position:
    """Where a loop stands. It outlives the loop, so that a loop that was left can be resumed.

    Attributes:
        state: the loader's after the batch that was yielded last, or the reason why it can't tell.
    """

    def __init__(self, loader: Iterable[Any]) -> None:
        self.loader = loader
        self.state = _state_of(loader)


class _Epoch(Iterator[Any]):
    """The loop's side: takes filled slots in order, and gives each back when the next is asked for."""

    def __init__(
        self,
        loader: Iterable[Any],
        position: _Position,
        device: Device,
        transform: Transform | None,
        copy: bool,
    ) -> None:
        batches = iter(loader)
        self.position = position
        self.device = device
        self.copy = copy
        self.held: Slot | None = None
        self.free: SimpleQueue[Slot] = SimpleQueue()
        self.filled: SimpleQueue[Message] = SimpleQueue()
        slots = [Slot(device) for _ in range(SLOTS)]
        for slot in slots:
            self.free.put(slot)
        # A dataset that lives on the device was written there by the loop's stream.
        device.copy_stream.wait_stream(device.current_stream())
        left = threading.Event()
        # The thread must hold no reference to this object, or leaving the loop would not end it.
        thread = threading.Thread(
            target=_read_ahead,
            args=(loader, batches, device, transform, self.free, self.filled, left),
            name="datakit prefetch",
            # Python waits for other threads before it runs its exit handlers, which are what ends this one.
            daemon=True,
        )
        thread.start()
        # Runs when the epoch is over, when the loop is left and this object goes, and at the latest at exit.
        self.finish = weakref.finalize(self, _finish, thread, slots, self.free, left)

    def __next__(self) -> Any:
        self._hand_back()
        if not self.finish.alive:
            raise StopIteration
        message = self.filled.get()
        if isinstance(message, Slot):
            batch = message.hand_over(self.device.current_stream())
            self.held = message
            self.position.state = message.state
            if self.copy:
                batch = map_leaves(_clone, batch)
                self._hand_back()
            return batch
        self.finish()
        if message is None:
            self.position.state = _state_of(self.position.loader)
            raise StopIteration
        raise message

    def _hand_back(self) -> None:
        if self.held is not None:
            self.held.hand_back(self.device.current_stream())
            self.free.put(self.held)
            self.held = None


def _read_ahead(
    loader: Iterable[Any],
    batches: Iterator[Any],
    device: Device,
    transform: Transform | None,
    free: SimpleQueue[Slot],
    filled: SimpleQueue[Message],
    left: threading.Event,
) -> None:
    """The loader's side, in a thread: fills free slots with batches until there are no more or the loop was left."""
    try:
        # The loader too works in the copy stream: it may make its batches on the device.
        with device.copying():
            for number, batch in enumerate(batches):
                slot = free.get()
                if left.is_set():
                    return
                slot.state = _state_of(loader)
                try:
                    slot.fill(batch, transform)
                except Exception as error:
                    error.add_note(f"PrefetchLoader: this came while batch {number} was copied and transformed.")
                    raise
                filled.put(slot)
                # The loader may write into this batch's memory again as soon as it is asked for the next.
                slot.leave_source()
    except BaseException as error:
        filled.put(error)
    else:
        filled.put(None)


def _finish(thread: threading.Thread, slots: Sequence[Slot], free: SimpleQueue[Slot], left: threading.Event) -> None:
    """End the thread and let the slots go."""
    left.set()
    # The thread may wait for a free slot; any will do to wake it.
    free.put(slots[0])
    # Python's cycle collector may call this from any thread, that one too, which can't wait for itself.
    if thread is not threading.current_thread():
        thread.join(PATIENCE_SECONDS)
        if thread.is_alive():
            warnings.warn(
                f"PrefetchLoader: the loop was left {PATIENCE_SECONDS:g} s ago, and the loader is still busy with a "
                "batch. The thread ends when that batch is made. Look for what blocks in the dataset.",
                RuntimeWarning,
                stacklevel=2,
            )
    for slot in slots:
        slot.retire()


def _state_of(loader: Iterable[Any]) -> Any:
    """Ask a loader where it stands: its state, the reason why it can't tell, or ``None`` if it never can."""
    try:
        return loader.state_dict() if hasattr(loader, "state_dict") else None
    except ValueError as error:
        return error


def _clone(leaf: Any) -> Any:
    return leaf.clone() if isinstance(leaf, Tensor) else leaf
