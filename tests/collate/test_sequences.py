"""Padded and packed sequences against torch.nn.utils.rnn's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils import rnn

import datakit
from datakit import PaddedSequences, pack_sequences, pad_sequences
from tests.strategies import identical

dtypes = st.sampled_from([torch.int64, torch.float32, torch.uint8, torch.bool])
shapes = st.lists(st.integers(0, 3), max_size=2)


def draw_sequences(lengths: list[int], shape: list[int], dtype: torch.dtype, seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, 100, (n, *shape), generator=generator).to(dtype) for n in lengths]


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), shapes, dtypes, st.integers(0, 9), st.integers(0, 2**32))
def test_padding_equals_pytorch(
    lengths: list[int], shape: list[int], dtype: torch.dtype, padding_value: int, seed: int
) -> None:
    sequences = draw_sequences(lengths, shape, dtype, seed)
    padded = pad_sequences(sequences, padding_value)
    assert isinstance(padded, PaddedSequences)
    assert identical(padded.values, rnn.pad_sequence(sequences, batch_first=True, padding_value=padding_value))
    assert identical(padded.lengths, torch.tensor(lengths))
    assert padded.mask.tolist() == [[step < n for step in range(max(lengths))] for n in lengths]
    for sequence, row, mask in zip(sequences, padded.values, padded.mask, strict=True):
        assert identical(row[mask], sequence)


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), shapes.filter(all), dtypes, st.integers(0, 2**32))
def test_packing_equals_pytorch(lengths: list[int], shape: list[int], dtype: torch.dtype, seed: int) -> None:
    padded = pad_sequences(draw_sequences(lengths, shape, dtype, seed))
    theirs = rnn.pack_padded_sequence(padded.values, padded.lengths, batch_first=True, enforce_sorted=False)
    assert identical(tuple(pack_sequences(padded)), tuple(theirs))


def test_a_recurrent_layer_takes_the_packed_form() -> None:
    torch.manual_seed(0)
    layer = torch.nn.GRU(3, 4, batch_first=True)
    sequences = [torch.rand(n, 3) for n in (2, 5, 3)]
    _, together = layer(pack_sequences(pad_sequences(sequences)))
    for number, sequence in enumerate(sequences):
        _, alone = layer(sequence[None])
        torch.testing.assert_close(together[:, number], alone[:, 0])


def test_labels_are_collated_as_ever() -> None:
    loader = datakit.DataLoader(
        [(torch.tensor([1, 2]), 0, "a"), (torch.tensor([3]), 1, "b")], batch_size=2, collate_fn=pad_sequences
    )
    (batch,) = loader
    padded, labels, names = batch
    assert padded.values.tolist() == [[1, 2], [3, 0]]
    assert labels.tolist() == [0, 1]
    assert list(names) == ["a", "b"]


@pytest.mark.parametrize(
    ("batch", "kind", "words"),
    [
        ([], ValueError, "no samples arrived. A batch needs at least one"),
        (
            [torch.zeros(2), [1, 2]],
            TypeError,
            "sample 1 of the batch is a list that is not a tensor. Expected is a seq",
        ),
        ([([1, 2], 0)], TypeError, "sample 0 of the batch is a tuple that does not begin with a tensor"),
        ([()], TypeError, "sample 0 of the batch is a tuple that does not begin with a tensor"),
        ([7], TypeError, "sample 0 of the batch is an int that does not begin with a tensor"),
        (
            [torch.zeros(2), torch.zeros(2, dtype=torch.int64)],
            TypeError,
            r"sample 1 of the batch is torch.int64, but sample 0 is torch.float32. Convert them to one dtype",
        ),
        (
            [torch.zeros(2, 3), torch.zeros(2, 4)],
            ValueError,
            r"sample 1 of the batch has shape \[2, 4\], sample 0 \[2, 3\]. Expected is \[length, ...\]",
        ),
        ([torch.tensor(1.0)], ValueError, r"sample 0 of the batch has shape \[\]"),
    ],
)
def test_refusals(batch: list[Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"pad_sequences: {words}"):
        pad_sequences(batch)


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"sample\[0\] differs between the samples"):
        pad_sequences([(torch.zeros(2), 1), (torch.zeros(3), "one")])


def test_an_empty_sequence_cannot_be_packed() -> None:
    with pytest.raises(ValueError, match="pack_sequences: sequence 1 of the batch is empty"):
        pack_sequences(pad_sequences([torch.zeros(2), torch.zeros(0)]))
