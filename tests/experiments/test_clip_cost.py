from __future__ import annotations

import re
import subprocess
import sys
import threading
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import clip_cost
from datakit.experiments.clip_cost import (
    ALONE,
    ANSWERS,
    FILE,
    FRAMES,
    JUMPS,
    ONE_RUN,
    PREDICTION,
    SPAN,
    STRIDE,
    STRIDES,
    WAYS,
)
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError

SMALL = {"length": 4, "clips": 2}


def table_of(*costs: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {STRIDE: stride, SPAN: 7 * stride + 1, **dict(zip(WAYS, cost, strict=True)), FILE: 33.0}
            for stride, cost in zip(STRIDES, costs, strict=False)
        ]
    )


@pytest.mark.parametrize("key_every", [6, 12])
def test_counts_are_what_they_are_by_hand(key_every: int) -> None:
    table = clip_cost.clip_cost(**SMALL, key_every=key_every, seed=5)
    rng = np.random.default_rng(5)
    for row in table.to_dict("records"):
        alone, run, jumps = 0, 0, 0
        for start in rng.integers(0, FRAMES - row[SPAN] + 1, 2).tolist():
            wanted = range(start, start + row[SPAN], row[STRIDE])
            alone += sum(number % key_every + 1 for number in wanted)
            run += wanted[-1] - (start - start % key_every) + 1
            jumps += len({k for last in wanted for k in range(last - last % key_every, last + 1)})
        assert [row[way] * 8 for way in WAYS] == [alone, run, jumps]


def test_where_every_frame_is_a_key_frame_jumps_decode_nothing_in_vain() -> None:
    table, far = (clip_cost.clip_cost(**SMALL, key_every=n) for n in (1, 120))
    assert list(table) == [STRIDE, SPAN, *WAYS, FILE]
    assert list(table[JUMPS]) == list(table[ALONE]) == [1.0] * len(STRIDES)
    assert list(table[ONE_RUN]) == [(3 * stride + 1) / 4 for stride in STRIDES]
    assert table[FILE].iloc[0] > 2 * far[FILE].iloc[0]
    assert all(row[JUMPS] <= min(row[ALONE], row[ONE_RUN]) for row in far.to_dict("records"))
    pd.testing.assert_frame_equal(table, clip_cost.clip_cost(**SMALL, key_every=1))


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    shares: list[float] = []
    clip_cost.clip_cost(**SMALL, progress=lambda share, _: shares.append(share))
    assert all(earlier <= later for earlier, later in pairwise(shares))
    assert (shares[0], shares[-1], len(shares)) == (0.0, 1.0, 1 + 2 * len(STRIDES) + 1)


@pytest.mark.parametrize("when", ["encoding the video", "reading clips with stride 4"])
def test_it_stops_at_any_stage(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        clip_cost.clip_cost(**SMALL, stop=stop, progress=lambda _, words: stop.set() if words == when else None)


@pytest.mark.parametrize("wrong", [{"length": 0}, {"length": 16}, {"key_every": 0}, {"clips": 0}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"arrived\. Use at least 1 everywhere, and a length of at most 15"):
        clip_cost.clip_cost(**wrong)


def test_the_longest_clip_fits() -> None:
    assert clip_cost.clip_cost(length=15, clips=1)[SPAN].iloc[-1] <= FRAMES


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        clip_cost.clip_cost(**SMALL)


@given(st.floats(1, 200))
def test_every_cost_has_one_answer(cost: float) -> None:
    answer = clip_cost.measured(table_of((1, 1, 1), (1, 1, 1), (1, cost, 1)))
    assert PREDICTION.accepts(answer)
    limits = list(ANSWERS.values())
    place = limits.index(ANSWERS[answer])
    assert cost < limits[place] and (place == 0 or cost >= limits[place - 1])


def test_the_prediction_has_the_same_answer_for_any_clips() -> None:
    answers = {clip_cost.measured(clip_cost.clip_cost(clips=4, seed=seed)) for seed in range(5)}
    assert answers == {"4 to 8"}


COSTS = st.tuples(st.floats(1, 99), st.floats(1, 99), st.floats(1, 99))


@given(COSTS, COSTS)
def test_the_explanation_never_contradicts_the_values(
    first: tuple[float, float, float], last: tuple[float, float, float]
) -> None:
    words = clip_cost.explain(table_of(first, last))
    assert f"stride 1, {short(first[1])} in one run, and {short(first[0])} where each" in words
    assert f"stride 2, {short(last[1])} in one run, and {short(last[2])} with jumps" in words
    assert ("nothing to jump" in words) == (last[2] >= last[1])


def test_the_plot_and_its_text_carry_the_counted_values() -> None:
    table = clip_cost.clip_cost(**SMALL)
    (axes,) = clip_cost.plot(table).axes
    assert sorted(bar.get_width() for bar in axes.patches) == sorted(value for way in WAYS for value in table[way])
    text = clip_cost.describe(table)
    for row in table.to_dict("records"):
        assert f"stride {row[STRIDE]}: " + ", ".join(f"{way} {short(row[way])}" for way in WAYS) in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = clip_cost.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "1 to 2"
    view.prediction.button.click()
    view.controls["clips"].value = 4
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert re.search("You predicted.*1 to 2.*4 to 8", re.sub("<[^>]*>", "", shown), re.DOTALL)
    assert shown.count("<tr>") == 1 + len(STRIDES)
    assert 'alt="A bar chart, frames decoded' in shown
    assert 'download="clip-cost.csv"' in shown


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.clip_cost; "
        "print(sorted({'av', 'pandas', 'matplotlib', 'ipywidgets', 'torchvision'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
