from __future__ import annotations

import multiprocessing
import sys
import threading
from typing import Any

import pandas as pd
import pytest

from datakit.experiments import coverage_grid
from datakit.experiments.coverage_grid import ANSWERS, LOST, ON_A_RANK, OTHER, PREDICTION, READ, REPEATED, WAY
from datakit.experiments.coverage_ways import AS_IT_IS, BY_BOTH, BY_WORKER, DROP_LAST, SAMPLER, WAYS
from datakit.experiments.watch import StoppedError

COUNTS = [WAY, READ, REPEATED, LOST, ON_A_RANK]
READERS = [f"rank {rank}, worker {worker}" for rank in range(2) for worker in range(2)]


def grid(n_samples: int = 7, ranks: int = 2, workers: int = 2, **others: Any) -> pd.DataFrame:
    """A small grid, quick because its workers are threads."""
    return coverage_grid.coverage_grid(n_samples, ranks, workers, kind="thread", **others)


def read_by(table: pd.DataFrame, way: str) -> list[list[int]]:
    """What each reader read, from the first to the last reader."""
    row = table.set_index(WAY).loc[way]
    return [[int(sample) for sample in row[reader].split()] for reader in READERS]


def test_worker_processes_read_what_the_counts_say() -> None:
    before = set(multiprocessing.active_children())
    table = coverage_grid.coverage_grid(7, ranks=2, workers=2)
    assert list(table) == [*COUNTS, *READERS]
    assert table[COUNTS].to_numpy().tolist() == [
        [AS_IT_IS, 28, 21, 0, "14"],
        [BY_WORKER, 14, 7, 0, "7"],
        [BY_BOTH, 7, 0, 0, "3 to 4"],
        [SAMPLER, 8, 1, 0, "4"],
        [DROP_LAST, 6, 0, 1, "3"],
    ]
    assert read_by(table, AS_IT_IS) == [[0, 1, 2, 3, 4, 5, 6]] * 4
    assert read_by(table, BY_WORKER) == [[0, 2, 4, 6], [1, 3, 5]] * 2
    assert read_by(table, BY_BOTH) == [[0, 4], [1, 5], [2, 6], [3]]
    # Rank 0 has 0, 2, 4, 6 and rank 1 has 1, 3, 5 and once more 0, in batches of two, worker after worker.
    assert read_by(table, SAMPLER) == [[0, 2], [4, 6], [1, 3], [5, 0]]
    assert read_by(table, DROP_LAST) == [[0, 2], [4], [1, 3], [5]]
    # Its workers have ended with it.
    assert set(multiprocessing.active_children()) <= before


def test_threads_change_who_reads_but_not_how_often() -> None:
    table = grid()
    assert table[[READ, REPEATED, LOST]].to_numpy().tolist() == [
        [28, 21, 0],
        [14, 7, 0],
        [7, 0, 0],
        [8, 1, 0],
        [6, 0, 1],
    ]
    # A stream's shares don't depend on who is free.
    assert read_by(table, BY_BOTH) == [[0, 4], [1, 5], [2, 6], [3]]


def test_one_reader_alone_reads_everything_once() -> None:
    table = grid(5, ranks=1, workers=1)
    assert table[[READ, REPEATED, LOST]].to_numpy().tolist() == [[5, 0, 0]] * 5
    assert set(table["rank 0, worker 0"]) == {"0 1 2 3 4"}
    words = coverage_grid.explain(table)
    assert words.startswith("5 samples, 1 reader: the stream as it is brought 5;")
    assert "But then" not in words


def test_the_explanation_and_the_text_carry_the_counts() -> None:
    table = grid()
    assert coverage_grid.explain(table) == (
        "7 samples, 4 readers: the stream as it is brought 28; split by worker it brought 14; split by rank and worker "
        "7, with 0 repeated and 0 lost. But then the ranks had 3 to 4 samples: they need not make the same number of "
        "steps. DistributedSampler gave each rank 4 and repeated 1; with drop_last it gave each 3 and lost 1."
    )
    text = coverage_grid.describe(table)
    for _, row in table.iterrows():
        assert f"{row[WAY]}: {row[READ]} read, {row[REPEATED]} of them repeated, {row[LOST]} lost" in text


def test_the_answer_is_that_of_the_question() -> None:
    answer = coverage_grid.measured(grid(coverage_grid.SAMPLES, coverage_grid.RANKS, coverage_grid.WORKERS))
    assert answer == "150: each worker of each rank reads all of it"
    assert coverage_grid.measured(grid()) == OTHER
    assert all(PREDICTION.accepts(choice) for choice in (*ANSWERS, OTHER))


def test_the_plot_marks_who_was_first_who_came_again_and_what_is_missing() -> None:
    table = grid()
    grids = coverage_grid.plot(table).axes
    assert [axes.get_title(loc="left") for axes in grids] == list(WAYS)
    drawn = [[len(points.get_offsets()) for points in axes.collections] for axes in grids]
    distinct = table[READ] - table[REPEATED]
    assert drawn == [list(row) for row in zip(distinct, table[REPEATED], table[LOST], strict=True)]
    first = grids[WAYS.index(BY_BOTH)].collections[0].get_offsets()
    # Across: samples; down: readers, whose first row is at the top.
    assert {tuple(point) for point in first.tolist()} == {
        (0, 0), (4, 0), (1, 1), (5, 1), (2, 2), (6, 2), (3, 3)
    }  # fmt: skip
    assert all(axes.yaxis_inverted() for axes in grids)
    (missing,) = grids[-1].collections[2].get_offsets().tolist()
    assert missing == [6, len(READERS)]


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    grid(ranks=3, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # One for each rank in each way, and the end.
    assert len(reports) == len(WAYS) * 3 + 1


@pytest.mark.parametrize("when", [f"{AS_IT_IS}, rank 0", f"{SAMPLER}, rank 1"])
def test_it_stops_at_any_stage_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        grid(stop=stop, progress=lambda _, words: stop.set() if words == when else None)
    assert len(grid()) == len(WAYS)


@pytest.mark.parametrize("wrong", [{"n_samples": 0}, {"ranks": 0}, {"workers": 0}])
def test_too_few_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"coverage_grid: .* must be a positive integer; 0 arrived"):
        grid(**wrong)


def test_more_ranks_than_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"3 ranks and 2 samples arrived\. Use a sample a rank or more\."):
        grid(2, ranks=3)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        grid()


def test_the_view_predicts_runs_and_compares() -> None:
    view = coverage_grid.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "25: the workers divide the stream among them"
    view.prediction.button.click()
    view.controls["kind"].value = "thread"
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "Measured: 150: each worker of each rank reads all of it. Your prediction did not hold." in shown
    assert shown.count("<tr>") == 1 + len(WAYS)
    assert 'alt="Grids of readers and samples' in shown
    assert 'download="coverage-grid.csv"' in shown
    assert "Measured on: " in shown
    view.controls["ranks"].value = 2
    view.run_button.click()
    view.thread.join(120)
    assert "says nothing about your prediction, which was about “Ranks: 3”" in view.result.value
