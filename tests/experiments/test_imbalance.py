from __future__ import annotations

import subprocess
import sys
import threading

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments import imbalance
from datakit.experiments.imbalance import (
    ANSWER,
    AS_REAL,
    BALANCED,
    BETWEEN,
    COMMON,
    DISTINCT,
    FOUND,
    HIGHEST,
    LOSS,
    LOWEST,
    NO_MORE,
    PREDICTION,
    RARE,
    REAL,
    RIGHT,
    UNIFORM,
    WEIGHTED,
)
from datakit.experiments.imbalance_model import POOL, Digits, divide, fit
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError

NAMES = [UNIFORM, WEIGHTED, BALANCED, LOSS, REAL]
SMALL = {"rare": 4, "epochs": 1, "repeats": 1}


def table_of(found: list[float]) -> pd.DataFrame:
    rows = [
        {ANSWER: name, COMMON: 400, RARE: 4 + k, DISTINCT: 4, FOUND: share, LOWEST: share, HIGHEST: share, RIGHT: 90.0}
        for k, (name, share) in enumerate(zip(NAMES, found, strict=True))
    ]
    return pd.DataFrame(rows)


def test_no_picture_trains_and_tests_and_more_eights_keep_the_fewer() -> None:
    few, many = divide(3, seed=1), divide(POOL, seed=1)
    assert (len(few.y), int(few.y.sum())) == (403, 3)
    assert (len(many.y), int(many.y.sum())) == (480, POOL)
    assert (len(few.y_test), int(few.y_test.sum())) == (594, 94)
    assert torch.equal(many.x[:403], few.x) and torch.equal(many.x_test, few.x_test)
    # Two of the 1,797 pictures are alike only if somebody wrote them alike to the last point; none is.
    assert len({tuple(row.tolist()) for row in torch.cat([many.x, many.x_test])}) == 480 + 594
    assert not torch.equal(divide(3, seed=2).x, few.x)


def test_weights_in_the_loss_are_those_of_pytorch() -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(12, 5, generator=generator), torch.tensor([0, 1, 0, 0] * 3)
    weights = torch.tensor([0.5, 3.0])
    batches = [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11]]
    model = torch.nn.Linear(5, 2)
    with torch.no_grad():
        model.weight.zero_(), model.bias.zero_()
    # A sigmoid of one score is a softmax of two whose difference it is; each of the two then moves half as far.
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3 / 2)
    loss = torch.nn.CrossEntropyLoss(weight=weights)
    for batch in batches * 4:
        optimizer.zero_grad()
        loss(model(x[batch]), y[batch]).backward()
        optimizer.step()
    near = torch.randn(4000, 5, generator=generator)
    expected = (model(near)[:, 1] > model(near)[:, 0]).long()
    # Where the two models agree on every one of so many points, both are one model; on the other half of the labels
    # neither would be.
    assert fit(Digits(x, y, near, expected), batches, 4, weights) == (100.0, 100.0)
    assert fit(Digits(x, y, near, expected), batches, 4) != (100.0, 100.0)


def test_the_counts_are_those_of_an_epoch() -> None:
    table = imbalance.imbalance(**SMALL).set_index(ANSWER)
    assert list(table.index) == NAMES
    for name in (UNIFORM, LOSS):
        assert table.loc[name, [COMMON, RARE, DISTINCT]].tolist() == [400, 4, 4]
    # 13 batches of 16 and 16.
    assert table.loc[BALANCED, [COMMON, RARE, DISTINCT]].tolist() == [208, 208, 4]
    for name in (WEIGHTED, REAL):
        assert table.loc[name, COMMON] + table.loc[name, RARE] == 404
        # Half of 404 draws, give or take five standard deviations of 10.
        assert 150 <= table.loc[name, RARE] <= 254
    assert table.loc[WEIGHTED, DISTINCT] == 4
    assert 4 < table.loc[REAL, DISTINCT] <= POOL


def test_oversampling_creates_no_data() -> None:
    table = imbalance.imbalance()
    found = dict(zip(table[ANSWER], table[FOUND], strict=True))
    # The lab says so; the distances are several times what they differ by between divisions.
    assert found[UNIFORM] + 15 < min(found[name] for name in (WEIGHTED, BALANCED, LOSS))
    assert max(found[name] for name in (WEIGHTED, BALANCED, LOSS)) + 15 < found[REAL]
    assert imbalance.measured(table) == BETWEEN
    assert ((table[LOWEST] <= table[FOUND]) & (table[FOUND] <= table[HIGHEST])).all()
    pd.testing.assert_frame_equal(table, imbalance.imbalance())


def test_it_leaves_the_global_random_numbers_alone() -> None:
    torch.manual_seed(1)
    imbalance.imbalance(**SMALL)
    after = torch.rand(3)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), after)


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    imbalance.imbalance(4, 1, 2, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # Dividing, five models in each of two repeats, and the end.
    assert len(reports) == 1 + 2 * 5 + 1


@pytest.mark.parametrize("when", ["dividing the digits", f"training, {LOSS}"])
def test_it_stops_at_any_stage_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError):
        imbalance.imbalance(**SMALL, stop=stop, progress=lambda _, words: stop.set() if words == when else None)
    assert len(imbalance.imbalance(**SMALL)) == 5


@pytest.mark.parametrize("wrong", [{"rare": 0}, {"rare": POOL + 1}, {"epochs": 0}, {"repeats": 0}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"arrived\. Use 1 to 80 for rare, and at least 1 for the others\."):
        imbalance.imbalance(**{**SMALL, **wrong})


@pytest.mark.parametrize("package", ["pandas", "sklearn"])
def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package .*pip install 'datakit\[lab\]'"):
        imbalance.imbalance(**SMALL)


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ([10.0, 12.0, 12.0, 12.0, 90.0], NO_MORE),
        ([10.0, 50.0, 50.0, 50.0, 90.0], BETWEEN),
        ([10.0, 88.0, 50.0, 50.0, 90.0], AS_REAL),
        ([90.0, 90.0, 90.0, 90.0, 90.0], AS_REAL),
    ],
)
def test_the_answer_is_read_from_the_table(found: list[float], answer: str) -> None:
    assert imbalance.measured(table_of(found)) == answer
    assert PREDICTION.accepts(answer)


@given(st.lists(st.floats(0, 100), min_size=5, max_size=5))
def test_the_explanation_holds_the_measured_values(found: list[float]) -> None:
    words = imbalance.explain(table_of(found))
    shown = [short(share) for share in found]
    assert f"{shown[0]} % of the eights with uniform draws, {shown[1]} % by weight, {shown[2]} % with balanced" in words
    assert f"{shown[3]} % with weights in the loss" in words
    assert words.endswith(f"With 80 real eights it was {shown[4]} %: 8 draws as well, but of 4 different ones.")


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    table = imbalance.imbalance(**SMALL)
    drawn, found = imbalance.plot(table).axes
    widths = [*table[COMMON], *table[RARE], *table[DISTINCT]]
    assert [bar.get_width() for bar in drawn.patches] == widths
    assert [bar.get_width() for bar in found.patches] == [*table[RIGHT], *table[FOUND]]
    # From top to bottom as in the table.
    bottom, top = drawn.get_ylim()
    assert bottom > top
    text = imbalance.describe(table)
    for row in table.to_dict("records"):
        assert f"{row[ANSWER]}: {row[COMMON]} others and {row[RARE]} eights drawn, {row[DISTINCT]} different" in text
        assert f"{short(row[FOUND])} % of the eights found" in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = imbalance.view()
    assert view.run_button.disabled
    view.prediction.choice.value = BETWEEN
    view.prediction.button.click()
    view.controls["rare"].value = 10
    view.controls["epochs"].value = 1
    view.controls["repeats"].value = 1
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "This run says nothing about your prediction, which was about “Eights: 4” and “Epochs: 10”" in shown
    assert shown.count("<tr>") == 1 + 5
    assert 'alt="Two bar charts, what an epoch draws' in shown
    assert 'download="imbalance.csv"' in shown
    assert "Measured on: " in shown


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.imbalance; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
