"""Indices → batch: the part of a loader that touches the dataset.

A map-style dataset may serve a batch in one of four ways. The loader takes the last of these that the dataset offers;
the last two make batches themselves, so they are taken only where no ``collate_fn`` is given.

1. ``dataset[index]`` returns one sample. The loader collates.
2. ``dataset.__getitems__(indices)`` returns a list of samples, read together: one query, one file opened. The loader
   collates. This is PyTorch's.
3. ``dataset.empty_batch(n)`` returns a batch of ``n`` samples, not yet filled, and ``dataset.write_sample(index, batch,
   place)`` fills place ``place`` of it, ``0 <= place < n``. Each sample is written once, straight to where it belongs,
   and several workers fill one batch together. A batch is any nesting of tensors; every sample must write all of its
   place. Images are served so: nothing is stacked, and with processes no image travels through a pipe.
4. ``dataset.take_batch(indices)`` returns the batch itself, as if its samples had been collated: for data that lies in
   memory, one ``index_select`` a tensor. ``indices`` is a list, or an int64 tensor where the order is known as one.

An iterable-style dataset is read with ``next()``.

An error that the dataset or the collate raises keeps its type and its traceback, and gains a note that names the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from torch import Tensor

from datakit.randomness import Place

CollateFn = Callable[[Any], Any]
Way = Literal["sample", "samples", "in place", "batch", "stream"]


@dataclass(frozen=True)
class Recipe:
    """How batches are made: what a loader tells its workers once.

    Attributes:
        dataset: where samples come from.
        way: how it is asked; ``"sample"`` makes no batches at all.
        collate_fn: makes a batch of samples, or converts a single sample.
        batch_size: samples a batch, where the dataset is a stream; ``None`` makes no batches.
        drop_last: whether a stream's last batch is left out if it is smaller.
    """

    dataset: Any
    way: Way
    collate_fn: CollateFn
    batch_size: int | None
    drop_last: bool


def best_way(dataset: Any, collate_given: bool) -> Way:
    """Find the fastest way in which a map-style dataset serves batches."""
    if not collate_given:
        if hasattr(dataset, "take_batch"):
            return "batch"
        if hasattr(dataset, "empty_batch") and hasattr(dataset, "write_sample"):
            return "in place"
    return "samples"


def fetch_sample(dataset: Any, index: Any, convert: CollateFn, place: Place) -> Any:
    """Read one sample of a map-style dataset, without a batch around it."""
    place.begin(place.position, [index])
    (sample,) = _one_by_one(dataset, [index], place)
    return _collated(convert, sample, f"dataset[{index!r}]")


def fetch_batch(dataset: Any, indices: Sequence[Any], collate: CollateFn, place: Place) -> Any:
    """Read the samples at ``indices`` of a map-style dataset and make a batch of them.

    A dataset that has ``__getitems__`` is asked once for all of them.

    Args:
        dataset: has ``__getitem__`` or ``__getitems__``.
        indices: what it is asked for.
        collate: makes the batch.
        place: where the batch begins in the epoch; it moves on from sample to sample.

    Raises:
        ValueError: if ``__getitems__`` returns more or fewer samples than were asked for.
    """
    first = place.position
    if getattr(dataset, "__getitems__", None):
        samples = _all_at_once(dataset, indices)
    else:
        place.begin(first, indices)
        samples = _one_by_one(dataset, indices, place)
    place.begin(first, ["the collate_fn"])
    try:
        return collate(samples)
    except Exception as error:
        error.add_note(f"DataLoader: this came from the collate_fn, called with the samples at {indices}.")
        raise


def take_batch(dataset: Any, indices: Sequence[Any] | Tensor) -> Any:
    """Ask a dataset for a whole batch."""
    try:
        return dataset.take_batch(indices)
    except Exception as error:
        shown = indices.tolist() if isinstance(indices, Tensor) else indices
        error.add_note(f"DataLoader: this came from dataset.take_batch({shown}).")
        raise


def empty_batch(dataset: Any, n: int) -> Any:
    """Ask a dataset for a batch that is still to be filled."""
    try:
        return dataset.empty_batch(n)
    except Exception as error:
        error.add_note(f"DataLoader: this came from dataset.empty_batch({n}).")
        raise


def write_samples(dataset: Any, indices: Sequence[Any], batch: Any, start: int, place: Place) -> None:
    """Let a dataset write some samples into a batch, the first of them to place ``start``."""
    first = place.position
    place.begin(first, indices)
    try:
        for number, index in enumerate(indices):
            place.position = first + number
            dataset.write_sample(index, batch, start + number)
    except Exception as error:
        error.add_note(f"DataLoader: this came from dataset.write_sample({place.index!r}, ...).")
        raise


def stream_samples(stream: Iterator[Any], convert: CollateFn, place: Place) -> Iterator[Any]:
    """Pass on the samples of a stream one by one, without batches."""
    for number, sample in enumerate(_numbered(stream, place)):
        yield _collated(convert, sample, f"sample {number} of the stream")


def stream_batches(
    stream: Iterator[Any], batch_size: int, drop_last: bool, collate: CollateFn, place: Place
) -> Iterator[Any]:
    """Cut a stream into batches of ``batch_size``; the last may be smaller, and is left out with ``drop_last``."""
    samples = _numbered(stream, place)
    number = 0
    while batch := list(islice(samples, batch_size)):
        if len(batch) == batch_size or not drop_last:
            yield _collated(collate, batch, f"batch {number} of the stream")
            number += 1


def _one_by_one(dataset: Any, indices: Sequence[Any], place: Place) -> list[Any]:
    try:
        # The loop moves the place on by itself: this line is the one that every sample passes.
        return [dataset[index] for place.position, index in enumerate(indices, place.position)]
    except Exception as error:
        error.add_note(f"DataLoader: this came from dataset[{place.index!r}].")
        raise


def _all_at_once(dataset: Any, indices: Sequence[Any]) -> Sequence[Any]:
    try:
        samples: Sequence[Any] = dataset.__getitems__(indices)
    except Exception as error:
        error.add_note(f"DataLoader: this came from dataset.__getitems__({indices}).")
        raise
    if len(samples) != len(indices):
        raise ValueError(
            f"DataLoader: dataset.__getitems__ returned {len(samples)} samples for {len(indices)} indices. "
            "It must return a list with one sample for each index."
        )
    return samples


def _collated(collate: CollateFn, samples: Any, source: str) -> Any:
    try:
        return collate(samples)
    except Exception as error:
        error.add_note(f"DataLoader: this came from the collate_fn, called with {source}.")
        raise


def _numbered(stream: Iterator[Any], place: Place) -> Iterator[Any]:
    reader, number = [place.index], 0
    while True:
        place.begin(number, reader)
        try:
            sample = next(stream)
        except StopIteration:
            return
        except Exception as error:
            error.add_note(f"DataLoader: this came from the stream, where it made sample {number}.")
            raise
        yield sample
        number += 1
