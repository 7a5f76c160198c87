"""The same seed gives the same samples, whoever makes them, and after a resume."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import datakit
from datakit.randomness import epoch_seed, sample_random, sample_seed
from tests.strategies import identical
from tests.workers.worlds import KINDS, Augmented, Placed, Squares, Stream

CREWS: list[tuple[str, int]] = [("process", 0), *((kind, n) for kind in KINDS for n in (1, 2, 5))]


def made(dataset: Any, kind: Any, num_workers: int, **more: Any) -> datakit.DataLoader:
    more = {"batch_size": 3, "shuffle": True, "seed": 7} | more
    return datakit.DataLoader(dataset, num_workers=num_workers, workers=kind, **more)


def own_numbers(batches: list[Any]) -> list[Any]:
    """Leave out what samples drew from the global generators, which threads share."""
    return [[index, first, second] for index, first, second, _ in batches]


@pytest.mark.parametrize(("kind", "num_workers"), CREWS)
def test_samples_and_order_are_the_same_for_any_workers(kind: str, num_workers: int) -> None:
    alone = made(Augmented(20), "process", 0)
    loader = made(Augmented(20), kind, num_workers)
    for _ in range(2):
        expected, batches = list(alone), list(loader)
        assert identical(own_numbers(batches), own_numbers(expected))
        if kind == "process":
            assert identical(batches, expected)


@pytest.mark.parametrize(("kind", "num_workers"), CREWS)
def test_so_are_samples_that_are_written_in_place(kind: str, num_workers: int) -> None:
    expected = list(made(Placed(40), "process", 0, batch_size=20, collate_fn=datakit.default_collate))
    assert identical(list(made(Placed(40), kind, num_workers, batch_size=20)), expected)


def mixed(samples: list[Any]) -> Any:
    return samples, sample_random().random()


@pytest.mark.parametrize("kind", KINDS)
def test_a_collate_fn_has_random_numbers_of_its_own(kind: str) -> None:
    expected = list(made(Squares(9), kind, 0, collate_fn=mixed))
    assert identical(list(made(Squares(9), kind, 2, collate_fn=mixed)), expected)
    assert len({number for _, number in expected}) == 3


def test_epochs_samples_and_repeats_differ() -> None:
    loader = made(Augmented(4), "process", 0, shuffle=None, batch_sampler=[[0, 1, 2, 0]], batch_size=1)
    (first,), (second,) = list(loader), list(loader)
    numbers = [*first[1].tolist(), *second[1].tolist()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("batch_size", [1, 4, None])
def test_samples_are_the_same_in_batches_of_any_size(batch_size: int | None) -> None:
    def numbers(size: int | None) -> list[float]:
        loader = made(Augmented(10), "process", 0, batch_size=size)
        return [float(number) for batch in loader for number in np.ravel(batch[1])]

    assert numbers(batch_size) == numbers(3)


@given(st.integers(0, 2**64), st.integers(0, 2**40), st.integers(0, 2**40))
def test_sample_random_follows_from_seed_epoch_and_index(seed: int, epoch: int, index: int) -> None:
    def draw(*key: int) -> list[float]:
        with sample_seed(*key):
            return [sample_random().random() for _ in range(3)]

    drawn = draw(seed, epoch, index)
    assert drawn == draw(seed, epoch, index)
    assert len(set(drawn)) == 3
    assert drawn != draw(seed + 1, epoch, index)
    assert drawn != draw(seed, epoch + 1, index)
    assert drawn != draw(seed, epoch, index + 1)
    assert 0 <= epoch_seed(seed, epoch) < 2**63


def test_outside_a_loader_the_numbers_go_on() -> None:
    assert sample_random() is sample_random()
    list(made(Augmented(3), "process", 0))
    with sample_seed(0, 0, 0):
        inside = sample_random()
    assert sample_random() is not inside


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_a_loop_without_workers_leaves_the_global_generators_alone(kind: str) -> None:
    def states() -> tuple[Any, ...]:
        return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()

    before = states()
    list(made(Augmented(6), kind, 0))
    assert states() == before


@pytest.mark.parametrize("persistent", [False, True])
def test_a_stream_is_told_of_each_epoch_also_in_workers_that_live_on(persistent: bool) -> None:
    stream = Stream(8)
    loader = datakit.DataLoader(stream, 4, num_workers=2, persistent_workers=persistent)
    for epoch in (0, 5, 6):
        stream.set_epoch(epoch)
        assert {int(e) for batch in loader for e in batch["epoch"]} == {epoch}


@pytest.mark.parametrize(("kind", "num_workers"), [("process", 0), ("process", 2), ("thread", 1), ("thread", 5)])
@pytest.mark.parametrize("way", ["seed", "generator"])
def test_a_resumed_run_goes_on_as_the_first(kind: Any, num_workers: int, way: str) -> None:
    def fresh(workers: int = num_workers) -> datakit.DataLoader:
        random_source: dict[str, Any] = {"generator": torch.Generator().manual_seed(1)} if way == "generator" else {}
        return made(Augmented(14), kind, workers, **({"seed": None} | random_source if random_source else {}))

    first = fresh()
    expected = [own_numbers(list(first)) for _ in range(3)]
    again = fresh()
    list(again)
    loop = iter(again)
    begun = own_numbers([next(loop), next(loop)])
    state = again.state_dict()
    assert (state["epoch"], state["batch"]) == (1, 2)
    if way == "seed":
        assert json.loads(json.dumps(state)) == state
    # With fewer or more workers, too.
    for workers in {num_workers, 0, 3}:
        resumed = fresh(workers)
        resumed.load_state_dict(state)
        assert resumed.state_dict() == state
        assert identical(begun + own_numbers(list(resumed)), expected[1])
        assert identical(own_numbers(list(resumed)), expected[2])


def test_what_was_given_is_not_read_again() -> None:
    read: list[int] = []

    class Watched(Squares):
        def __getitem__(self, index: int) -> int:
            read.append(index)
            return index

    loader = made(Watched(9), "process", 0)
    loop = iter(loader)
    next(loop), next(loop)
    resumed = made(Watched(9), "process", 0)
    resumed.load_state_dict(loader.state_dict())
    list(resumed)
    assert sorted(read) == list(range(9))


@pytest.mark.parametrize("persistent", [False, True])
def test_workers_that_live_on_resume_too(persistent: bool) -> None:
    def fresh() -> datakit.DataLoader:
        generator = torch.Generator().manual_seed(5)
        more: dict[str, Any] = {"generator": generator, "persistent_workers": persistent, "seed": None}
        return made(Augmented(14), "thread", 2, **more)

    first = fresh()
    expected = [own_numbers(list(first)) for _ in range(3)]
    again = fresh()
    list(again)
    loop = iter(again)
    begun = own_numbers([next(loop)])
    resumed = fresh()
    resumed.load_state_dict(again.state_dict())
    assert identical(begun + own_numbers(list(resumed)), expected[1])
    assert identical(own_numbers(list(resumed)), expected[2])


@pytest.mark.parametrize(("kind", "num_workers"), [("process", 0), ("process", 3), ("thread", 2)])
def test_a_stream_resumes(kind: Any, num_workers: int) -> None:
    def fresh() -> datakit.DataLoader:
        return datakit.DataLoader(Stream(30), 4, num_workers=num_workers, workers=kind, seed=2)

    first = fresh()
    expected = [list(first), list(first)]
    again = fresh()
    again.dataset.set_epoch(0)
    loop = iter(again)
    begun = [next(loop) for _ in range(3)]
    resumed = fresh()
    resumed.load_state_dict(again.state_dict())
    assert identical(begun + list(resumed), expected[0])
    assert identical(list(resumed), expected[1])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 5), st.data())
def test_a_state_between_any_two_batches(n: int, batch_size: int, epoch: int, data: st.DataObject) -> None:
    def fresh() -> datakit.DataLoader:
        return made(Augmented(n), "process", 0, batch_size=batch_size)

    loader = fresh()
    for _ in range(epoch):
        list(loader)
    loop, yielded = iter(loader), data.draw(st.integers(0, len(loader)))
    for _ in range(yielded):
        next(loop)
    resumed = fresh()
    resumed.load_state_dict(loader.state_dict())
    assert identical(list(resumed), list(loop))
    assert identical(list(resumed), list(loader))


def test_samplers_are_put_back() -> None:
    targets = [0, 0, 0, 0, 0, 1, 1, 1]

    class Counted(datakit.RandomSampler):
        """Keeps its own books."""

        def state_dict(self) -> dict[str, Any]:
            return {"mine": self.generator.get_state()}

        def load_state_dict(self, state: dict[str, Any]) -> None:
            self.generator.set_state(state["mine"])

    def generator() -> torch.Generator:
        return torch.Generator().manual_seed(4)

    for make in (
        lambda: {"batch_sampler": datakit.ClassBalancedBatchSampler(targets, 1)},
        lambda: {"batch_size": 2, "sampler": datakit.WeightedRandomSampler([1.0] * 8, 8, generator=generator())},
        lambda: {"batch_size": 2, "sampler": Counted(targets, generator=generator())},
        lambda: {"batch_size": 2, "sampler": torch.utils.data.RandomSampler(targets, generator=generator())},
    ):
        first = datakit.DataLoader(Squares(8), **make(), seed=1, collate_fn=indices_of)
        whole = [list(first) for _ in range(3)]
        loader = datakit.DataLoader(Squares(8), **make(), seed=1, collate_fn=indices_of)
        list(loader)
        loop = iter(loader)
        begun = [next(loop)]
        resumed = datakit.DataLoader(Squares(8), **make(), seed=1, collate_fn=indices_of)
        resumed.load_state_dict(loader.state_dict())
        assert begun + list(resumed) == whole[1]
        assert list(resumed) == whole[2]


def indices_of(samples: list[Any]) -> list[int]:
    return [sample["index"] for sample in samples]


def test_a_state_that_cannot_be_had_is_refused() -> None:
    loader = datakit.DataLoader(Squares(9), shuffle=True)
    next(iter(loader))
    with pytest.raises(ValueError, match=r"drawn from PyTorch's global generator.*Pass seed=\.\.\. to the loader"):
        loader.state_dict()
    loader = datakit.DataLoader(Squares(9), num_workers=2, workers="thread", in_order=False)
    loop = iter(loader)
    next(loop)
    with pytest.raises(ValueError, match="with in_order=False nobody knows which batches are still to come"):
        loader.state_dict()


def test_a_state_that_does_not_fit_is_refused() -> None:
    loader = made(Squares(9), "process", 0)
    loop = iter(loader)
    next(loop), next(loop), next(loop)
    state = loader.state_dict()
    with pytest.raises(ValueError, match="saved with seed=7, and this loader has seed=8: its batches would be others"):
        made(Squares(9), "process", 0, seed=8).load_state_dict(state)
    with pytest.raises(ValueError, match=r"with the samplers \['BatchSampler', 'RandomSampler'\], and this loader has"):
        made(Squares(9), "process", 0, shuffle=False).load_state_dict(state)
    with pytest.raises(ValueError, match=r"base_seed, batch.* is missing in the state. Pass what state_dict"):
        loader.load_state_dict({"epoch": 1})
    shorter = made(Squares(6), "process", 0)
    shorter.load_state_dict(state)
    with pytest.raises(ValueError, match="says that 3 batches were yielded, but this epoch has only 2"):
        iter(shorter)
    streams = [datakit.DataLoader(Stream(9), 2, num_workers=n, workers="thread") for n in (1, 2)]
    next(iter(streams[0]))
    with pytest.raises(ValueError, match="saved with readers=1, and this loader has readers=2"):
        streams[1].load_state_dict(streams[0].state_dict())
