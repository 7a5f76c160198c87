"""What a worker can't do comes back as what it was, and the loop goes on."""

from __future__ import annotations

import queue
import time
from typing import Any

import pytest
import torch

import datakit
from tests.workers.worlds import (
    KINDS,
    NeedsTwoError,
    Placed,
    Squares,
    Stream,
    Trouble,
    WhoAmI,
    refuse_worker_one,
)


def loader(dataset: Any, kind: Any, **more: Any) -> datakit.DataLoader:
    return datakit.DataLoader(dataset, 2, num_workers=2, workers=kind, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("persistent", [False, True])
def test_an_error_has_its_type_its_place_and_a_trace(kind: str, persistent: bool) -> None:
    loop = iter(loader(Trouble(12, "damaged"), kind, persistent_workers=persistent))
    assert [next(loop).tolist(), next(loop).tolist()] == [[0, 1], [2, 3]]
    with pytest.raises(OSError, match=r"photo.jpg is damaged") as caught:
        next(loop)
    index, where = caught.value.__notes__
    assert index == "DataLoader: this came from dataset[5]."
    if kind == "process":
        assert "this happened in worker 0 of 2 (process " in where
        assert 'raise OSError("photo.jpg is damaged")' in where
    else:
        assert where == "DataLoader: this happened in worker 0 of 2 (a thread)." or "worker 1 of 2" in where
        assert "damaged" in [frame.name for frame in caught.traceback]
    # Nothing else is lost.
    assert [batch.tolist() for batch in loop] == [[6, 7], [8, 9], [10, 11]]


@pytest.mark.parametrize("kind", KINDS)
def test_errors_that_pickle_cannot_restore(kind: str) -> None:
    with pytest.raises(NeedsTwoError, match="sample 5 is wrong") as caught:
        list(loader(Trouble(6, "own_error"), kind))
    assert any("dataset[5]" in note for note in caught.value.__notes__)
    for trouble in ("local_error", "talking_error"):
        with pytest.raises(LookupError, match="not in any module"):
            list(loader(Trouble(6, trouble), kind))


@pytest.mark.parametrize("kind", KINDS)
def test_stop_iteration_is_no_end(kind: str) -> None:
    with pytest.raises(RuntimeError, match="raised StopIteration, which means the end of a stream only"):
        list(loader(Trouble(6, "stop"), kind))


class BrokenPlaces(Placed):
    def write_sample(self, index: int, batch: Any, place: int) -> None:
        if index == 5:
            raise ArithmeticError("no")
        super().write_sample(index, batch, place)


class NoRoom(Placed):
    def empty_batch(self, n: int) -> Any:
        raise MemoryError("no room")


@pytest.mark.parametrize("kind", KINDS)
def test_errors_where_samples_are_written_in_place(kind: str) -> None:
    loop = iter(loader(BrokenPlaces(8), kind))
    assert [next(loop)[2].tolist() for _ in range(2)] == [[0, 1], [2, 3]]
    with pytest.raises(ArithmeticError) as caught:
        next(loop)
    assert caught.value.__notes__[0] == "DataLoader: this came from dataset.write_sample(5, ...)."
    assert next(loop)[2].tolist() == [6, 7]
    with pytest.raises(MemoryError) as caught_too:
        list(loader(NoRoom(8), kind))
    assert caught_too.value.__notes__ == ["DataLoader: this came from dataset.empty_batch(2)."]


class BrokenBatches(Squares):
    def take_batch(self, indices: list[int]) -> Any:
        raise ArithmeticError("no")


def test_errors_where_batches_are_taken_whole() -> None:
    with pytest.raises(ArithmeticError) as caught:
        list(datakit.DataLoader(BrokenBatches(3), 2))
    assert caught.value.__notes__ == ["DataLoader: this came from dataset.take_batch([0, 1])."]


class BrokenStream(Stream):
    def __iter__(self) -> Any:
        yield 0
        raise OSError("the line is dead")


@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_streams(kind: str) -> None:
    loop = iter(loader(BrokenStream(3), kind))
    for _ in range(2):
        with pytest.raises(OSError, match="the line is dead") as caught:
            next(loop)
        assert caught.value.__notes__[0] == "DataLoader: this came from the stream, where it made sample 1."
    assert list(loop) == []


@pytest.mark.parametrize("kind", ["process", *KINDS])
def test_errors_of_samplers_take_their_turn(kind: str) -> None:
    class Sampler:
        def __iter__(self) -> Any:
            yield from ([0], [1])
            raise KeyError("weights")

    for num_workers in (0, 2):
        loop = iter(datakit.DataLoader(Squares(3), batch_sampler=Sampler(), num_workers=num_workers, workers=kind))
        next(loop), next(loop)
        with pytest.raises(KeyError, match="weights"):
            next(loop)
        assert list(loop) == []


@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_worker_init_fn(kind: str) -> None:
    with pytest.raises(PermissionError, match="worker 1 may not"):
        list(datakit.DataLoader(WhoAmI(20), None, num_workers=2, workers=kind, worker_init_fn=refuse_worker_one))


def locked(samples: Any) -> Any:
    return queue.SimpleQueue()


def test_a_batch_that_cannot_be_sent() -> None:
    with pytest.raises(TypeError) as caught:
        list(loader(Squares(4), "process", collate_fn=locked))
    assert "this batch can't be sent from a worker process" in caught.value.__notes__[0]
    assert len(list(loader(Squares(4), "thread", collate_fn=locked))) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_timeout(kind: str) -> None:
    loop = iter(loader(Slow(2), kind, timeout=0.2))
    with pytest.raises(RuntimeError, match=r"timed out: no worker sent anything for 0\.2 seconds. Raise timeout"):
        next(loop)
    # It may be waited for again.
    while True:
        try:
            assert next(loop).tolist() == [0, 1]
            break
        except RuntimeError:
            continue


class Slow(Squares):
    def __getitem__(self, index: int) -> int:
        time.sleep(0.5)
        return index


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_that_was_left_for_a_newer_one(kind: str) -> None:
    patient = loader(Squares(40), kind, persistent_workers=True)
    older = iter(patient)
    next(older)
    newer = iter(patient)
    with pytest.raises(RuntimeError, match=r"a newer loop over the same loader has begun.*one loader for each loop"):
        next(older)
    assert [batch["index"].tolist() for batch in newer] == [[i, i + 1] for i in range(0, 40, 2)]
    # Without workers that live on, each loop has its own.
    free = loader(Squares(4), kind)
    pairs = zip(free, free, strict=True)
    assert all(torch.equal(one["index"], other["index"]) for one, other in pairs)
