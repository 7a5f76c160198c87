from __future__ import annotations

import sys
import threading

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import pinned_copies
from datakit.experiments.number_format import short
from datakit.experiments.pinned_copies import (
    AGAIN,
    BEFORE,
    FRESH,
    IN_LOOP,
    PLAIN,
    PREDICTION,
    RATE,
    STILL,
    WAY,
    WHOLE,
)
from datakit.experiments.watch import StoppedError

ON_CPU = [AGAIN, FRESH]
ON_GPU = [*ON_CPU, PLAIN, IN_LOOP, BEFORE]
HERE = ON_GPU if torch.cuda.is_available() else ON_CPU


def table_of(*times: tuple[float, float]) -> pd.DataFrame:
    """Rows from (milliseconds until it is there, milliseconds for which the loop stands still)."""
    names = zip(ON_GPU, times, strict=False)
    return pd.DataFrame([{WAY: way, WHOLE: whole, STILL: still, RATE: 1.0} for way, (whole, still) in names])


def test_each_way_has_its_row() -> None:
    table = pinned_copies.pinned_copies(1, 3)
    assert list(table[WAY]) == HERE
    assert (table[STILL] > 0).all()
    assert list(table[RATE]) == pytest.approx(list(1 / 1024 / (table[WHOLE] / 1000)))


def test_every_way_brings_the_same_bytes() -> None:
    ways = pinned_copies._ways(1000)
    assert all(torch.equal(copy().cpu(), torch.ones(1000, dtype=torch.uint8)) for copy in ways.values())
    assert ways[AGAIN]().data_ptr() == ways[AGAIN]().data_ptr()
    first, second = ways[FRESH](), ways[FRESH]()
    assert first.data_ptr() != second.data_ptr()


def test_the_loop_never_stands_still_for_longer_than_it_takes() -> None:
    still, whole = pinned_copies._timed(pinned_copies._ways(1000)[FRESH])
    assert 0 < still <= whole


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    pinned_copies.pinned_copies(1, 2, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One copy that doesn't count and two that do, for each way, and the end.
    assert len(reports) == 3 * len(HERE) + 1


def test_it_stops_and_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        pinned_copies.pinned_copies(1, 2, stop=stop, progress=lambda _, words: stop.set() if words == FRESH else None)
    assert len(pinned_copies.pinned_copies(1, 2)) == len(HERE)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mib": 0}, "mib must be a positive integer; 0 arrived"),
        ({"repeats": 0}, "repeats must be a positive integer; 0 arrived"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pinned_copies.pinned_copies(**{"mib": 1, "repeats": 1, **wrong})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="needs the package pandas"):
        pinned_copies.pinned_copies(1, 1)


def test_the_explanation_without_a_gpu_says_so() -> None:
    assert pinned_copies.explain(table_of((10.0, 10.0), (35.0, 35.0))) == (
        "Into memory used again, the copy took 10 ms; into fresh memory 35 ms, 3.5 times as long. There is no GPU "
        "here, so nobody reads pinned memory, and pinning would bring nothing."
    )


def test_the_explanation_with_a_gpu_says_what_pinning_cost() -> None:
    table = table_of((10.0, 10.0), (35.0, 35.0), (12.0, 11.0), (42.0, 40.0), (3.0, 0.02))
    assert pinned_copies.explain(table).endswith(
        "For a copy to the GPU the loop stood still for 11 ms, with pinning in the loop for 40 ms, from memory pinned "
        "before the loop for 0.02 ms. Pinning in the loop cost more than it saved."
    )


@given(st.lists(st.floats(0.01, 1000), min_size=5, max_size=5))
def test_the_explanation_never_contradicts_the_values(times: list[float]) -> None:
    words = pinned_copies.explain(table_of(*((each, each) for each in times)))
    assert f"{short(times[1] / times[0])} times as long" in words
    assert ("cost more than it saved" in words) == (times[3] > pinned_copies.CLEARLY * times[2])
    assert "no GPU" not in words


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = table_of((10.0, 9.0), (35.0, 34.0))
    (axes,) = pinned_copies.plot(table).axes
    assert [bar.get_width() for bar in axes.patches] == [10.0, 35.0, 9.0, 34.0]
    assert f"{AGAIN}: 10 ms until it is there, the loop stands still for 9 ms" in pinned_copies.describe(table)


def test_the_answer_is_a_ratio_of_times() -> None:
    assert pinned_copies.measured(table_of((10.0, 9.0), (35.0, 34.0))) == 3.5


def test_the_view_predicts_runs_and_compares() -> None:
    view = pinned_copies.view()
    assert view.run_button.disabled
    assert PREDICTION.accepts(3.0)
    view.prediction.choice.value = 3.0
    view.prediction.button.click()
    view.controls["mib"].value = 1
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "says nothing about your prediction, which was about “Batch (MiB): 64”" in shown
    assert shown.count("<tr>") == 1 + len(HERE)
    assert 'alt="A bar chart, the time of a copy' in shown
    assert 'download="pinned_copies.csv"' in shown
