"""SequenceDataset against lists and PyTorch's padding; refusals name the sequence."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader as TorchLoader

from datakit import SequenceDataset, check
from tests.strategies import identical

sentences = st.lists(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=6), min_size=1, max_size=8)
kinds = st.sampled_from([list, tuple, torch.tensor, np.array, lambda ids: torch.tensor(ids, dtype=torch.int64)[:]])


@settings(max_examples=150, deadline=None)
@given(sentences, kinds, st.data())
def test_each_sample_is_the_sequence_that_was_passed(lists: list[list[int]], kind: Any, data: st.DataObject) -> None:
    dataset = SequenceDataset(kind(ids) for ids in lists)
    n = len(lists)
    assert len(dataset) == n
    assert dataset.flat.dtype == dataset.offsets.dtype == dataset.lengths.dtype == torch.int64
    assert dataset.lengths.tolist() == list(map(len, lists))
    index = data.draw(st.integers(-n, n - 1))
    assert identical(dataset[index], torch.tensor(lists[index]))
    indices = data.draw(st.lists(st.integers(-n, n - 1), max_size=5))
    assert identical(dataset.__getitems__(indices), [torch.tensor(lists[i]) for i in indices])


def test_targets_stand_beside_the_sequences() -> None:
    dataset = SequenceDataset([[5, 6], [7]], ["x", "y"])
    check.indexing(dataset, [(torch.tensor([5, 6]), "x"), (torch.tensor([7]), "y")])
    assert identical(dataset.__getitems__([1, -2]), [(torch.tensor([7]), "y"), (torch.tensor([5, 6]), "x")])
    assert identical(SequenceDataset([[5], [7]], torch.tensor([0.5, 1.5]))[1], (torch.tensor([7]), torch.tensor(1.5)))


def test_bytes_are_tokens() -> None:
    assert SequenceDataset([b"ab", "ü".encode()])[1].tolist() == [0xC3, 0xBC]


def test_pytorchs_loader_and_padding_take_it() -> None:
    lists = [[1, 2, 3], [4], [5, 6]]
    loader = TorchLoader(
        SequenceDataset(lists), batch_size=2, collate_fn=lambda batch: pad_sequence(batch, batch_first=True)
    )
    assert [batch.tolist() for batch in loader] == [[[1, 2, 3], [4, 0, 0]], [[5, 6]]]


def test_samples_share_the_datasets_memory() -> None:
    dataset = SequenceDataset([[1, 2], [3]])
    assert dataset[1].data_ptr() == dataset.flat[2:].data_ptr()
    assert dataset.__getitems__([1])[0].data_ptr() == dataset[1].data_ptr()


def test_a_million_sequences_are_a_few_objects() -> None:
    dataset = SequenceDataset(iter([[1, 2, 3]] * 1000))
    assert len(pickle.dumps(dataset)) < 1000 * 4 * 8 + 2000
    assert identical(pickle.loads(pickle.dumps(dataset))[999], torch.tensor([1, 2, 3]))


@pytest.mark.parametrize(
    ("sequences", "kind", "words"),
    [
        ([], ValueError, "no sequence arrived. Check what"),
        ([[1], []], ValueError, "sequence 1 is empty. Leave it out"),
        ([torch.tensor([1]), torch.tensor([])], ValueError, "sequence 1 is empty"),
        ([[1], [2, 0.5]], TypeError, "sequence 1 is not a flat sequence of whole numbers.*vocabulary"),
        ([torch.tensor([1.0])], TypeError, "sequence 0 is not a flat sequence of whole numbers"),
        ([["a", "word"]], TypeError, "sequence 0 .*Turn words into numbers with a vocabulary"),
        (["a word"], TypeError, "sequence 0 .*Turn words into numbers"),
        ([torch.tensor([[1, 2]])], TypeError, "sequence 0 is not a flat sequence"),
        ([1, 2], TypeError, "sequence 0 is not a flat sequence"),
        ([[2**63]], TypeError, r"sequence 0 .*below 2\*\*63"),
        ([[0], [1, 2], [3, -100, -5]], ValueError, "sequence 2 holds the token -100. .* 0 and above"),
        ([[-1]], ValueError, "sequence 0 holds the token -1"),
    ],
)
def test_bad_sequences_are_refused(sequences: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceDataset(sequences)


@pytest.mark.parametrize("targets", [[1], torch.zeros(3)])
def test_targets_that_differ_in_number_are_refused(targets: Any) -> None:
    with pytest.raises(ValueError, match=f"2 sequences and {len(targets)} targets arrived. Pass one target"):
        SequenceDataset([[1], [2]], targets)


def test_out_of_range() -> None:
    with pytest.raises(IndexError, match="SequenceDataset: index 2 is out of range"):
        SequenceDataset([[1], [2]])[2]
    with pytest.raises(IndexError, match="SequenceDataset: index -3 is out of range"):
        SequenceDataset([[1], [2]]).__getitems__([0, -3])
