from __future__ import annotations

import sys
import threading

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import batch_size
from datakit.experiments.batch_size import BATCH, BATCH_SIZES, FEW, KEPT, MANY, OWN, PREDICTION, RATE, STEP
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError

QUICK = {"width": 8, "batch_sizes": (4, 16, 64), "seconds": 0.001}


def table_of(rates: list[float]) -> pd.DataFrame:
    rows = [
        {BATCH: 4**k, STEP: 1.0, RATE: rate, KEPT: 2.0 * 4**k, OWN: 50.0}
        for k, rate in zip(range(len(rates)), rates, strict=True)
    ]
    return pd.DataFrame(rows)


def test_what_is_kept_grows_sample_by_sample_and_the_model_stays() -> None:
    table = batch_size.batch_size(**QUICK).set_index(BATCH)
    assert list(table.index) == [4, 16, 64]
    # What is kept is so many bytes a sample, and a few for the whole.
    assert (table[KEPT][64] - table[KEPT][16]) == pytest.approx(4 * (table[KEPT][16] - table[KEPT][4]))
    # Of a sample at least: 64 inputs and two hidden layers of 8, 4 bytes each.
    assert (table[KEPT][64] - table[KEPT][4]) * 1024 >= 60 * 4 * (64 + 8 + 8)
    weights = (64 * 8 + 8) + (8 * 8 + 8) + (8 * 10 + 10)
    assert list(table[OWN]) == [3 * 4 * weights / 1024] * 3


def test_times_and_rates_belong_together() -> None:
    table = batch_size.batch_size(**QUICK)
    assert (table[STEP] > 0).all()
    assert list(table[RATE]) == pytest.approx(list(1000 * table[BATCH] / table[STEP]))


def test_it_leaves_the_global_random_numbers_alone() -> None:
    torch.manual_seed(1)
    batch_size.batch_size(**QUICK)
    after = torch.rand(3)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), after)


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    batch_size.batch_size(**QUICK, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {words for _, words in reports} == {"batches of 4", "batches of 16", "batches of 64", "done"}


def test_it_stops_and_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        batch_size.batch_size(
            **QUICK, stop=stop, progress=lambda _, words: stop.set() if words == "batches of 16" else None
        )
    assert len(batch_size.batch_size(**QUICK)) == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"width": 0}, "width must be a positive integer; 0 arrived"),
        ({"batch_sizes": (0,)}, "batch_sizes must be a positive integer; 0 arrived"),
        ({"seconds": 0}, "seconds=0 arrived"),
        ({"seconds": 60}, "seconds=60 arrived"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        batch_size.batch_size(**{**QUICK, **wrong})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="needs the package pandas"):
        batch_size.batch_size(**QUICK)


def test_the_explanation_names_the_best_and_both_ends() -> None:
    assert batch_size.explain(table_of([100.0, 300.0, 200.0])) == (
        "With batches of 1, 100 samples a second came through. Most came with batches of 4: 300, 3 times as many. For "
        "the backward pass, a batch of 1 keeps 2 KiB, a batch of 16 keeps 32 KiB; weights, gradients and momentum take "
        "50 KiB with each."
    )


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=5, unique=True))
def test_the_explanation_never_contradicts_the_values(rates: list[float]) -> None:
    words = batch_size.explain(table_of(rates))
    best = max(range(len(rates)), key=lambda k: rates[k])
    assert f"Most came with batches of {4**best}: {short(rates[best])}," in words


def test_the_plot_and_its_text_carry_the_values() -> None:
    table = table_of([100.0, 300.0])
    rate, memory = batch_size.plot(table).axes
    assert list(rate.lines[0].get_ydata()) == [100.0, 300.0]
    assert [list(line.get_ydata()) for line in memory.lines] == [[2.0, 8.0], [50.0, 50.0]]
    assert "1: 100 samples a second, 2 KiB kept; 4: 300 samples a second, 8 KiB kept" in batch_size.describe(table)


def test_the_answer_is_a_ratio_of_rates() -> None:
    assert batch_size.measured(table_of([100.0, 300.0, 200.0, 500.0, 2500.0])) == 25.0
    assert {FEW, MANY} <= set(BATCH_SIZES)


def test_the_view_predicts_runs_and_compares() -> None:
    view = batch_size.view()
    assert view.run_button.disabled
    assert PREDICTION.accepts(20.0)
    view.prediction.choice.value = 20.0
    view.prediction.button.click()
    view.controls["width"].value = 64
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "says nothing about your prediction, which was about “Width of a layer: 256”" in shown
    assert shown.count("<tr>") == 1 + len(BATCH_SIZES)
    assert 'alt="Two line charts by batch size' in shown
    assert 'download="batch_size.csv"' in shown
