"""Workers of both kinds give PyTorch's batches."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data as torch_data

import datakit
from tests.strategies import identical
from tests.workers.worlds import KINDS, Fetched, Large, Squares, Stream, as_it_is

EPOCHS = 2


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, Any]:
    """What both loaders take alike, but for the generator, which holds state."""
    chosen: dict[str, Any] = {"shuffle": draw(st.booleans()), "batch_size": draw(st.none() | st.integers(1, 7))}
    if chosen["batch_size"] is not None:
        chosen["drop_last"] = draw(st.booleans())
    if draw(st.booleans()):
        chosen["collate_fn"] = as_it_is
    return chosen


def epochs(loader: Any) -> list[list[Any]]:
    return [list(loader) for _ in range(EPOCHS)]


def compare_with_pytorch_alone(dataset: Any, chosen: dict[str, Any], seed: int, **workers: Any) -> None:
    """Compare with PyTorch's loader without workers, which has the same batches and starts no processes."""
    own, reference = (torch.Generator().manual_seed(seed) for _ in range(2))
    ours = datakit.DataLoader(dataset, generator=own, **chosen, **workers)
    expected = epochs(torch_data.DataLoader(dataset, generator=reference, **chosen))
    assert identical(epochs(ours), expected)
    assert torch.equal(own.get_state(), reference.get_state())


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from([Squares, Fetched, Large, datakit.TensorDataset]),
    n=st.integers(1, 20),
    chosen=arguments(),
    seed=st.integers(0, 2**32),
    num_workers=st.integers(1, 3),
    prefetch_factor=st.integers(1, 3),
)
def test_threads(kind: Any, n: int, chosen: dict[str, Any], seed: int, num_workers: int, prefetch_factor: int) -> None:
    dataset = kind(torch.arange(n), [str(i) for i in range(n)]) if kind is datakit.TensorDataset else kind(n)
    workers = {"workers": "thread", "num_workers": num_workers, "prefetch_factor": prefetch_factor}
    compare_with_pytorch_alone(dataset, chosen, seed, **workers)


@settings(max_examples=15, deadline=None)
@given(
    kind=st.sampled_from([Squares, Fetched, Large]),
    n=st.integers(1, 20),
    chosen=arguments(),
    seed=st.integers(0, 2**32),
    num_workers=st.integers(1, 3),
)
def test_processes(kind: Any, n: int, chosen: dict[str, Any], seed: int, num_workers: int) -> None:
    compare_with_pytorch_alone(kind(n), chosen, seed, num_workers=num_workers)


@settings(max_examples=8, deadline=None)
@given(n=st.integers(1, 20), batch_size=st.integers(1, 4), seed=st.integers(0, 2**32))
def test_workers_that_live_on_shuffle_as_pytorchs(n: int, batch_size: int, seed: int) -> None:
    results = []
    for package in (datakit, torch_data):
        generator = torch.Generator().manual_seed(seed)
        loader = package.DataLoader(
            Squares(n), batch_size, shuffle=True, num_workers=2, persistent_workers=True, generator=generator
        )
        results.append((epochs(loader), generator.get_state()))
    assert identical(results[0], results[1])


@settings(max_examples=8, deadline=None)
@given(
    n=st.integers(0, 30),
    batch_size=st.none() | st.integers(1, 4),
    drop_last=st.booleans(),
    num_workers=st.integers(1, 3),
    persistent=st.booleans(),
)
def test_streams(n: int, batch_size: int | None, drop_last: bool, num_workers: int, persistent: bool) -> None:
    chosen: dict[str, Any] = {
        "batch_size": batch_size,
        "drop_last": drop_last and batch_size is not None,
        "num_workers": num_workers,
        "persistent_workers": persistent,
    }
    expected = epochs(torch_data.DataLoader(Indices(n), **chosen))
    for kind in KINDS:
        assert identical(epochs(datakit.DataLoader(Indices(n), workers=kind, **chosen)), expected)


class Indices(Stream):
    def __iter__(self) -> Any:
        return (sample["index"] for sample in super().__iter__())


def test_the_global_generators_of_a_process_are_seeded_as_pytorchs() -> None:
    results = []
    for package in (datakit, torch_data):
        loader = package.DataLoader(Globals(9), 2, num_workers=2, generator=torch.Generator().manual_seed(3))
        results.append(epochs(loader))
    assert identical(results[0], results[1])


class Globals(Squares):
    def __getitem__(self, index: int) -> Any:
        info = torch_data.get_worker_info()
        assert info is not None
        return random.random(), float(np.random.rand()), float(torch.rand(())), info.seed, info.id


@pytest.mark.parametrize("kind", KINDS)
def test_in_any_order_everything_comes_once(kind: Any) -> None:
    loader = datakit.DataLoader(Squares(50), 3, num_workers=3, workers=kind, in_order=False)
    for _ in range(2):
        batches = [batch["index"].tolist() for batch in loader]
        assert sorted(batches) == [list(range(i, min(i + 3, 50))) for i in range(0, 50, 3)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_more_is_on_its_way_than_prefetch_factor_says(kind: Any) -> None:
    asked = []

    class Sampler:
        def __iter__(self) -> Any:
            for index in range(100):
                asked.append(index)
                yield index

    loop = iter(
        datakit.DataLoader(Squares(100), None, sampler=Sampler(), num_workers=2, prefetch_factor=3, workers=kind)
    )
    assert len(asked) == 6
    next(loop)
    assert len(asked) == 7
