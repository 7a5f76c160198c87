from __future__ import annotations

import multiprocessing
import sys
import threading

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import first_batch
from datakit.experiments.first_batch import (
    AGAIN,
    ANSWERS,
    BATCHES,
    FIRST,
    NONE,
    PREDICTION,
    SENT,
    SPAWNED,
    START,
    THREADS,
    WAYS,
)
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError

QUICK = {"workers": 1, "holds": 1, "ways": (NONE, THREADS)}
WAITS = st.dictionaries(
    st.sampled_from(list(WAYS)), st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=2
)


def table_of(waits: dict[str, tuple[float, float]], sent: float = 40.0) -> pd.DataFrame:
    """Made up: way → milliseconds until the first batch of both epochs."""
    return pd.DataFrame(
        [
            {START: way, FIRST: float(once), AGAIN: float(again), SENT: sent if way == SPAWNED else 0.0}
            for way, (once, again) in waits.items()
        ]
    )


def test_each_way_waits_for_batches_of_two_epochs_and_leaves_no_worker() -> None:
    processes, threads = set(multiprocessing.active_children()), set(threading.enumerate())
    ways = tuple(way for way in WAYS if way != SPAWNED)
    table = first_batch.first_batch(workers=2, holds=1, ways=ways)
    assert list(table) == [START, FIRST, AGAIN, SENT]
    assert tuple(table[START]) == ways
    assert (table[[FIRST, AGAIN]] > 0).all(axis=None)
    assert set(multiprocessing.active_children()) <= processes
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)
        assert not thread.is_alive()


def test_the_loop_waits_once_for_each_batch() -> None:
    loader = first_batch.DataLoader(first_batch.Held(10), first_batch.BATCH_SIZE)
    assert len(list(first_batch._waits(loader))) == len(loader) == BATCHES


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    first_batch.first_batch(**QUICK, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One for each way, one for each batch of two epochs, and the end.
    assert len(reports) == 2 + 2 * 2 * BATCHES + 1


def test_it_stops_and_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        first_batch.first_batch(**QUICK, stop=stop, progress=lambda _, words: stop.set() if words == THREADS else None)
    assert len(first_batch.first_batch(**QUICK)) == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"workers": 0}, "workers must be a positive integer; 0 arrived"),
        ({"holds": -1}, "holds must be an integer, 0 or above; -1 arrived"),
        ({"ways": ("cloned",)}, "'cloned' arrived; workers can be 'no workers', 'threads'"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        first_batch.first_batch(**{**QUICK, **wrong})


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        first_batch.first_batch(**QUICK)


@pytest.mark.parametrize(("wait", "answer"), list(zip((99.0, 100.0, 9_999.0, 10_000.0), ANSWERS, strict=True)))
def test_the_answer_is_what_spawned_workers_took(wait: float, answer: str) -> None:
    table = table_of({NONE: (1.0, 1.0), SPAWNED: (wait, 1.0)})
    assert first_batch.measured(table) == answer
    assert PREDICTION.accepts(answer)


@given(WAITS)
def test_the_explanation_never_contradicts_the_values(waits: dict[str, tuple[float, float]]) -> None:
    words = first_batch.explain(table_of(waits))
    once = sorted(first for first, _ in waits.values())
    last = next(again for first, again in waits.values() if first == once[-1])
    assert f"after {short(once[0])} ms, and last with" in words
    assert f", after {short(once[-1])} ms." in words
    assert f"first batch came after {short(last)} ms." in words
    assert ("were sent 40 MiB" in words) == (SPAWNED in waits)


def test_the_explanation_in_full() -> None:
    table = table_of({NONE: (2.0, 1.0), THREADS: (3.0, 2.0), SPAWNED: (5000.0, 4.0)})
    assert first_batch.explain(table) == (
        "The first batch came soonest with no workers, after 2 ms, and last with spawned workers, after 5,000 ms. With "
        "spawned workers, the second epoch's first batch came after 4 ms. The spawned workers were sent 40 MiB before "
        "that."
    )


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = table_of({NONE: (2.0, 1.0), THREADS: (3.0, 2.0), SPAWNED: (5000.0, 4.0)})
    once, again = first_batch.plot(table).axes
    assert [bar.get_width() for bar in once.patches] == list(table[FIRST])
    assert [bar.get_width() for bar in again.patches] == list(table[AGAIN])
    assert [label.get_text() for label in once.get_yticklabels()] == list(table[START])
    # From top to bottom as in the table.
    bottom, top = once.get_ylim()
    assert bottom > top
    text = first_batch.describe(table)
    for row in table.to_dict("records"):
        assert f"{row[START]}: {short(row[FIRST])} ms, then {short(row[AGAIN])} ms" in text


def test_the_view_predicts_runs_with_spawned_workers_and_compares() -> None:
    view = first_batch.view()
    assert view.run_button.disabled
    view.prediction.choice.value = next(iter(ANSWERS))
    view.prediction.button.click()
    view.controls["workers"].value = 1
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(300)
    shown = view.result.value
    assert "says nothing about your prediction, which was about “Workers: 2”" in shown
    assert shown.count("<tr>") == 1 + len(WAYS)
    assert 'alt="Two bar charts, the wait for the first batch' in shown
    assert 'download="first-batch.csv"' in shown
    assert "The spawned workers were sent 20 MiB" in shown
