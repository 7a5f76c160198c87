"""Sequences of different lengths, such as sentences as token numbers, kept in one flat tensor."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit.datasets.indexing import position
from datakit.datasets.tensors import Column


class SequenceDataset(Dataset[Any]):
    """Token sequences: sample ``i`` is ``tokens``, int64 [L_i]; or ``(tokens, target)`` where there are targets.

    All tokens lie one after another in one tensor, and a second tensor says where each sequence begins. A million
    sequences are thus two Python objects, not a million lists of numbers. That is small, quick to slice, and stays
    shared with forked workers: reading a list writes to its reference count, and so copies the page of memory it lies
    on into each worker.

    Batches need padding (the lengths differ) and profit from buckets (similar lengths together); a bucket sampler
    takes ``dataset.lengths``.

    Args:
        sequences: one sequence of whole numbers ≥ 0 for each sample: a list, a tuple, an integer tensor [L_i] or a
            NumPy array [L_i]. An iterator is read once and not kept.
        targets: one entry for each sequence: a tensor [N, ...], or a list or tuple of length N.

    Attributes:
        flat: int64 [L_0 + L_1 + …], all tokens.
        offsets: int64 [N + 1]; sequence ``i`` is ``flat[offsets[i]:offsets[i + 1]]``.
        targets: what was passed.

    Raises:
        TypeError: if a sequence holds anything but whole numbers.
        ValueError: if there is no sequence, one is empty, a token is negative, or the number of targets differs. The
            message names the sequence.

    Example:
        Text becomes tokens with a vocabulary of the training texts; 0 is for padding and 1 for words it lacks.

        >>> texts = ["a batch of images", "a sampler"]
        >>> words = sorted({word for text in texts for word in text.split()})
        >>> number = {word: token for token, word in enumerate(words, start=2)}
        >>> dataset = SequenceDataset([[number.get(word, 1) for word in text.split()] for text in texts], [0, 1])
        >>> dataset[0]
        (tensor([2, 3, 5, 4]), 0)
        >>> dataset.lengths
        tensor([4, 2])
    """

    def __init__(self, sequences: Iterable[Any], targets: Column | None = None) -> None:
        tokens, ends = array("q"), array("q", [0])
        for number, sequence in enumerate(sequences):
            _append(tokens, sequence, number)
            ends.append(len(tokens))
        if len(ends) == 1:
            raise ValueError("SequenceDataset: no sequence arrived. Check what the dataset is built from.")
        # Copied, because a tensor over the array's own memory would hold on to its spare room too.
        self.flat = torch.frombuffer(tokens, dtype=torch.int64).clone()
        self.offsets = torch.frombuffer(ends, dtype=torch.int64).clone()
        self.targets = targets
        _check_not_negative(self)
        if targets is not None and len(targets) != len(self):
            raise ValueError(
                f"SequenceDataset: {len(self)} sequences and {len(targets)} targets arrived. "
                "Pass one target for each sequence."
            )

    @property
    def lengths(self) -> Tensor:
        """How many tokens each sequence has, int64 [N]."""
        return self.offsets.diff()

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: SupportsIndex) -> Any:
        """Return one sample, ``tokens`` or ``(tokens, target)``.

        The tokens are a view: they share memory with the dataset.

        Raises:
            IndexError: if there is no such sample.
        """
        at = position(index, len(self), "SequenceDataset")
        begin, end = self.offsets[at : at + 2].tolist()
        return self._sample(at, begin, end)

    def __getitems__(self, indices: Sequence[SupportsIndex]) -> list[Any]:
        """Return several samples, as ``[dataset[i] for i in indices]``; their places are looked up at once."""
        at = [position(index, len(self), "SequenceDataset") for index in indices]
        rows = torch.tensor(at, dtype=torch.int64)
        begins, ends = self.offsets[rows].tolist(), self.offsets[rows + 1].tolist()
        return [self._sample(*place) for place in zip(at, begins, ends, strict=True)]

    def _sample(self, at: int, begin: int, end: int) -> Any:
        tokens = self.flat[begin:end]
        return tokens if self.targets is None else (tokens, self.targets[at])


def _append(tokens: array[int], sequence: Any, number: int) -> None:
    before = len(tokens)
    try:
        tokens.extend(sequence.tolist() if hasattr(sequence, "tolist") else sequence)
    except (TypeError, OverflowError) as error:
        raise TypeError(
            f"SequenceDataset: sequence {number} is not a flat sequence of whole numbers: {error}. "
            "Turn words into numbers with a vocabulary first; numbers must be integers below 2**63."
        ) from error
    if len(tokens) == before:
        raise ValueError(
            f"SequenceDataset: sequence {number} is empty. Leave it out, or give it a token that stands for 'no text'; "
            "a model can't make anything of a sequence without tokens."
        )


def _check_not_negative(dataset: SequenceDataset) -> None:
    # Checked here because a negative token ends in an error that names nothing, on a GPU even after the fact.
    negative = (dataset.flat < 0).nonzero()
    if len(negative) > 0:
        at = int(negative[0])
        sequence = int(torch.searchsorted(dataset.offsets, at, right=True)) - 1
        raise ValueError(
            f"SequenceDataset: sequence {sequence} holds the token {int(dataset.flat[at])}. "
            "Tokens are row numbers of an embedding: 0 and above."
        )
