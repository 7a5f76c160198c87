"""Sequences of unequal length → one tensor, padded or packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from datakit._errors import kind_of
from datakit.collates.leading import join_leading, split_leading


class PaddedSequences(NamedTuple):
    """B sequences of at most L steps.

    Attributes:
        values: [B, L, ...], the sequences' dtype; behind a sequence's end stands the padding value.
        lengths: int64 [B].
        mask: bool [B, L]; true where ``values`` holds data, false where it is padding.
    """

    values: Tensor
    lengths: Tensor
    mask: Tensor


def pad_sequences(batch: Sequence[Any], padding_value: float = 0) -> Any:
    """Pad sequences to the longest of the batch; a collate.

    Args:
        batch: B samples: tensors [length, ...] of any lengths, or tuples that begin with such a tensor.
        padding_value: what stands behind the end of the shorter sequences. It is no mark of the end, because data may
            hold it too: use ``mask`` or ``lengths``.

    Returns:
        :class:`PaddedSequences`. For tuples a list: that first, and behind it the default collate of the other entries.

    Raises:
        ValueError: if there are no samples, or the sequences differ in more than their length.
        TypeError: if a sample does not begin with a tensor, or dtypes differ.
        RuntimeError: if the other entries don't fit together.

    Source: ``torch.nn.utils.rnn.pad_sequence``, which gives the same ``values`` with ``batch_first=True``.

    Example:
        >>> padded, labels = pad_sequences([(torch.tensor([5, 6, 7]), 0), (torch.tensor([8]), 1)])
        >>> padded.values.tolist(), padded.lengths.tolist()
        ([[5, 6, 7], [8, 0, 0]], [3, 1])
        >>> padded.mask.tolist()
        [[True, True, True], [True, False, False]]
    """
    sequences, others = split_leading(batch, "pad_sequences", "a sequence [length, ...]")
    _check_shapes(sequences)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    first = sequences[0]
    values = first.new_full((len(sequences), int(lengths.max()), *first.shape[1:]), padding_value)
    for row, sequence in zip(values, sequences, strict=True):
        row[: len(sequence)] = sequence
    mask = torch.arange(values.shape[1]) < lengths[:, None]
    return join_leading(PaddedSequences(values, lengths, mask), others)


def pack_sequences(padded: PaddedSequences) -> PackedSequence:
    """Leave the padding out: the form in which PyTorch's recurrent layers take sequences of unequal length.

    The longest sequence comes first. Then ``data`` holds step 0 of all sequences, step 1 of those that have one, and so
    on; ``batch_sizes`` tells how many have each step. No layer computes a step that is padding.

    Args:
        padded: what :func:`pad_sequences` made, on any device.

    Returns:
        ``data`` [sum of lengths, ...], ``batch_sizes`` int64 [L], and the orders into and out of the sorted form.

    Raises:
        TypeError: if something else than padded sequences arrives.
        ValueError: if a sequence is empty.

    Source: ``torch.nn.utils.rnn.pack_padded_sequence``, which gives the same with ``enforce_sorted=False``.

    Example:
        >>> packed = pack_sequences(pad_sequences([torch.tensor([8]), torch.tensor([5, 6, 7])]))
        >>> packed.data.tolist(), packed.batch_sizes.tolist()
        ([5, 8, 6, 7], [2, 1, 1])
    """
    if not isinstance(padded, PaddedSequences):
        raise TypeError(f"pack_sequences: {kind_of(padded)} arrived. Pass what pad_sequences makes of a batch.")
    if int(padded.lengths.min()) == 0:
        raise ValueError(
            f"pack_sequences: sequence {int(padded.lengths.argmin())} of the batch is empty, and a packed sequence has "
            "at least one step. Leave empty sequences out in the dataset."
        )
    # torch's own order among equals, so that both forms are the same number for number.
    order = padded.lengths.sort(descending=True).indices.to(padded.values.device)
    steps = padded.mask.to(order.device)[order].T
    data = padded.values[order].transpose(0, 1)[steps]
    return PackedSequence(data, steps.sum(dim=1).cpu(), order, order.argsort())


def _check_shapes(sequences: list[Tensor]) -> None:
    for number, sequence in enumerate(sequences):
        if sequence.ndim == 0 or sequence.shape[1:] != sequences[0].shape[1:]:
            raise ValueError(
                f"pad_sequences: sample {number} of the batch has shape {list(sequence.shape)}, sample 0 "
                f"{list(sequences[0].shape)}. Expected is [length, ...] where only the length differs."
            )
