"""The prefetcher on a CPU, and on a GPU where there is one: the same batches, in the same order, and nothing left."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence
from torch.utils import data as torch_data

import datakit
from datakit import DataLoader, PrefetchLoader
from datakit.nesting import map_leaves, tensors_in
from datakit.prefetch import loader as prefetch_loader
from tests.strategies import draw_samples, identical, makers

NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here")
DEVICES = ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, NO_GPU])]

Pair = namedtuple("Pair", ["x", "y"])


@dataclass(frozen=True)
class Photos:
    pixels: Tensor
    names: list[str]


def on_host(batch: Any) -> Any:
    return map_leaves(lambda leaf: leaf.cpu() if isinstance(leaf, Tensor) else leaf, batch)


def prefetch_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "datakit prefetch"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()
    assert prefetch_threads() == []


@settings(max_examples=100, deadline=None)
@given(makers, st.integers(1, 12), st.integers(1, 5), st.integers(0, 100), st.booleans())
def test_any_nesting_arrives_as_it_left(batch_of: Any, n: int, batch_size: int, seed: int, copy: bool) -> None:
    samples = draw_samples(batch_of, n, seed)
    loader = torch_data.DataLoader(samples, batch_size, collate_fn=lambda batch: batch)
    for _ in range(2):
        arrived = [on_host(batch) for batch in PrefetchLoader(loader, "cpu", copy=True)]
        assert identical(arrived, list(loader))
    in_turn = zip(PrefetchLoader(loader, "cpu", copy=copy), loader, strict=True)
    assert all(identical(batch, expected) for batch, expected in in_turn)


@pytest.mark.parametrize("device", DEVICES)
def test_containers_keep_their_types(device: str) -> None:
    batches = [
        Photos(torch.arange(6).reshape(2, 3), ["a", "b"]),
        Pair(torch.ones(2), {"y": (torch.zeros(1), None)}),
        [torch.tensor(3.5), "text", 7],
    ]
    arrived = [on_host(batch) for batch in PrefetchLoader(batches, device, copy=True)]
    assert isinstance(arrived[0], Photos)
    assert torch.equal(arrived[0].pixels, batches[0].pixels)  # type: ignore[union-attr]
    assert arrived[0].names == ["a", "b"]
    assert identical(arrived[1:], batches[1:])


@pytest.mark.parametrize("device", DEVICES)
def test_packed_sequences_arrive_usable(device: str) -> None:
    packed = pack_sequence([torch.tensor([1.0, 2.0]), torch.tensor([3.0]), torch.ones(4)], enforce_sorted=False)
    (arrived,) = PrefetchLoader([packed], device, copy=True)
    assert isinstance(arrived, PackedSequence)
    assert arrived.data.device.type == device
    assert arrived.batch_sizes.device.type == "cpu"
    unpacked = zip(torch.nn.utils.rnn.unpack_sequence(arrived), torch.nn.utils.rnn.unpack_sequence(packed), strict=True)
    assert all(torch.equal(one.cpu(), other) for one, other in unpacked)


LAYOUTS = [
    torch.arange(120.0).reshape(2, 3, 4, 5).to(memory_format=torch.channels_last),
    torch.arange(100).reshape(10, 10)[::2, 1::3],
    torch.ones(3, 1).expand(3, 4),
    torch.arange(12).reshape(3, 4).t(),
    torch.zeros(0, 3),
    torch.tensor(True),
    torch.ones(2, dtype=torch.complex64).conj(),
    torch.ones(3, dtype=torch.bfloat16),
    torch.ones(2, requires_grad=True),
]


@pytest.mark.parametrize("device", DEVICES)
def test_every_layout_arrives_as_a_copy_would(device: str) -> None:
    # Twice, so that slots change from each layout to another.
    for batch, expected in zip(PrefetchLoader(LAYOUTS * 2, device), LAYOUTS * 2, strict=True):
        assert batch.device.type == device
        assert batch.dtype == expected.dtype
        assert torch.equal(batch.cpu(), expected)
        assert batch.stride() == torch.empty_like(expected).stride()
        assert not batch.requires_grad


class Word(Tensor):
    """A tensor with a class of its own."""


@pytest.mark.parametrize("device", DEVICES)
def test_unusual_tensors_move_themselves(device: str) -> None:
    sparse = torch.eye(3).to_sparse()
    word = torch.ones(2).as_subclass(Word)
    ragged = torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])
    ((one, two, three),) = PrefetchLoader([(sparse, word, ragged)], device)
    assert torch.equal(one.to_dense().cpu(), torch.eye(3))
    assert type(two) is Word
    assert two.device.type == three.device.type == device
    assert two.data_ptr() != word.data_ptr()
    assert three.is_nested


@pytest.mark.parametrize("device", DEVICES)
def test_other_objects_move_themselves(device: str) -> None:
    class Graph:
        place = "nowhere"

        def to(self, target: torch.device) -> Graph:
            moved = Graph()
            moved.place = target.type
            return moved

    ((graph, nothing),) = PrefetchLoader([(Graph(), None)], device)
    assert graph.place == device
    assert nothing is None


@pytest.mark.parametrize("device", DEVICES)
def test_a_batch_is_overwritten_later_and_a_copy_is_not(device: str) -> None:
    numbers = [torch.tensor([float(number)]) for number in range(20)]
    assert [float(batch) for batch in PrefetchLoader(numbers, device)] == [float(number) for number in numbers]
    kept = list(PrefetchLoader(numbers, device, copy=True))
    assert torch.equal(torch.cat(kept).cpu(), torch.cat(numbers))
    overwritten = list(PrefetchLoader(numbers, device))
    assert len({batch.data_ptr() for batch in overwritten}) == prefetch_loader.SLOTS


@pytest.mark.parametrize("device", DEVICES)
def test_a_loader_may_use_its_memory_again(device: str) -> None:
    def reused() -> Iterator[Tensor]:
        memory = torch.zeros(1000)
        for number in range(50):
            yield memory.fill_(number)

    class Reusing:
        def __iter__(self) -> Iterator[Tensor]:
            return reused()

    sums = []
    for batch in PrefetchLoader(Reusing(), device):
        time.sleep(0.001)
        sums.append(float(batch.sum()))
    assert sums == [1000.0 * number for number in range(50)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("workers", [0, 2])
def test_the_batches_of_torch_with_workers_and_a_ragged_last_one(device: str, workers: int) -> None:
    columns = torch_data.TensorDataset(torch.arange(50).reshape(25, 2), torch.arange(25.0))
    loader = torch_data.DataLoader(columns, batch_size=4, num_workers=workers)
    ahead = PrefetchLoader(loader, device, lambda batch: [batch[0] * 2, batch[1]])
    assert len(ahead) == len(loader) == 7
    for _ in range(2):
        for (x, y), (x_expected, y_expected) in zip(ahead, loader, strict=True):
            assert x.device.type == y.device.type == device
            assert torch.equal(x.cpu(), 2 * x_expected)
            assert torch.equal(y.cpu(), y_expected)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
@example([3, 40, 3, 40, 3, 40, 0])
@settings(max_examples=50, deadline=None)
def test_batches_of_any_lengths(lengths: list[int]) -> None:
    batches = [torch.arange(length) for length in lengths]
    for batch, expected in zip(PrefetchLoader(batches, "cpu"), batches, strict=True):
        assert torch.equal(batch, expected)


def test_the_next_batch_is_made_while_the_loop_works() -> None:
    made: list[int] = []
    asked = threading.Event()

    class Watched:
        def __iter__(self) -> Iterator[Tensor]:
            for number in range(20):
                made.append(number)
                if len(made) == prefetch_loader.SLOTS + 1:
                    asked.set()
                yield torch.tensor(number)

    epoch = iter(PrefetchLoader(Watched(), "cpu"))
    next(epoch)
    # All slots are filled and one more batch is made, with nobody asking; and then the thread waits.
    assert asked.wait(timeout=60)
    time.sleep(0.05)
    assert len(made) == prefetch_loader.SLOTS + 1


def test_the_transform_runs_without_gradients_and_off_the_loop() -> None:
    threads = set()

    def watched(batch: Tensor) -> Tensor:
        threads.add(threading.current_thread().name)
        assert not torch.is_grad_enabled()
        return batch + 1

    assert [int(batch) for batch in PrefetchLoader([torch.tensor(1)] * 5, "cpu", watched)] == [2] * 5
    assert threads == {"datakit prefetch"}


class Failing:
    """Fails where batch 3 would come."""

    def __iter__(self) -> Iterator[Tensor]:
        yield from (torch.tensor(number) for number in range(3))
        raise OSError("photo.jpg is damaged")


@pytest.mark.parametrize("device", DEVICES)
def test_an_error_of_the_loader_comes_in_its_place(device: str) -> None:
    epoch = iter(PrefetchLoader(Failing(), device))
    assert [int(next(epoch)) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match=r"photo\.jpg is damaged") as caught:
        next(epoch)
    assert any(entry.name == "__iter__" for entry in caught.traceback)
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(epoch)


def test_an_error_of_the_transform_names_the_batch() -> None:
    def refuse(batch: Tensor) -> Tensor:
        if int(batch) == 2:
            raise ArithmeticError("no")
        return batch

    epoch = iter(PrefetchLoader([torch.tensor(number) for number in range(5)], "cpu", refuse))
    assert [int(next(epoch)) for _ in range(2)] == [0, 1]
    with pytest.raises(ArithmeticError) as caught:
        next(epoch)
    assert caught.value.__notes__ == ["PrefetchLoader: this came while batch 2 was copied and transformed."]


def test_a_dead_worker_is_an_error_and_not_a_hang() -> None:
    # Plain numbers: a tensor on its way from a worker that dies is a broken connection, or not, as it happens.
    loader = torch_data.DataLoader(Deadly(), batch_size=1, num_workers=1, collate_fn=list)
    with pytest.raises(RuntimeError, match=r"DataLoader worker .* exited unexpectedly"):
        list(PrefetchLoader(loader, "cpu"))


class Deadly(torch_data.Dataset[int]):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> int:
        if index == 2:
            import os

            os._exit(1)
        return index


def test_an_interrupt_in_the_dataset_ends_the_epoch() -> None:
    class Interrupted:
        def __iter__(self) -> Iterator[Tensor]:
            yield torch.tensor(0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(PrefetchLoader(Interrupted(), "cpu"))


@pytest.mark.parametrize("device", DEVICES)
def test_leaving_the_loop_leaves_no_thread_and_closes_the_loader(device: str) -> None:
    closed = []

    class Watched:
        def __iter__(self) -> Iterator[Tensor]:
            try:
                for number in range(1000):
                    yield torch.tensor(number)
            finally:
                closed.append(True)

    for batch in PrefetchLoader(Watched(), device):
        if int(batch) == 2:
            break
    assert prefetch_threads() == []
    assert closed == [True]
    # The batch in hand is still whole: nobody asks for the next.
    assert int(batch) == 2


def test_an_epoch_that_is_never_begun_leaves_no_thread() -> None:
    epoch = iter(PrefetchLoader([torch.zeros(1)] * 9, "cpu"))
    gone = weakref.ref(epoch)
    del epoch
    assert gone() is None
    assert prefetch_threads() == []


def test_a_cycle_collected_in_the_thread_itself_does_not_hang() -> None:
    collected = threading.Event()
    go = threading.Event()

    class Collecting:
        def __iter__(self) -> Iterator[Tensor]:
            yield torch.zeros(1)
            go.wait(timeout=60)
            gc.collect()
            collected.set()
            yield from [torch.zeros(1)] * 10

    gc.disable()
    try:
        epoch: Any = iter(PrefetchLoader(Collecting(), "cpu"))
        next(epoch)
        epoch.cycle = epoch
        thread = prefetch_threads()[0]
        del epoch
        go.set()
        assert collected.wait(timeout=60)
    finally:
        gc.enable()
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_a_loader_that_blocks_is_reported_when_the_loop_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch_loader, "PATIENCE_SECONDS", 0.1)
    release = threading.Event()

    class Blocking:
        def __iter__(self) -> Iterator[Tensor]:
            yield torch.zeros(1)
            release.wait(timeout=60)

    epoch = iter(PrefetchLoader(Blocking(), "cpu"))
    next(epoch)
    thread = prefetch_threads()[0]
    with pytest.warns(RuntimeWarning, match=r"left 0\.1 s ago, and the loader is still busy with a batch.*what blocks"):
        del epoch
    release.set()
    thread.join(timeout=60)


AT_EXIT = """
import torch, datakit
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.arange(1000)), batch_size=1, num_workers={workers})
epoch = iter(datakit.PrefetchLoader(loader, "cpu"))
print(next(epoch))
"""


@pytest.mark.parametrize("workers", [0, 1])
def test_the_interpreter_exits_in_the_middle_of_an_epoch(workers: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_EXIT.format(workers=workers)], capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[tensor([0])]\n", "")


def test_two_loops_at_once_do_not_disturb_each_other() -> None:
    loader = PrefetchLoader([torch.tensor(number) for number in range(30)], "cpu")
    assert all(int(one) == int(other) for one, other in zip(loader, loader, strict=True))


def test_the_same_seed_shuffles_alike_with_and_without_it() -> None:
    loader: Any = datakit.DataLoader(list(range(40)), batch_size=4, shuffle=True)
    orders = []
    for ahead in (loader, PrefetchLoader(loader, "cpu", copy=True)):
        torch.manual_seed(3)
        orders.append([batch.tolist() for _ in range(2) for batch in ahead])
    assert orders[0] == orders[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 12), st.integers(0, 1))
def test_a_loop_goes_on_in_another_loader_where_it_was_left(n: int, size: int, steps: int, workers: int) -> None:
    def loader() -> PrefetchLoader:
        batches = DataLoader(range(n), size, shuffle=True, seed=3, num_workers=workers, workers="thread")
        return PrefetchLoader(batches, "cpu", copy=True)

    whole = loader()
    epochs = [[batch.tolist() for batch in whole] for _ in range(2)]
    first, second = loader(), loader()
    seen = [batch.tolist() for batch in islice(first, min(steps, len(epochs[0])))]
    second.load_state_dict(first.state_dict())
    assert seen + [batch.tolist() for batch in second] == epochs[0]
    assert [batch.tolist() for batch in second] == epochs[1]


def test_a_position_is_kept_when_the_loop_is_left_and_asked_for_afterwards() -> None:
    first = PrefetchLoader(DataLoader(range(10), 2, seed=0), "cpu", copy=True)
    for number, _ in enumerate(first):
        if number == 1:
            break
    second = PrefetchLoader(DataLoader(range(10), 2, seed=0), "cpu", copy=True)
    second.load_state_dict(first.state_dict())
    assert [batch.tolist() for batch in second] == [[4, 5], [6, 7], [8, 9]]
    assert second.state_dict()["epoch"] == 1


def test_a_loader_that_cannot_tell_where_it_stands_says_so() -> None:
    with pytest.raises(TypeError, match=r"PrefetchLoader: a list has no state_dict.*Pass a datakit.DataLoader"):
        PrefetchLoader([1, 2], "cpu").state_dict()
    loader = PrefetchLoader(DataLoader(range(10), 2, shuffle=True), "cpu")
    batches = iter(loader)
    next(batches)
    with pytest.raises(ValueError, match="PyTorch's global generator"):
        loader.state_dict()
    del batches


def test_nothing_to_load_is_nothing() -> None:
    assert list(PrefetchLoader([], "cpu")) == []


@pytest.mark.parametrize(
    ("loader", "arguments", "kind", "words"),
    [
        (7, {}, TypeError, "PrefetchLoader: an int can't be looped over. Pass a DataLoader"),
        (iter([1]), {}, TypeError, "looped over only once.*Pass the loader itself, not iter"),
        ([], {"transform": 3}, TypeError, "transform must be a function of a batch; an int arrived"),
        ([], {"copy": 1}, ValueError, "copy must be True or False; 1 arrived"),
        ([], {"device": "gpu"}, ValueError, "'gpu' is not a device. Pass 'cpu', 'cuda' or 'cuda:1'"),
        ([], {"device": None}, ValueError, "None is not a device"),
        ([], {"device": "meta"}, ValueError, "copied ahead to 'cpu' or 'cuda'; 'meta' arrived. Pass 'cpu', and move"),
        ([], {"device": "cuda:99"}, ValueError, r"'cuda:99' arrived, but PyTorch finds \d+ CUDA devices.*Pass 'cpu'"),
    ],
)
def test_what_it_refuses(loader: Any, arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        PrefetchLoader(loader, **{"device": "cpu", **arguments})


def test_a_loader_without_a_length_has_none_here() -> None:
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        len(PrefetchLoader(Failing(), "cpu"))


def test_all_tensors_are_found() -> None:
    batch = {"a": torch.tensor(1), "b": (Photos(torch.tensor(2), []), [torch.tensor(3)])}
    assert [int(tensor) for tensor in tensors_in(batch)] == [1, 2, 3]
