"""Tuning with real loaders and real workers, on datasets whose speed is known; and how it chooses, over all cases."""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, TensorDataset

from datakit import tune
from datakit.settings_search import Limits, Search, Tuning, _doubling, choose
from datakit.text_table import in_units, text_table
from datakit.trials import Trial, _memory_of_processes
from datakit.tuning import TunedLoader
from tests.patience import patiently

# PyTorch's loader warns when more workers are asked for than there are cores; here they sleep most of the time.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create", "ignore:Got pickle error")

GIB = 2**30


class Sleeping(Dataset[torch.Tensor]):
    """A sample takes a known time and no core, as a slow disk does."""

    def __init__(self, n: int, seconds: float) -> None:
        self.n = n
        # In shared memory: workers see a change.
        self.seconds = multiprocessing.Value("d", seconds)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> torch.Tensor:
        time.sleep(self.seconds.value)
        return torch.tensor(index)


def torch_loader(dataset: Any, **fixed: Any) -> Callable[..., DataLoader[Any]]:
    return lambda **settings: DataLoader(dataset, batch_size=4, **fixed, **settings)


@patiently
def test_workers_are_chosen_where_they_help() -> None:
    loader = tune(torch_loader(Sleeping(400, 0.005)), max_workers=4, seconds=0.3)
    assert loader.settings["num_workers"] >= 2
    rates = {
        row["num_workers"]: row["batches/s"] for row in loader.tuning.rows() if row["prefetch_factor"] in (None, 2)
    }
    assert list(rates)[:3] == [0, 1, 2]
    assert rates[2] > 1.3 * rates[0]
    assert sorted(int(i) for batch in loader for i in batch) == list(range(400))
    assert len(loader) == 100


@patiently
def test_no_worker_is_chosen_where_samples_cost_nothing() -> None:
    loader = tune(torch_loader(TensorDataset(torch.arange(2000))), max_workers=2, seconds=0.3)
    assert loader.settings == {"num_workers": 0}
    assert str(loader.tuning).count("chosen: the fastest, and nothing cheaper") == 1


@patiently
def test_a_slow_step_makes_more_workers_pointless() -> None:
    # The step takes longer than a batch: one worker hides all loading, and the second brings nothing.
    loader = tune(torch_loader(Sleeping(400, 0.004)), step=lambda batch: time.sleep(0.04), max_workers=2, seconds=0.4)
    assert loader.settings["num_workers"] == 1


class ThreadLoader:
    """Batches made by threads: as much of a loader with ``workers="thread"`` as tuning needs."""

    def __init__(self, dataset: Any, num_workers: int) -> None:
        self.dataset = dataset
        self.num_workers = num_workers

    def __iter__(self) -> Iterator[torch.Tensor]:
        def batch_at(start: int) -> torch.Tensor:
            return torch.stack([self.dataset[i] for i in range(start, start + 4)])

        with ThreadPoolExecutor(self.num_workers) as pool:
            yield from pool.map(batch_at, range(0, len(self.dataset), 4))


@patiently
def test_threads_are_chosen_where_they_do_as_well() -> None:
    dataset = Sleeping(40, 0.005)

    def make_loader(num_workers: int, workers: str = "process", **settings: Any) -> Any:
        if workers == "thread":
            return ThreadLoader(dataset, num_workers)
        return DataLoader(dataset, batch_size=4, num_workers=num_workers, **settings)

    loader = tune(make_loader, kinds=["process", "thread"], max_workers=2, seconds=0.3)
    assert loader.settings["workers"] == "thread"
    assert {row["workers"] for row in loader.tuning.rows()} == {None, "process", "thread"}


class Unpicklable(Sleeping):
    def __reduce__(self) -> Any:
        raise TypeError("an open file can't be pickled")


class Deadly(Sleeping):
    def __getitem__(self, index: int) -> torch.Tensor:
        if torch.utils.data.get_worker_info() is not None:
            os._exit(3)
        return super().__getitem__(index)


def spawned(dataset: Any) -> Callable[..., DataLoader[Any]]:
    def make_loader(num_workers: int, **settings: Any) -> DataLoader[Any]:
        context = "spawn" if num_workers else None
        return DataLoader(dataset, num_workers=num_workers, multiprocessing_context=context, **settings)

    return make_loader


@pytest.mark.parametrize(
    ("make_loader", "words"),
    [
        (spawned(Unpicklable(50, 0.001)), "failed: TypeError: an open file can't be pickled"),
        (torch_loader(Deadly(50, 0.001)), "failed: RuntimeError: DataLoader worker (pid"),
    ],
)
def test_settings_that_fail_are_noted_and_others_tried(make_loader: Any, words: str) -> None:
    loader = tune(make_loader, max_workers=4, seconds=0.05)
    assert loader.settings == {"num_workers": 0}
    rows = loader.tuning.rows()
    assert [row["num_workers"] for row in rows] == [0, 1]
    assert words in rows[1]["note"]
    assert rows[1]["batches/s"] is None


def test_a_dataset_that_fails_without_workers_is_no_matter_of_settings() -> None:
    def broken(samples: Any) -> Any:
        raise OSError("photo.jpg is damaged")

    with pytest.raises(OSError, match=r"photo\.jpg is damaged"):
        tune(torch_loader(TensorDataset(torch.arange(9)), collate_fn=broken))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(4, 64 * GIB, 64 * 2**20), "skipped: needs 92.0 MiB of shared memory, 64.0 MiB are free"),
        (Limits(4, 100 * 2**20, None), "skipped: needs 92.0 MiB of memory, 100.0 MiB are available"),
    ],
)
def test_what_does_not_fit_is_skipped(limits: Limits, words: str) -> None:
    photos = TensorDataset(torch.zeros(100, 23 * 2**20 // 4, dtype=torch.uint8))
    tuning = Search(torch_loader(photos), None, None, 4, 0.05).run(limits)
    assert [trial.workers for trial in tuning.trials] == [0, 1]
    assert tuning.trials[1].note == words
    assert tuning.best.settings == {"num_workers": 0}
    # Threads send nothing through shared memory.
    assert limits.objection({"num_workers": 8, "workers": "thread", "prefetch_factor": 8}, GIB, GIB) == ""


@patiently
def test_as_many_workers_as_cores_are_tried() -> None:
    # Each worker helps here, so the number of cores is what ends the search.
    search = Search(torch_loader(Sleeping(4000, 0.005)), None, None, None, 0.3)
    tuning = search.run(Limits(2.5, 64 * GIB, None))
    assert [trial.workers for trial in tuning.trials if trial.settings.get("prefetch_factor") == 2] == [1, 2, 3]


def test_a_process_that_ends_while_memory_is_read_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        gone = psutil.Process(ended.pid)
    monkeypatch.setattr(psutil.Process, "children", lambda self, recursive: [gone])
    assert _memory_of_processes() == 0


@pytest.mark.parametrize(
    ("most", "tried"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 4, 8]), (9, [1, 2, 4, 8, 9])]
)
def test_worker_counts_double_up_to_the_most(most: int, tried: list[int]) -> None:
    assert list(_doubling(most)) == tried


trials = st.builds(
    lambda workers, kind, queue, seconds: Trial(
        {"num_workers": workers, "workers": kind, "prefetch_factor": queue}, seconds
    ),
    st.integers(0, 8),
    st.sampled_from(["thread", "process"]),
    st.sampled_from([2, 4, 8]),
    st.none() | st.floats(0.01, 1.0) | st.sampled_from([0.1, 0.104, 0.106]),
)


@given(st.lists(trials, min_size=1, max_size=10).filter(lambda found: any(trial.seconds for trial in found)))
def test_the_cheapest_of_the_fast_ones_is_chosen(found: list[Trial]) -> None:
    best = choose(found)
    assert best.seconds is not None
    for other in found:
        if other.seconds is None:
            continue
        assert other.seconds >= 0.95 * best.seconds
        if other.cost() < best.cost():
            assert 0.95 * other.seconds > min(trial.seconds for trial in found if trial.seconds is not None)


def test_tuning_moves_no_global_generator() -> None:
    def states() -> tuple[Any, ...]:
        return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[union-attr]

    class Drawing(Sleeping):
        def __getitem__(self, index: int) -> torch.Tensor:
            return torch.rand(1) + random.random() + np.random.rand()

    before = states()
    tune(torch_loader(Drawing(100, 0), shuffle=True), max_workers=1, seconds=0.05)
    assert states() == before


def epoch(loader: TunedLoader) -> None:
    for _ in loader:
        time.sleep(0.01)


def test_a_load_that_changes_is_tuned_again() -> None:
    dataset = Sleeping(40, 0.001)
    loader = tune(torch_loader(dataset), step=lambda batch: time.sleep(0.01), max_workers=1, seconds=0.1, adapt=True)
    chosen = loader.loader
    epoch(loader)
    dataset.seconds.value = 0.03
    epoch(loader)  # this is where the change is seen
    assert len(loader.history) == 1
    assert loader.loader is chosen
    epoch(loader)
    assert len(loader.history) == 2
    assert loader.loader is not chosen
    before, after = (tuning.trials[0].seconds for tuning in loader.history)
    assert after > 2 * before  # type: ignore[operator]


def test_without_adapt_the_choice_stays() -> None:
    dataset = Sleeping(40, 0.0)
    loader = tune(torch_loader(dataset), max_workers=1, seconds=0.05)
    epoch(loader)
    dataset.seconds.value = 0.02
    for _ in range(2):
        epoch(loader)
    assert len(loader.history) == 1


@pytest.mark.parametrize(("wait", "changed"), [(0.0, False), (0.02, False), (0.03, True), (0.5, True)])
def test_a_quarter_of_a_step_is_a_change(wait: float, changed: bool) -> None:
    loader = tune(torch_loader(TensorDataset(torch.arange(40))), max_workers=1, seconds=0.01, adapt=True)
    assert not loader._load_has_changed()
    loader._note_epoch(0.0, 0.1)
    assert not loader._load_has_changed()
    loader._note_epoch(wait, 0.1 + wait)
    assert loader._load_has_changed() is changed


def test_one_batch_tells_nothing_about_the_load() -> None:
    loader = tune(torch_loader(TensorDataset(torch.arange(4))), max_workers=1, seconds=0.01, adapt=True)
    for _ in range(3):
        epoch(loader)
    assert len(loader.history) == 1


def test_the_table_says_what_was_tried_and_why() -> None:
    best = Trial({"num_workers": 1, "prefetch_factor": 2}, 0.0102, 9 * 2**20)
    tuning = Tuning(
        [
            Trial({"num_workers": 0}, 0.02, 9 * 2**20),
            best,
            Trial({"num_workers": 2, "prefetch_factor": 2}, 0.01),
            Trial({"num_workers": 4, "prefetch_factor": 2}, note="skipped: no room"),
        ],
        best,
        Limits(1.5, 2 * GIB, None),
    )
    assert str(tuning).splitlines() == [
        "1.5 usable cores, 2.0 GiB of memory; a batch is 9.0 MiB",
        "num_workers  workers  prefetch_factor  batches/s  note",
        "          0                            50",
        "          1           2                98         chosen: within 5 % of the fastest, and cheaper",
        "          2           2                100",
        "          4           2                           skipped: no room",
    ]


@pytest.mark.parametrize(
    ("make_loader", "arguments", "kind", "words"),
    [
        (7, {}, TypeError, "make_loader must be a function that makes a loader; an int arrived. Write lambda"),
        (
            torch_loader([]),
            {},
            ValueError,
            "tune: the loader has no batches. Check the dataset's length, and drop_last",
        ),
        (torch_loader([1]), {"kinds": ["fibre"]}, ValueError, r"kinds must be some of 'thread' and 'process'; \['fib"),
        (torch_loader([1]), {"kinds": []}, ValueError, "kinds must be some of"),
        (torch_loader([1]), {"max_workers": 0}, ValueError, "tune: max_workers must be a positive integer; 0 arrived"),
        (torch_loader([1]), {"seconds": 0}, ValueError, "tune: seconds must be above 0; 0 arrived"),
        (torch_loader([1]), {"adapt": "yes"}, ValueError, "tune: adapt must be True or False; 'yes' arrived"),
    ],
)
def test_what_it_refuses(make_loader: Any, arguments: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        tune(make_loader, **arguments)


@given(st.lists(st.tuples(st.text("abc", max_size=9), st.integers(0, 10**6)), min_size=1, max_size=5))
def test_a_table_lines_up(entries: list[tuple[str, int]]) -> None:
    lines = text_table([{"name": name, "number": str(number)} for name, number in entries]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [line.split()[-1] for line in lines] == ["number", *(str(number) for _, number in entries)]


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1.5 * GIB, "1.5 GiB"), (5000 * 1024**4, "5000.0 TiB")],
)
def test_bytes_are_written_in_units(nbytes: float, text: str) -> None:
    assert in_units(nbytes) == text
