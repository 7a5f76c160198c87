"""Targets and masks against pandas; the loss that a mask makes possible."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader

from datakit import MultiTaskDataset, TensorDataset, check, default_collate
from tests.strategies import identical

numbers = st.floats(-1000, 1000, width=32)
classes = st.integers(0, 9)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    n = draw(st.integers(1, 8))

    def column(values: st.SearchStrategy[Any], missing: st.SearchStrategy[Any]) -> list[Any]:
        # At least one value, because a list of nothing but None is refused.
        rest = draw(st.lists(values | missing, min_size=n - 1, max_size=n - 1))
        rest.insert(draw(st.integers(0, n - 1)), draw(values))
        return rest

    return {
        "class": column(classes, st.none()),
        "size": column(numbers, st.none() | st.just(math.nan)),
        "flag": column(st.booleans(), st.none()),
    }


@settings(max_examples=150, deadline=None)
@given(tables())
def test_equals_pandas(table: dict[str, list[Any]]) -> None:
    dataset = MultiTaskDataset(range(len(table["class"])), table)
    dtypes = {"class": torch.int64, "size": torch.float32, "flag": torch.bool}
    for task, values in table.items():
        column = pd.Series(values, dtype=object)
        filled = column.mask(column.isna(), 0).tolist()
        assert identical(dataset.masks[task], torch.tensor(column.notna().tolist()))
        assert identical(dataset.targets[task], torch.tensor(filled).to(dtypes[task]))
    for i, (x, targets, masks) in enumerate(dataset):
        assert x == i
        assert identical(targets, {task: dataset.targets[task][i] for task in table})
        assert identical(masks, {task: dataset.masks[task][i] for task in table})


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_missing_target_adds_nothing_to_loss_and_gradient(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    values = data.draw(st.lists(numbers | st.just(math.nan), min_size=n, max_size=n))
    dataset = MultiTaskDataset(torch.zeros(n), {"y": torch.tensor(values)})
    target, mask = dataset.targets["y"], dataset.masks["y"]
    prediction = torch.linspace(-1, 1, n, requires_grad=True)
    loss = ((prediction - target) ** 2 * mask).sum() / mask.sum().clamp(min=1)
    loss.backward()
    assert prediction.grad is not None
    known = np.array([not math.isnan(value) for value in values])
    error = (prediction.detach().numpy() - np.array(values, dtype=np.float32))[known]
    assert loss.item() == pytest.approx(float(np.square(error).mean()) if known.any() else 0.0, rel=1e-4)
    assert (prediction.grad.numpy()[~known] == 0).all()


def test_parts_of_a_target_may_be_missing() -> None:
    boxes = torch.tensor([[1.0, math.nan], [3.0, 4.0]], dtype=torch.float64)
    dataset = MultiTaskDataset([0, 1], {"box": boxes})
    assert identical(dataset.targets["box"], torch.tensor([[1.0, 0.0], [3.0, 4.0]], dtype=torch.float64))
    assert dataset.masks["box"].tolist() == [[True, False], [True, True]]
    assert boxes[0, 1].isnan(), "what was passed must stay as it was"


def test_whole_maps_may_be_missing() -> None:
    depth = torch.arange(6, dtype=torch.int16).reshape(2, 3)
    dataset = MultiTaskDataset("abc", {"depth": [None, depth, None]})
    assert dataset.targets["depth"].dtype == torch.int16
    assert identical(dataset[1][1]["depth"], depth)
    assert dataset.masks["depth"].sum(dim=(1, 2)).tolist() == [0, 6, 0]


def test_inputs_may_be_a_dataset_and_batches_collate() -> None:
    inputs = TensorDataset(torch.arange(3.0))
    dataset = MultiTaskDataset(inputs, {"y": [1, None, 3]}, transform=lambda x: x[0] * 10)
    check.indexing(dataset, [dataset[i] for i in range(3)])
    (batch,) = TorchLoader(dataset, batch_size=3)
    assert identical(batch, default_collate([dataset[i] for i in range(3)]))
    x, targets, masks = batch
    assert x.tolist() == [0, 10, 20]
    assert targets["y"].tolist() == [1, 0, 3]
    assert masks["y"].tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("targets", "kind", "words"),
    [
        ({}, ValueError, "no task arrived"),
        (
            {"a": [1, 2], "b": [1], "c": torch.zeros(3)},
            ValueError,
            "2 inputs arrived, but 'b' has 1, 'c' has 3 targets",
        ),
        ({"b": torch.tensor(1.0)}, ValueError, "the targets of 'b' are a single value"),
        ({"b": [None, None]}, ValueError, "the list of targets of 'b' holds no value at all.*pass a tensor: of NaN"),
        ({"b": ["cat", "dog"]}, TypeError, r"the targets of 'b' \('str'\) can't stand.*number the classes"),
        ({"b": [1, "dog"]}, TypeError, r"the targets of 'b' \('int', 'str'\)"),
        ({"b": [torch.zeros(2), torch.zeros(3)]}, TypeError, r"the targets of 'b' \('Tensor'\).*tensors of one shape"),
        ({"b": [[1, 2], [3]]}, TypeError, r"the targets of 'b' \('list'\)"),
        ({"b": np.zeros(2)}, TypeError, r"the targets of 'b' are a ndarray. .*torch.as_tensor\(array\)"),
        ({"b": pd.Series([1.0, 2.0])}, TypeError, r"are a Series. .*series.tolist\(\)"),
    ],
)
def test_bad_targets_are_refused(targets: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        MultiTaskDataset(["x", "y"], targets)


def test_out_of_range() -> None:
    with pytest.raises(IndexError, match="MultiTaskDataset: index 1 is out of range"):
        MultiTaskDataset(["x"], {"y": [1]})[1]
