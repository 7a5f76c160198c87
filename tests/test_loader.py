"""The loader against PyTorch's over generated configurations, and what it refuses."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.utils import data as torch_data

import datakit
from tests.strategies import identical

EPOCHS = 3


class Squares:
    """Map-style, without ``__getitems__``."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not 0 <= index < self.n:
            raise IndexError(index)
        return {"index": index, "square": torch.tensor([float(index**2)]), "pair": (np.float32(index), str(index))}


class Fetched(Squares):
    """Map-style, with ``__getitems__``."""

    def __getitems__(self, indices: list[int]) -> list[dict[str, Any]]:
        return [self[index] for index in indices]


class Stream(torch_data.IterableDataset[Any]):
    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[Any]:
        # One draw an epoch, as a stream with its own shuffle would make.
        start = int(torch.randint(1000, ()))
        return iter([(start + i, np.float64(i)) for i in range(self.n)])


class SizedStream(Stream):
    def __len__(self) -> int:
        return self.n


def named(batch: Any) -> Any:
    return ("collated", batch)


@st.composite
def configurations(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """A dataset, and arguments that PyTorch's loader takes; a sampler is described, because it holds state."""
    kind = draw(st.sampled_from([Squares, Fetched, datakit.TensorDataset, Stream, SizedStream]))
    streams = issubclass(kind, Stream)
    n = draw(st.integers(1, 20))
    arguments: dict[str, Any] = {}
    if draw(st.booleans()):
        arguments["collate_fn"] = named
    order = draw(st.sampled_from(["default"] if streams else ["default", "shuffle", "sampler", "batch_sampler"]))
    if order == "shuffle":
        arguments["shuffle"] = draw(st.booleans())
    elif order != "default":
        arguments[order] = (draw(st.booleans()), draw(st.integers(1, 6)), draw(st.booleans()))
    if order != "batch_sampler":
        arguments["batch_size"] = draw(st.none() | st.integers(1, 7))
        if arguments["batch_size"] is not None:
            arguments["drop_last"] = draw(st.booleans())
    dataset = kind(torch.arange(n), [str(i) for i in range(n)]) if kind is datakit.TensorDataset else kind(n)
    return dataset, arguments


def build(package: Any, dataset: Any, arguments: dict[str, Any], seed: int | None) -> Any:
    """Make a loader of datakit or of PyTorch, with that package's own samplers and a generator of its own."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    arguments = dict(arguments, generator=generator)
    if "sampler" in arguments:
        replacement, _, _ = arguments["sampler"]
        arguments["sampler"] = package.RandomSampler(dataset, replacement, None, generator)
    if "batch_sampler" in arguments:
        replacement, size, drop_last = arguments["batch_sampler"]
        inner = package.RandomSampler(dataset, replacement, None, generator)
        arguments["batch_sampler"] = package.BatchSampler(inner, size, drop_last)
    return package.DataLoader(dataset, **arguments)


@settings(max_examples=500, deadline=None)
@given(configurations(), st.integers(0, 2**32), st.booleans())
@example((Squares(5), {"shuffle": True, "batch_size": 2}), 0, True)
def test_equals_pytorch_epoch_after_epoch(configuration: tuple[Any, dict[str, Any]], seed: int, own: bool) -> None:
    dataset, arguments = configuration
    results = []
    for package in (datakit, torch_data):
        torch.manual_seed(seed)
        loader = build(package, dataset, arguments, seed if own else None)
        epochs = [list(loader) for _ in range(EPOCHS)]
        length = None if type(dataset) is Stream else len(loader)
        # The global generator must stand at the same place too, or the weights drawn next would differ.
        results.append((epochs, length, torch.rand(2)))
    assert identical(results[0], results[1])


class DrawnAtOnce:
    """A sampler that draws when the loop begins, where PyTorch's own draw at the first index."""

    def __init__(self, n: int, generator: torch.Generator) -> None:
        self.n = n
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        return iter(torch.randperm(self.n, generator=self.generator).tolist())


@given(st.integers(2, 20), st.integers(0, 2**32))
def test_the_sampler_begins_before_the_loader_draws(n: int, seed: int) -> None:
    results = []
    for kind in (datakit.DataLoader, torch_data.DataLoader):
        generator = torch.Generator().manual_seed(seed)
        loader: Any = kind(Squares(n), batch_size=None, sampler=DrawnAtOnce(n, generator), generator=generator)
        results.append([list(loader) for _ in range(EPOCHS)])
    assert identical(results[0], results[1])


def test_a_new_order_each_epoch() -> None:
    loader = datakit.DataLoader(list(range(50)), batch_size=50, shuffle=True, generator=torch.Generator())
    first, second = list(loader), list(loader)
    assert not torch.equal(first[0], second[0])
    assert sorted(first[0].tolist()) == sorted(second[0].tolist()) == list(range(50))


def test_two_loops_at_once_do_not_disturb_each_other() -> None:
    loader = datakit.DataLoader(list(range(4)), batch_size=2)
    pairs = [(one.tolist(), other.tolist()) for one, other in zip(loader, loader, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3])]


def test_samples_are_read_when_their_batch_is_asked_for() -> None:
    read: list[int] = []

    class Watched(Squares):
        def __getitem__(self, index: int) -> Any:
            read.append(index)
            return index

    batches = iter(datakit.DataLoader(Watched(6), batch_size=2))
    assert read == []
    next(batches)
    assert read == [0, 1]


def test_getitems_is_asked_once_a_batch() -> None:
    asked: list[list[int]] = []

    class Watched(Fetched):
        def __getitems__(self, indices: list[int]) -> Any:
            asked.append(indices)
            return super().__getitems__(indices)

    list(datakit.DataLoader(Watched(5), batch_size=2))
    assert asked == [[0, 1], [2, 3], [4]]


def test_a_plain_object_with_iter_is_a_stream() -> None:
    class Lines:
        def __iter__(self) -> Iterator[int]:
            yield from range(5)

    loader = datakit.DataLoader(Lines(), batch_size=2)
    for _ in range(2):
        assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3], [4]]
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        len(loader)


def test_an_empty_dataset_has_no_batches() -> None:
    loader = datakit.DataLoader([], batch_size=2)
    assert list(loader) == []
    assert len(loader) == 0
    with pytest.raises(ValueError, match="the dataset is empty"):
        datakit.DataLoader([], shuffle=True)


def test_a_copy_works_on_its_own() -> None:
    loader = datakit.DataLoader([1, 2, 3], batch_size=2, num_workers=1, persistent_workers=True, workers="thread")
    assert identical(list(copy.deepcopy(loader)), list(loader))
    loop = iter(loader)
    next(loop)
    assert len(list(copy.deepcopy(loader))) == 2
    assert len(list(loop)) == 1


class Broken(Squares):
    """Sample 3 can't be read."""

    def __getitem__(self, index: int) -> Any:
        if index == 3:
            raise OSError("photo.jpg is damaged")
        return torch.zeros(2 if index == 1 else 1)


class BrokenAtOnce(Broken):
    def __getitems__(self, indices: list[int]) -> Any:
        return [self[index] for index in indices]


class BrokenStream(torch_data.IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        yield from (0, 1, 2)
        raise OSError("the line is dead")


def refuse(_: Any) -> Any:
    raise ArithmeticError("no")


@pytest.mark.parametrize(
    ("dataset", "arguments", "kind", "note"),
    [
        (Broken(5), {"batch_sampler": [[0, 2], [4, 3]]}, OSError, "dataset[3]"),
        (Broken(5), {"batch_size": None, "sampler": [3]}, OSError, "dataset[3]"),
        (BrokenAtOnce(5), {"batch_sampler": [[0, 3]]}, OSError, "dataset.__getitems__([0, 3])"),
        (BrokenStream(), {"batch_size": 2}, OSError, "the stream, where it made sample 3"),
        (BrokenStream(), {"batch_size": None}, OSError, "the stream, where it made sample 3"),
        (Broken(5), {"batch_sampler": [[0, 1]]}, RuntimeError, "the collate_fn, called with the samples at [0, 1]"),
        (Squares(2), {"collate_fn": refuse, "batch_size": None}, ArithmeticError, "called with dataset[0]"),
        (Stream(4), {"collate_fn": refuse, "batch_size": 2}, ArithmeticError, "called with batch 0 of the stream"),
        (Stream(4), {"collate_fn": refuse, "batch_size": None}, ArithmeticError, "with sample 0 of the stream"),
    ],
)
def test_errors_keep_their_type_and_name_the_index(
    dataset: Any, arguments: dict[str, Any], kind: type[Exception], note: str
) -> None:
    with pytest.raises(kind) as caught:
        list(datakit.DataLoader(dataset, **arguments))
    (noted,) = caught.value.__notes__
    assert noted.startswith("DataLoader: this came from ")
    assert noted.endswith(f"{note}.")


def test_an_index_out_of_range_is_an_error_and_not_the_end() -> None:
    with pytest.raises(IndexError) as caught:
        list(datakit.DataLoader(datakit.TensorDataset([1, 2]), sampler=[0, 2]))
    assert "index 2 is out of range. There are 2 samples" in str(caught.value)


def test_stop_iteration_in_a_dataset_does_not_end_the_epoch_unseen() -> None:
    class Ends(Squares):
        def __getitem__(self, index: int) -> Any:
            raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        list(datakit.DataLoader(Ends(2)))


def test_getitems_must_answer_for_each_index() -> None:
    class Short(Squares):
        def __getitems__(self, indices: list[int]) -> Any:
            return [0]

    with pytest.raises(ValueError, match=r"__getitems__ returned 1 samples for 2 indices. It must return a list"):
        list(datakit.DataLoader(Short(4), batch_size=2))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"shuffle": True, "sampler": [0]}, "sampler and shuffle=True both decide the order. Leave shuffle out"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "already decides the batches, but batch_size arrived too"),
        ({"batch_sampler": [[0]], "batch_size": None}, "but batch_size arrived too"),
        ({"batch_sampler": [[0]], "sampler": [0], "drop_last": True}, "Leave out sampler and drop_last, or"),
        ({"batch_sampler": [[0]], "shuffle": True}, "but shuffle arrived too"),
        ({"batch_size": None, "drop_last": True}, "drop_last=True has nothing to drop. Leave drop_last out"),
    ],
)
def test_contradictions_are_refused_as_pytorch_refuses_them(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError):
        torch_data.DataLoader(Squares(3), **arguments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"DataLoader: .*{words}"):
        datakit.DataLoader(Squares(3), **arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [({"shuffle": True}, "shuffle"), ({"sampler": [0]}, "sampler"), ({"batch_sampler": [[0]]}, "batch_sampler")],
)
def test_a_stream_takes_no_order(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError):
        torch_data.DataLoader(Stream(3), **arguments)
    with pytest.raises(ValueError, match=f"{name}=.* arrived with an iterable-style dataset.*Leave {name} out"):
        datakit.DataLoader(Stream(3), **arguments)
    assert len(list(datakit.DataLoader(Stream(3), shuffle=False))) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 0}, "batch_size must be a positive integer; 0 arrived"),
        ({"batch_size": 2.0}, r"batch_size must be a positive integer; 2\.0 arrived"),
        ({"shuffle": 1}, "shuffle must be True or False; 1 arrived"),
        ({"drop_last": None}, "drop_last must be True or False; None arrived"),
    ],
)
def test_values_out_of_range_are_refused(arguments: dict[str, Any], words: str) -> None:
    for dataset in (Squares(3), Stream(3)):
        with pytest.raises(ValueError, match=f"DataLoader: {words}"):
            datakit.DataLoader(dataset, **arguments)


def test_datasets_that_cannot_be_loaded_are_refused() -> None:
    class Unsized:
        def __getitem__(self, index: int) -> int:
            return index

    with pytest.raises(TypeError, match=r"is an int, which has neither __getitem__ nor __iter__. Give it"):
        datakit.DataLoader(3)
    with pytest.raises(TypeError, match="a generator, which ends after one loop: the second epoch would be empty"):
        datakit.DataLoader(i for i in range(3))
    with pytest.raises(TypeError, match=r"Unsized has no __len__, .* Give it a __len__, or pass a sampler"):
        datakit.DataLoader(Unsized())
    assert [batch.tolist() for batch in datakit.DataLoader(Unsized(), sampler=[4, 7])] == [[4], [7]]


@pytest.mark.parametrize("name", ["dataset", "batch_size", "sampler", "batch_sampler", "drop_last"])
def test_a_change_that_would_have_no_effect_is_refused(name: str) -> None:
    loader = datakit.DataLoader(Squares(3))
    with pytest.raises(ValueError, match=f"DataLoader: {name} can't be changed once the loader is made. Make a new"):
        setattr(loader, name, None)
