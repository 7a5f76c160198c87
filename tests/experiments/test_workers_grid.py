from __future__ import annotations

import multiprocessing
import sys
import threading

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import workers_grid
from datakit.experiments.loading import many_workers
from datakit.experiments.number_format import short
from datakit.experiments.photograph_strategies import CROP
from datakit.experiments.watch import StoppedError
from datakit.experiments.workers_grid import (
    AGAIN,
    ANSWERS,
    BATCH_SIZE,
    FIRST,
    NEARLY,
    NONE,
    PERSISTENT,
    PREDICTION,
    PREFETCH,
    SPEED,
    WAITING,
    WORKER_COUNTS,
    WORKERS,
)

COLUMNS = [WORKERS, PREFETCH, PERSISTENT, FIRST, AGAIN, SPEED, WAITING]
SMALL = {"n_images": 2 * BATCH_SIZE + 3, "height": 60, "width": 80}
QUICK = {**SMALL, "kind": "thread", "worker_counts": (0, 2), "prefetch_factors": (3,)}
# A batch of crops, uint8, with an int64 label each.
BATCH_MIB = BATCH_SIZE * (3 * CROP * CROP + 8) / 2**20


def table_of(speeds: dict[int, list[float]], waits: tuple[float, float] = (1.0, 2.0)) -> pd.DataFrame:
    """Made up: for each number of workers so many settings, in turn without and with persistent workers."""
    return pd.DataFrame(
        [
            {
                WORKERS: workers,
                PREFETCH: 1 + k // 2 if workers else NONE,
                PERSISTENT: ("no", "yes")[k % 2] if workers else NONE,
                FIRST: 5.0,
                AGAIN: waits[k % 2],
                SPEED: speed,
                WAITING: float(workers),
            }
            for workers, values in speeds.items()
            for k, speed in enumerate(values)
        ],
        columns=COLUMNS,
    )


def test_worker_processes_load_each_setting_of_the_grid() -> None:
    before = set(multiprocessing.active_children())
    table = workers_grid.workers_grid(**SMALL, worker_counts=(0, 2), prefetch_factors=(3,))
    assert list(table) == COLUMNS
    assert table[[WORKERS, PREFETCH, PERSISTENT]].to_numpy().tolist() == [[0, NONE, NONE], [2, 3, "no"], [2, 3, "yes"]]
    assert (table[[FIRST, AGAIN, SPEED]] > 0).all(axis=None)
    assert table[WAITING].tolist() == pytest.approx([0, 6 * BATCH_MIB, 6 * BATCH_MIB])
    assert set(multiprocessing.active_children()) <= before


def test_the_grid_has_each_setting_once_and_one_without_workers() -> None:
    settings = workers_grid._settings(WORKER_COUNTS, (1, 4))
    assert settings[0] == {"num_workers": 0}
    assert len({tuple(sorted(one.items())) for one in settings}) == len(settings) == 1 + 4 * 2 * 2
    assert workers_grid._settings((3,), (1,)) == [
        {"num_workers": 3, "prefetch_factor": 1, "persistent_workers": lives} for lives in (False, True)
    ]


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    workers_grid.workers_grid(**QUICK, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One for each photograph that is made, one for each batch of two epochs in three settings, and the end.
    assert len(reports) == SMALL["n_images"] + 3 * 2 * 3 + 1


@pytest.mark.parametrize("when", ["making the photographs", "2 workers"])
def test_it_stops_at_any_stage_leaves_no_thread_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    before, cores = set(threading.enumerate()), torch.get_num_threads()
    stop = threading.Event()
    with pytest.raises(StoppedError):
        workers_grid.workers_grid(**QUICK, stop=stop, progress=lambda _, words: stop.set() if words == when else None)
    assert torch.get_num_threads() == cores
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert len(workers_grid.workers_grid(**QUICK)) == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n_images": 0}, "n_images must be a positive integer; 0 arrived"),
        ({"worker_counts": (1, -1)}, "worker_counts must be an integer, 0 or above; -1 arrived"),
        ({"prefetch_factors": (0,)}, "prefetch_factors must be a positive integer; 0 arrived"),
        ({"kind": "fibre"}, "kind='fibre' arrived"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        workers_grid.workers_grid(**{**QUICK, **wrong})


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        workers_grid.workers_grid(**QUICK)


SPEEDS = st.floats(1, 1e4)
TABLES = st.fixed_dictionaries({n: st.lists(SPEEDS, min_size=1, max_size=4) for n in WORKER_COUNTS})


@given(TABLES)
def test_every_outcome_has_one_answer(speeds: dict[int, list[float]]) -> None:
    answer = workers_grid.measured(table_of(speeds))
    assert PREDICTION.accepts(answer)
    fastest = max(max(values) for values in speeds.values())
    good = [n for n, values in speeds.items() if max(values) >= NEARLY * fastest]
    assert ANSWERS[answer] == min(good)


@given(TABLES, st.tuples(*[st.integers(1, 10_000).map(float)] * 2))
def test_the_explanation_never_contradicts_the_values(
    speeds: dict[int, list[float]], waits: tuple[float, float]
) -> None:
    table = table_of({n: [*values, values[-1]] for n, values in speeds.items()}, waits)
    words = workers_grid.explain(table)
    best = {n: max(values) for n, values in speeds.items()}
    fastest = max(best.values())
    first = next(n for n in WORKER_COUNTS if best[n] == fastest)
    assert f"a setting with {many_workers(first)}: {short(fastest)} photographs a second" in words
    assert (f"against {short(best[0])} without workers" in words) == (first != 0)
    assert not ("clearly slower" in words and best[8] >= NEARLY * fastest)
    assert f"{short(waits[1])} ms where workers live on, and after {short(waits[0])} ms where they start anew" in words


def test_the_explanation_in_full() -> None:
    table = table_of({0: [100.0], 1: [190.0, 195.0], 2: [200.0, 150.0], 4: [120.0, 90.0]}, (300.0, 20.0))
    assert workers_grid.explain(table) == (
        "The fastest was a setting with 2 workers: 200 photographs a second, against 100 without workers. The fewest "
        "that came within 10 % of that: 1 worker, 195. With the most, 4 workers, it was clearly slower: 120. The "
        "second epoch's first batch came after 20 ms where workers live on, and after 300 ms where they start anew "
        "(means of all settings)."
    )


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = table_of({0: [100.0], 1: [190.0, 195.0, 180.0], 4: [120.0]})
    speeds, waits = workers_grid.plot(table).axes
    assert [bar.get_width() for bar in speeds.patches] == list(table[SPEED])
    assert [bar.get_width() for bar in waits.patches] == list(table[AGAIN])
    names = [label.get_text() for label in speeds.get_yticklabels()]
    assert names == [
        "no workers",
        "1 worker, prefetch 1",
        "1 worker, prefetch 1, persistent",
        "1 worker, prefetch 2",
        "4 workers, prefetch 1",
    ]
    # From top to bottom as in the table.
    bottom, top = speeds.get_ylim()
    assert bottom > top
    text = workers_grid.describe(table)
    for name, speed, wait in zip(names, table[SPEED], table[AGAIN], strict=True):
        assert f"{name}: {short(speed)} a second, {short(wait)} ms" in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = workers_grid.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "8"
    view.prediction.button.click()
    view.controls["size"].value = (188, 250)
    view.controls["kind"].value = "thread"
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(200)
    shown = view.result.value
    assert "says nothing about your prediction, which was about “Workers are: processes”" in shown
    assert shown.count("<tr>") == 1 + 1 + 4 * 2 * 2
    assert 'alt="Two bar charts, photographs a second' in shown
    assert 'download="workers-grid.csv"' in shown
    assert "Measured on: " in shown
