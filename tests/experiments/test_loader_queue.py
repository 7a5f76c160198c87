from __future__ import annotations

import multiprocessing
import sys
import threading
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from datakit.experiments import loader_queue
from datakit.experiments.loader_queue import (
    ANYBODY,
    ASKED,
    BATCH,
    BATCH_SIZE,
    BATCHES,
    DONE,
    FINISHED,
    LYING,
    ONE,
    PREDICTION,
    SHARED,
    STARTED,
    TAKEN,
    WHO,
)
from datakit.experiments.watch import StoppedError

COLUMNS = [BATCH, WHO, STARTED, FINISHED, ASKED, TAKEN, DONE, LYING]


def log(**settings: Any) -> pd.DataFrame:
    """A log that is quick because its workers are threads and wait little."""
    return loader_queue.loader_queue(**{"load": 4, "step": 1, "kind": "thread", **settings})


def table_of(*rows: tuple[str, float, float, float, float, float, int]) -> pd.DataFrame:
    return pd.DataFrame([(number, *row) for number, row in enumerate(rows)], columns=COLUMNS)


# Batch 1 is late: batches 2 and 3 are ready before it.
LATE = table_of(
    ("0 0 0 0", 5.0, 45.0, 0.0, 46.0, 66.0, 0),
    ("1 1 1 1", 5.0, 145.0, 66.0, 146.0, 166.0, 2),
    ("0 0 0 0", 45.0, 85.0, 166.0, 166.5, 186.5, 1),
    ("0 0 0 0", 85.0, 125.0, 186.5, 187.0, 207.0, 0),
)


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_every_batch_is_made_by_one_worker_and_handed_out_in_order(kind: str) -> None:
    before = set(multiprocessing.active_children())
    table = log(kind=kind)
    assert list(table) == COLUMNS
    assert list(table[BATCH]) == list(range(BATCHES))
    assert all(len(who.split()) == BATCH_SIZE and len(set(who.split())) == 1 for who in table[WHO])
    assert {who.split()[0] for who in table[WHO]} <= {"0", "1"}
    order = [STARTED, FINISHED, TAKEN, DONE]
    assert all((table[before] < table[after]).all() for before, after in pairwise(order))
    assert (table[ASKED] < table[TAKEN]).all()
    assert list(table[ASKED]) == [0.0, *table[DONE][:-1]]
    assert loader_queue.measured(table) == ONE
    assert set(multiprocessing.active_children()) <= before


def test_worker_processes_take_turns() -> None:
    assert [who[0] for who in log(kind="process", workers=3)[WHO]] == ["0", "1", "2"] * (BATCHES // 3)


def test_no_worker_runs_further_ahead_than_it_may() -> None:
    table = log(workers=2, prefetch=3, load=0, step=5)
    assert table[LYING].max() <= 2 * 3
    for number in range(2 * 3, BATCHES):
        # It can't be begun before the loop has asked for the one that makes room for it.
        assert table[STARTED][number] >= table[ASKED][number - 2 * 3]


def test_one_worker_makes_one_batch_after_the_other() -> None:
    table = log(workers=1)
    assert set(table[WHO]) == {"0 0 0 0"}
    assert all(before <= after for before, after in zip(table[FINISHED], table[STARTED][1:], strict=False))


def test_the_slow_batch_takes_four_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[float]] = []
    waits = loader_queue.Waits

    def noted(seconds: list[float]) -> Any:
        asked.append(seconds)
        return waits(seconds)

    monkeypatch.setattr(loader_queue, "Waits", noted)
    log(slow=True)
    (seconds,) = asked
    slow = range(loader_queue.SLOW_BATCH * BATCH_SIZE, (loader_queue.SLOW_BATCH + 1) * BATCH_SIZE)
    assert seconds == [0.004 if k in slow else 0.001 for k in range(BATCHES * BATCH_SIZE)]


def test_the_answer_is_read_from_the_log() -> None:
    assert loader_queue.measured(LATE) == ONE
    shared = LATE.assign(**{WHO: ["0 1 0 1", "0 0 1 1", "1 1 0 0", "0 1 1 0"]})
    assert loader_queue.measured(shared) == SHARED
    assert loader_queue.measured(LATE.assign(**{WHO: ["0 0 0 0", "0 0 0 1", "1 1 1 1", "1 1 1 1"]})) == ANYBODY
    assert all(PREDICTION.accepts(answer) for answer in (ONE, SHARED, ANYBODY))


def test_the_explanation_tells_of_a_late_batch() -> None:
    assert loader_queue.explain(LATE) == (
        "4 of 4 batches were made by one worker each. The loop took 207 ms, and waited for 127 ms of it, 46 ms for the "
        "first batch. When it took batch 1, 2 later ones were ready already. Batch 2 was ready before batch 1, but had "
        "to wait for its turn: the order is kept."
    )


def test_the_explanation_of_a_loop_that_never_has_a_batch_in_store() -> None:
    table = table_of(("0 0 0 0", 0.0, 40.0, 0.0, 41.0, 42.0, 0), ("0 0 0 0", 40.0, 80.0, 42.0, 81.0, 82.0, 0))
    assert loader_queue.explain(table) == (
        "2 of 2 batches were made by one worker each. The loop took 82 ms, and waited for 80 ms of it, 41 ms for the "
        "first batch."
    )


def test_the_plot_and_its_text_carry_the_noted_times() -> None:
    lines, queue = loader_queue.plot(LATE).axes
    spans = [(bar.get_x(), round(bar.get_x() + bar.get_width(), 6)) for bar in lines.patches]
    assert spans[0::2] == list(zip(LATE[STARTED], LATE[FINISHED], strict=True))
    assert spans[1::2] == list(zip(LATE[TAKEN], LATE[DONE], strict=True))
    assert [label.get_text() for label in lines.get_yticklabels()] == ["worker 0", "worker 1", "loop"]
    assert [text.get_text() for text in lines.texts] == ["0", "0", "1", "1", "2", "2", "3", "3"]
    when, ready = queue.lines[0].get_data()
    assert list(when) == [0.0, 45.0, 46.0, 85.0, 125.0, 145.0, 146.0, 166.5, 187.0]
    assert list(ready) == [0, 1, 0, 1, 2, 3, 2, 1, 0]
    text = loader_queue.describe(LATE)
    assert "batch 1: worker 1 from 5 to 145 ms, taken at 146 ms" in text


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    log(progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(reports) == BATCHES + 1


def test_it_stops_leaves_no_thread_and_runs_again() -> None:
    before = set(threading.enumerate())
    stop = threading.Event()
    with pytest.raises(StoppedError):
        log(stop=stop, progress=lambda _, words: stop.set())
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert len(log()) == BATCHES


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"workers": 0}, "workers must be a positive integer; 0 arrived"),
        ({"prefetch": 0}, "prefetch must be a positive integer; 0 arrived"),
        ({"load": -1}, "load must be an integer, 0 or above; -1 arrived"),
        ({"step": -1}, "step must be an integer, 0 or above; -1 arrived"),
        ({"slow": 4}, "slow must be True or False; 4 arrived"),
        ({"kind": "fibre"}, "kind='fibre' arrived"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        log(**wrong)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        log()


def test_the_view_predicts_runs_and_compares() -> None:
    view = loader_queue.view()
    assert view.run_button.disabled
    view.prediction.choice.value = SHARED
    view.prediction.button.click()
    view.controls["load"].value = 20
    view.controls["slow"].value = True
    view.controls["kind"].value = "thread"
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert f"You predicted: {SHARED}. Measured: {ONE}. Your prediction did not hold." in shown
    assert shown.count("<tr>") == 1 + BATCHES
    assert 'alt="Timeline of the workers and of the loop' in shown
    assert 'download="loader-queue.csv"' in shown
    assert "Measured on: " in shown
