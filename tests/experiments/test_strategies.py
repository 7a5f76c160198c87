from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datakit import CachedDataset, ImageDataset, RAMCache
from datakit.experiments import strategies
from datakit.experiments.number_format import short
from datakit.experiments.photograph_strategies import (
    BATCH_SIZE,
    CACHED,
    CROP,
    HYBRID,
    ON_THE_FLY,
    PRECOMPUTED,
    augment,
    in_parallel,
    naive_loop,
    ready_for,
)
from datakit.experiments.strategies import (
    ANSWERS,
    FIRST,
    HOLDS,
    LOADING,
    NAIVE,
    NEW,
    OTHER,
    PREDICTION,
    SECOND,
    START,
    STRATEGY,
)
from datakit.experiments.watch import StoppedError
from datakit.samples import photo_corpus

NAMES = [ON_THE_FLY, PRECOMPUTED, CACHED, HYBRID]
SMALL = {"n_images": 2 * BATCH_SIZE + 3, "height": 60, "width": 80}
PIXELS = 3 * 60 * 80
MIB = 2**20


def table(**columns: list[float]) -> pd.DataFrame:
    """A table of eight rows: first the four strategies in the naive loop, then with two threads."""
    given = {START: [1.0] * 8, FIRST: [1.0] * 8, SECOND: [1.0] * 8, HOLDS: [1.0] * 8, NEW: [0.0] * 8, **columns}
    return pd.DataFrame({STRATEGY: NAMES * 2, LOADING: [NAIVE] * 4 + ["2 threads"] * 4, **given})


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return photo_corpus(tmp_path / "corpus", SMALL["n_images"], (60, 80))


def test_what_is_drawn_once_never_changes_and_what_is_held_is_counted() -> None:
    result = strategies.compare_strategies(**SMALL)
    assert list(result) == [STRATEGY, LOADING, START, FIRST, SECOND, HOLDS, NEW]
    assert list(result[STRATEGY]) == [name for name in NAMES for _ in range(2)]
    assert list(result[LOADING]) == [NAIVE, "2 threads"] * 4
    assert (result[[START, FIRST, SECOND]] > 0).all(axis=None)
    by_name = result.groupby(STRATEGY)
    assert {name: list(rows[NEW]) for name, rows in by_name} == {
        ON_THE_FLY: [100, 100],
        PRECOMPUTED: [0, 0],
        CACHED: [0, 0],
        HYBRID: [100, 100],
    }
    n, crop = SMALL["n_images"], 3 * CROP * CROP
    held = {name: [MIB * mib for mib in rows[HOLDS]] for name, rows in by_name}
    assert held[ON_THE_FLY] == [0, 0]
    # Crops, and for the one that keeps whole batches an int64 label each.
    assert held[PRECOMPUTED] == [n * (crop + 8)] * 2
    assert held[CACHED] == [n * crop] * 2
    assert all(n * PIXELS < nbytes < n * (PIXELS + 4096) for nbytes in held[HYBRID])
    assert strategies.measured(result) == "on the fly and hybrid"


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_gives_every_photograph_once_in_order(manifest: Path, name: str) -> None:
    targets = ImageDataset(manifest).targets

    def naive(dataset: object) -> strategies.Epoch:
        return lambda: naive_loop(dataset, BATCH_SIZE)

    for begin in (naive, lambda dataset: in_parallel(dataset, workers=3, seed=0)):
        epoch = begin(ready_for(manifest, PIXELS)[name](begin).dataset)
        for _ in range(2):
            images, labels = zip(*epoch(), strict=True)
            assert [len(batch) for batch in images] == [BATCH_SIZE, BATCH_SIZE, 3]
            assert {(batch.dtype, batch.shape[1:]) for batch in images} == {(torch.uint8, (3, CROP, CROP))}
            assert torch.cat(labels).tolist() == targets


def test_the_package_s_own_cache_notices_crops_inside_it(manifest: Path) -> None:
    dataset = CachedDataset(ImageDataset(manifest, transform=augment), RAMCache(10**8))
    epoch = in_parallel(dataset, workers=2, seed=0)
    assert len(list(epoch())) == 3
    with pytest.raises(RuntimeError, match=r"is not what the dataset gives now\. If the dataset draws random numbers"):
        list(epoch())


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    strategies.compare_strategies(**SMALL, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One for each photograph that is made, one for each batch of two epochs in eight runs, and the end.
    assert len(reports) == SMALL["n_images"] + 8 * 2 * 3 + 1


@pytest.mark.parametrize("when", ["making the photographs", f"{HYBRID}, 2 threads"])
def test_it_stops_at_any_stage_leaves_no_thread_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    before, cores = set(threading.enumerate()), torch.get_num_threads()
    stop = threading.Event()
    with pytest.raises(StoppedError):
        strategies.compare_strategies(
            **SMALL, stop=stop, progress=lambda _, words: stop.set() if words == when else None
        )
    assert torch.get_num_threads() == cores
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert len(strategies.compare_strategies(**SMALL, workers=1)) == 8
    assert torch.get_num_threads() == cores


@pytest.mark.parametrize("wrong", [{"n_images": 0}, {"workers": 0}])
def test_too_few_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"arrived\. Use at least 1 of each\."):
        strategies.compare_strategies(**{**SMALL, **wrong})


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        strategies.compare_strategies(**SMALL)


SHARES = st.lists(st.floats(0, 100), min_size=4, max_size=4)


@settings(deadline=None)
@given(SHARES)
def test_every_outcome_has_one_answer(shares: list[float]) -> None:
    answer = strategies.measured(table(**{NEW: shares * 2}))
    assert PREDICTION.accepts(answer)
    renewed = {name for name, share in zip(NAMES, shares, strict=True) if share > 50}
    assert ANSWERS.get(answer, renewed) == renewed
    assert (answer == OTHER) == (renewed not in ANSWERS.values())


SPEEDS = st.lists(st.floats(0.1, 1e5), min_size=8, max_size=8)


@settings(deadline=None)
@given(SPEEDS, SPEEDS, SHARES)
def test_the_explanation_never_contradicts_the_values(
    first: list[float], second: list[float], shares: list[float]
) -> None:
    words = strategies.explain(table(**{FIRST: first, SECOND: second, NEW: shares * 2}))
    assert f"{short(first[0])} photographs a second by the naive loop and {short(first[4])} with 2 threads" in words
    best = max(range(4), key=lambda k: second[4 + k])
    clear = second[4 + best] / second[4] >= strategies.CLEARLY
    assert ("no strategy was clearly quicker than on the fly" in words) == (not clear)
    assert (f"the quickest with 2 threads was “{NAMES[best]}”" in words) == clear
    for name, share in zip(NAMES, shares, strict=True):
        assert f"{name} {share:.0f} %" in words


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    # In the order that a run gives: strategy by strategy.
    values = [float(k + 1) for k in range(8)]
    result = table(**dict.fromkeys((START, FIRST, SECOND, HOLDS), values)).sort_values(STRATEGY, kind="stable")
    drawn = strategies.plot(result)
    assert len(drawn.axes) == 4
    for axes, column in zip(drawn.axes, (START, HOLDS, FIRST, SECOND), strict=True):
        naive, parallel = (list(rows[column]) for _, rows in result.groupby(LOADING, sort=False))
        assert [bar.get_width() for bar in axes.patches] == [*naive, *parallel]
        # From top to bottom as in the table.
        bottom, top = axes.get_ylim()
        assert bottom > top
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == [NAIVE, "2 threads"]
    text = strategies.describe(result)
    for _, row in result.iterrows():
        assert f"{row[STRATEGY]}, {row[LOADING]}: start-up {short(row[START])} ms" in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = strategies.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "all four"
    view.prediction.button.click()
    view.controls["n_images"].value = 40
    view.controls["size"].value = (188, 250)
    view.controls["workers"].value = 1
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(200)
    shown = view.result.value
    assert "You predicted: all four. Measured: on the fly and hybrid. Your prediction did not hold." in shown
    assert shown.count("<tr>") == 1 + 8
    assert "1 thread</td>" in shown
    assert 'alt="Four bar charts: start-up, memory' in shown
    assert 'download="strategies.csv"' in shown
    assert "Measured on: " in shown


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.strategies; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
