from __future__ import annotations

import multiprocessing
import sys
import threading
import time
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import bottleneck
from datakit.experiments.bottleneck import (
    BY_COMPUTE,
    BY_DECODE,
    BY_READ,
    COMPUTE,
    DECODE,
    LIMIT,
    PAPER,
    PREDICTION,
    READ,
    STEP,
    WAITING,
    WORKER_COUNTS,
    WORKERS,
)
from datakit.experiments.loading import many_workers
from datakit.experiments.number_format import short
from datakit.experiments.pipeline_stages import Stages
from datakit.experiments.watch import StoppedError
from datakit.profiling import WARMUP

COLUMNS = [WORKERS, READ, DECODE, COMPUTE, STEP, PAPER, WAITING, LIMIT]
SMALL: dict[str, Any] = {"read": 1, "decode": 2, "compute": 1, "worker_counts": (0, 2), "steps": 2}
QUICK = {**SMALL, "kind": "thread"}


def table_of(*values: tuple[float, float, float]) -> pd.DataFrame:
    """Made up: for 0, 1, 2 … workers the step, the waiting and the decoding."""
    return pd.DataFrame(
        [
            {
                WORKERS: workers,
                READ: 10.0,
                DECODE: decode,
                COMPUTE: step * (1 - waiting / 100),
                STEP: step,
                PAPER: 7.0,
                WAITING: waiting,
                LIMIT: bottleneck.limit(waiting / 100, 10.0, decode),
            }
            for workers, (step, waiting, decode) in enumerate(values)
        ]
    )


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_each_number_of_workers_is_measured_and_worked_out_on_paper(kind: str) -> None:
    before = set(multiprocessing.active_children())
    table = bottleneck.bottleneck(**{**SMALL, "worker_counts": (0, 1, 2), "kind": kind})
    assert list(table) == COLUMNS
    assert list(table[WORKERS]) == [0, 1, 2]
    # 1 + 2 + 1; max(3 / 1, 1); max(3 / 2, 1).
    assert list(table[PAPER]) == [4.0, 3.0, 1.5]
    # No stage can be quicker than it was told to be, but for a little by which clocks differ.
    assert (table[READ] >= 0.99).all() and (table[DECODE] >= 1.98).all() and (table[COMPUTE] >= 0.99).all()
    assert ((table[STEP] >= table[COMPUTE]) & (table[WAITING] >= 0) & (table[WAITING] <= 100)).all()
    assert set(multiprocessing.active_children()) <= before


def test_computing_on_paper_is_never_shorter_than_a_step_of_the_model() -> None:
    table = bottleneck.bottleneck(**{**QUICK, "compute": 5})
    assert list(table[PAPER]) == [8.0, 5.0]


def test_decoding_uses_a_core_for_as_long_as_it_was_told_to() -> None:
    stages = Stages(1, read=0.01, decode=0.02)
    before = time.thread_time()
    read, decode = stages[0].tolist()
    assert time.thread_time() - before >= 0.02
    # The clocks of cores and of the day may differ a little.
    assert read >= 0.0099 and decode >= 0.0198


def test_the_limit_is_what_the_loop_waits_for() -> None:
    assert bottleneck.limit(0.09, 5.0, 9.0) == BY_COMPUTE
    assert bottleneck.limit(0.11, 5.0, 9.0) == BY_DECODE
    assert bottleneck.limit(0.11, 9.0, 5.0) == BY_READ


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    bottleneck.bottleneck(**QUICK, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One for each step, those that don't count included, and the end.
    assert len(reports) == 2 * (WARMUP + 2) + 1


def test_it_stops_leaves_no_thread_and_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    before = set(threading.enumerate())
    stop = threading.Event()
    with pytest.raises(StoppedError):
        bottleneck.bottleneck(
            **QUICK, stop=stop, progress=lambda _, words: stop.set() if words == "2 workers" else None
        )
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert len(bottleneck.bottleneck(**QUICK)) == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"read": -1}, "read must be an integer, 0 or above; -1 arrived"),
        ({"decode": -1}, "decode must be an integer, 0 or above; -1 arrived"),
        ({"compute": -1}, "compute must be an integer, 0 or above; -1 arrived"),
        ({"worker_counts": (-1,)}, "worker_counts must be an integer, 0 or above; -1 arrived"),
        ({"steps": 0}, "steps must be a positive integer; 0 arrived"),
        ({"kind": "fibre"}, "kind='fibre' arrived"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bottleneck.bottleneck(**{**QUICK, **wrong})


@pytest.mark.parametrize("package", ["pandas", "psutil"])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package {package}"):
        bottleneck.bottleneck(**QUICK)


def test_the_explanation_where_computing_becomes_the_limit() -> None:
    table = table_of((50.0, 60.0, 10.0), (31.0, 35.0, 10.0), (20.0, 1.0, 10.0), (20.5, 0.0, 10.5))
    assert bottleneck.explain(table) == (
        "With no workers a step took 50 ms, and 60 % of it was waiting. The fewest workers that brought the wait below "
        "10 %: 2. A step then took 20 ms, 19.8 ms of it computing: that is the limit. With 3 workers it took 20.5 ms."
    )


def test_the_explanation_where_it_never_does() -> None:
    table = table_of((50.0, 60.0, 12.0), (40.0, 50.0, 30.0))
    assert bottleneck.explain(table) == (
        "With no workers a step took 50 ms, and 60 % of it was waiting. No number of workers brought the wait below "
        "10 %: with 1 worker it was 50 % of 40 ms, and the longer part of loading was: decode. Decoding a batch took "
        "12 ms with no workers and 30 ms with 1 worker. The work is the same; the rest was waiting for a core."
    )


MEASURED = st.tuples(st.floats(1, 1000), st.floats(0, 100), st.floats(0, 100))


@given(st.lists(MEASURED, min_size=1, max_size=4))
def test_the_explanation_never_contradicts_the_values(values: list[tuple[float, float, float]]) -> None:
    table = table_of(*values)
    words = bottleneck.explain(table)
    assert words.startswith(f"With no workers a step took {short(values[0][0])} ms")
    enough = [n for n, limit in enumerate(table[LIMIT]) if limit == BY_COMPUTE]
    assert ("No number of workers brought the wait below" in words) == (enough == [])
    assert ("The fewest workers that brought" in words) == (enough != [] and enough[0] > 0)
    if enough and enough[0] > 0:
        assert f"below 10 %: {enough[0]}. A step then took {short(values[enough[0]][0])} ms" in words
    decodes = [value[2] for value in values]
    grew = decodes[-1] > bottleneck.CLEARLY * decodes[0] and decodes[-1] > 1
    assert ("waiting for a core" in words) == grew


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = table_of((50.0, 60.0, 10.0), (31.0, 35.0, 10.0))
    figure = bottleneck.plot(table)
    times, waits = figure.axes
    assert [bar.get_width() for bar in times.patches] == [*table[STEP], *table[PAPER]]
    assert [bar.get_width() for bar in waits.patches] == list(table[WAITING])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["measured", "on paper"]
    # From top to bottom as in the table.
    bottom, top = times.get_ylim()
    assert bottom > top
    assert "no workers: 50 ms, on paper 7 ms, 60 % waiting; 1 worker: 31 ms" in bottleneck.describe(table)


def test_the_answer_is_the_step_with_two_workers() -> None:
    assert bottleneck.measured(table_of((50.0, 60.0, 10.0), (31.0, 35.0, 10.0), (21.0, 1.0, 10.0))) == 21.0
    assert bottleneck.ASKED_WORKERS in WORKER_COUNTS


def test_the_view_predicts_runs_and_compares() -> None:
    view = bottleneck.view()
    assert view.run_button.disabled
    assert PREDICTION.accepts(20.0)
    view.prediction.choice.value = 20.0
    view.prediction.button.click()
    view.controls["read"].value = 0
    view.controls["decode"].value = 0
    view.controls["compute"].value = 5
    view.controls["kind"].value = "thread"
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "says nothing about your prediction, which was about “Read (ms): 20” and “Decode (ms): 10” and" in shown
    assert shown.count("<tr>") == 1 + len(WORKER_COUNTS)
    assert all(f"{many_workers(count)}: " in shown for count in WORKER_COUNTS)
    # Two bar charts, described.
    assert 'alt="Two bar charts, a step' in shown
    assert 'download="bottleneck.csv"' in shown
    assert "Measured on: " in shown
