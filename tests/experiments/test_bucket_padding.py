from __future__ import annotations

import re
import subprocess
import sys
import threading
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import bucket_padding
from datakit.experiments.bucket_padding import (
    ANSWERS,
    BATCHES,
    LENGTHS,
    NO_BUCKETS,
    PADDING,
    PREDICTION,
    SMALLER,
    TIME,
    WIDTH,
    draw_lengths,
)
from datakit.experiments.number_format import short
from datakit.experiments.sentences import manual_sentences
from datakit.experiments.watch import StoppedError

SMALL = {"n_sentences": 60, "batch_size": 8, "widths": (16, 4, 1)}


def row(width: str, padding: float, time: float) -> dict[str, object]:
    return {WIDTH: width, PADDING: padding, BATCHES: 9, SMALLER: 3, LENGTHS: 2.5, TIME: time}


def test_the_sentences_are_real_and_each_comes_once() -> None:
    sentences = manual_sentences()
    assert len(sentences) > 500
    assert len(set(sentences)) == len(sentences)
    lengths = {len(sentence.split()) for sentence in sentences}
    # The lab's first failure takes a sentence of each of these lengths.
    assert {3, 4, 5, 7} <= lengths
    assert max(lengths) > 40


def test_a_python_without_its_manual_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    manual_sentences.cache_clear()
    with pytest.raises(ModuleNotFoundError, match="installed without it: install the whole standard library"):
        manual_sentences()


def test_padding_is_what_it_is_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_padding, "draw_lengths", lambda kind, n, seed: [1, 9, 1, 9, 1, 9])
    table = bucket_padding.bucket_padding(6, batch_size=6, widths=(8, 20))
    assert list(table[WIDTH]) == [NO_BUCKETS, "8", "20"]
    # 30 words in 6 rows of 9; in buckets of width 8, three rows of 1 and three of 9.
    assert [round(share, 6) for share in table[PADDING]] == [round(100 * 24 / 54, 6), 0.0, round(100 * 24 / 54, 6)]
    assert list(table[BATCHES]) == [1, 2, 1]
    assert list(table[SMALLER]) == [0, 2, 0]
    assert list(table[LENGTHS]) == [2.0, 1.0, 2.0]


def test_buckets_of_one_length_have_no_padding_and_the_order_is_the_seeds() -> None:
    table, again = (bucket_padding.bucket_padding(**SMALL, seed=3) for _ in range(2))
    assert list(table) == [WIDTH, PADDING, BATCHES, SMALLER, LENGTHS, TIME]
    assert list(table[WIDTH]) == [NO_BUCKETS, "16", "4", "1"]
    assert table[PADDING].iloc[-1] == 0.0
    assert table[LENGTHS].iloc[-1] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(table[PADDING]))
    assert (table[TIME] > 0).all()
    pd.testing.assert_frame_equal(table.drop(columns=TIME), again.drop(columns=TIME))


def test_equal_lengths_have_nothing_to_save() -> None:
    table = bucket_padding.bucket_padding(**SMALL, kind="equal")
    assert list(table[PADDING]) == [0.0] * 4
    # All widths make the same batches, so all have the same time, and none is told to be quicker.
    assert len(set(table[TIME])) == 1
    words = bucket_padding.explain(table)
    assert "no bucket width had less" in words and "No bucket width made the pass clearly quicker" in words


def test_one_in_twenty_is_very_long() -> None:
    lengths = draw_lengths("outliers", 100, seed=0)
    assert lengths.count(100) == 5
    assert all(5 <= length < 15 for length in lengths if length != 100)


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    bucket_padding.bucket_padding(**SMALL, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # Reading, one step for each pass, and the end.
    assert len(reports) == 1 + 4 * bucket_padding.ROUNDS + 1


@pytest.mark.parametrize("when", ["reading the sentences", "a pass, bucket width: 4"])
def test_it_stops_at_any_stage_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        bucket_padding.bucket_padding(
            **SMALL, stop=stop, progress=lambda _, words: stop.set() if words == when else None
        )
    assert len(bucket_padding.bucket_padding(**SMALL)) == 4


@pytest.mark.parametrize("wrong", [{"n_sentences": 0}, {"batch_size": 0}, {"widths": (4, 0)}])
def test_too_few_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"arrived\. Use at least 1 everywhere\."):
        bucket_padding.bucket_padding(**{**SMALL, **wrong})


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"kind='novels' arrived\. Use one of sentences, outliers, equal"):
        bucket_padding.bucket_padding(**SMALL, kind="novels")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        bucket_padding.bucket_padding(**SMALL)


@given(st.floats(0, 100))
def test_every_share_has_one_answer(share: float) -> None:
    answer = bucket_padding.measured(pd.DataFrame([row(NO_BUCKETS, share, 1.0), row("4", 0.0, 1.0)]))
    assert PREDICTION.accepts(answer)
    numbers = [float(number) for number in re.findall(r"\d+", answer)]
    low, high = {"less": (0, numbers[0]), "more": (numbers[0], 101)}.get(answer.split()[0], tuple(numbers[:2]))
    assert low <= share < high
    assert ANSWERS[answer] == high


VALUES = st.tuples(st.floats(0, 99), st.floats(0.01, 1e4))


@given(VALUES, st.lists(VALUES, min_size=1, max_size=4))
def test_the_explanation_never_contradicts_the_values(
    none: tuple[float, float], others: list[tuple[float, float]]
) -> None:
    rows = [row(NO_BUCKETS, *none), *(row(str(2**k), *values) for k, values in enumerate(others))]
    words = bucket_padding.explain(pd.DataFrame(rows))
    assert f"Without buckets {short(none[0])} %" in words
    assert ("no bucket width had less" in words) == all(none[0] <= padding for padding, _ in others)
    best = min(none[1], *(time for _, time in others))
    assert ("No bucket width made the pass clearly quicker" in words) == (none[1] < bucket_padding.CLEARLY * best)
    if "The quickest pass" in words:
        quickest = min(range(len(others)), key=lambda k: others[k][1])
        assert f"the one with width {2**quickest}: {short(others[quickest][1])} ms" in words


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = bucket_padding.bucket_padding(**SMALL)
    padding, times = bucket_padding.plot(table).axes
    assert [bar.get_width() for bar in padding.patches] == list(table[PADDING])
    assert [bar.get_width() for bar in times.patches] == list(table[TIME])
    # From top to bottom as in the table.
    bottom, top = padding.get_ylim()
    assert bottom > top
    text = bucket_padding.describe(table)
    for _, one in table.iterrows():
        assert f"{short(one[PADDING])} % padding, {short(one[TIME])} ms" in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = bucket_padding.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "10 to 30 %"
    view.prediction.button.click()
    view.controls["n_sentences"].value = 200
    view.controls["batch_size"].value = 16
    view.controls["kind"].value = "equal"
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "This run says nothing about your prediction, which was about “Batch size: 32” and “Lengths: " in shown
    assert shown.count("<tr>") == 1 + 1 + len(bucket_padding.WIDTHS)
    assert 'alt="Two bar charts, padding and time' in shown
    assert 'download="bucket-padding.csv"' in shown
    assert "Measured on: " in shown


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.bucket_padding; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
