"""What streams share: readers, epochs, shuffling, and resuming where a reader stopped."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import torch
from torch.utils.data import IterableDataset

from datakit.datasets.shuffle_buffer import ShuffleBuffer
from datakit.datasets.urls import Url, list_urls
from datakit.datasets.worker_split import Reader, current_worker, rank_and_world_size


class FileStream(IterableDataset[Any]):
    """Samples that are read from files in order. A subclass says how, by ``_raw`` and ``_sample``.

    Args:
        urls: paths or URLs; a ``*`` in one stands for any characters.
        shuffle_buffer: 0 keeps the order of files and samples. A larger number shuffles the files and, through a
            buffer of that many samples, what is read from them.
        seed: with the epoch it fixes the order.
        rank: this training process; by default it is found out.
        world_size: how many training processes there are; by default it is found out.
        transform: called with each sample.
        storage_options: passed on to the storage that fsspec opens.
    """

    def __init__(
        self,
        urls: Url | Sequence[Url],
        shuffle_buffer: int,
        seed: int,
        rank: int | None,
        world_size: int | None,
        transform: Callable[[Any], Any] | None,
        storage_options: Mapping[str, Any] | None,
    ) -> None:
        owner = type(self).__name__
        if not isinstance(shuffle_buffer, int) or isinstance(shuffle_buffer, bool) or shuffle_buffer < 0:
            raise ValueError(
                f"{owner}: shuffle_buffer must be 0 (the order of the files) or a positive number of samples to hold; "
                f"{shuffle_buffer!r} arrived."
            )
        self.storage_options = dict(storage_options or {})
        self.urls = list_urls(urls, self.storage_options, owner)
        self.shuffle_buffer = shuffle_buffer
        self.seed = seed
        self.rank, self.world_size = rank_and_world_size(rank, world_size, owner)
        self.transform = transform
        # In shared memory, so that workers that outlive an epoch see what set_epoch says in the main process.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    @property
    def epoch(self) -> int:
        """The epoch that the next loop reads."""
        return int(self._epoch.item())

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next, so that its order differs from the others'. Call it before each epoch.

        Every rank must be told the same number.
        """
        self._epoch.fill_(epoch)

    def __iter__(self) -> StreamIterator:
        """Begin an epoch: this reader's part of it."""
        worker, num_workers = current_worker()
        return StreamIterator(self, Reader(self.rank, self.world_size, worker, num_workers), self.epoch)

    def _samples(self, reader: Reader, epoch: int, skip: int) -> Iterator[Any]:
        """Yield a reader's samples of an epoch, but for the first ``skip``."""
        urls = list(self.urls)
        if self.shuffle_buffer:
            # The same for all readers: they divide one order among them.
            random.Random(f"files, seed {self.seed}, epoch {epoch}").shuffle(urls)
        raw = self._raw(urls, reader)
        if self.shuffle_buffer:
            rng = random.Random(f"buffer, seed {self.seed}, epoch {epoch}, reader {reader.number}")
            raw = iter(ShuffleBuffer(raw, self.shuffle_buffer, rng))
        for item in islice(raw, skip, None):
            sample = self._sample(item)
            yield sample if self.transform is None else self.transform(sample)

    @abstractmethod
    def _raw(self, urls: list[str], reader: Reader) -> Iterator[Any]:
        """Yield what a reader reads from the files, as cheaply as may be: some of it will only be skipped."""

    @abstractmethod
    def _sample(self, raw: Any) -> Any:
        """Make a sample of what was read."""


class StreamIterator(Iterator[Any]):
    """One reader's loop over a stream, which knows where it stands.

    Its state is small: the epoch and how many samples came. After :meth:`load_state_dict` the reader reads what came
    before once more and drops it, undecoded, so the samples that follow are exactly those that would have followed, in
    the same order. That holds for transforms that draw no random numbers.

    Source: "Stateful DataLoader", torchdata documentation, which calls these two methods in each worker.
    """

    def __init__(self, stream: FileStream, reader: Reader, epoch: int) -> None:
        self._stream = stream
        self._reader = reader
        self._start(epoch, taken=0)

    def _start(self, epoch: int, taken: int) -> None:
        self._epoch = epoch
        self._taken = taken
        self._samples = self._stream._samples(self._reader, epoch, skip=taken)

    def __next__(self) -> Any:
        sample = next(self._samples)
        self._taken += 1
        return sample

    def state_dict(self) -> dict[str, int]:
        """Return where this reader stands, in plain numbers."""
        return {
            "epoch": self._epoch,
            "taken": self._taken,
            "reader": self._reader.number,
            "readers": self._reader.count,
        }

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go to where another loop stood.

        Raises:
            ValueError: if the state is another reader's, or there are more or fewer readers now: samples would be
                repeated or lost.
        """
        if (state["reader"], state["readers"]) != (self._reader.number, self._reader.count):
            raise ValueError(
                f"{type(self._stream).__name__}: the state is that of reader {state['reader']} of {state['readers']}, "
                f"but this is reader {self._reader.number} of {self._reader.count} ({self._reader}). "
                "Resume with as many ranks and workers as before, each with its own state."
            )
        self._start(state["epoch"], state["taken"])
