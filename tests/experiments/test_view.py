"""The view that all experiments share, driven through its own widgets."""

from __future__ import annotations

import html
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from datakit.experiments.controls import Choice, Slider
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.prediction import Prediction
from datakit.experiments.prediction_file import FILE, PredictionFile
from datakit.experiments.view import LOCK_FIRST, Experiment, View
from datakit.experiments.watch import Watch

CHOICES = Prediction("sum", "Is the sum odd or even?", choices=("odd", "even"))
NUMBER = Prediction("total", "How large is the sum?", between=(0, 100), unit="units")


def add(a: int, b: int, progress: Any, stop: Any) -> pd.DataFrame:
    watch = Watch(progress, stop)
    watch.step(1, 2, "adding")
    watch.step(2, 2, "done")
    return pd.DataFrame({"sum": [a + b]})


def plot(table: pd.DataFrame) -> Any:
    figure = new_figure(4, 2)
    grouped_bars(figure.subplots(), ["sum"], {"sum": [float(table["sum"][0])]}, "units")
    return figure


def experiment(run: Callable[..., pd.DataFrame] = add, prediction: Prediction = CHOICES) -> Experiment:
    def measured(table: pd.DataFrame) -> str | float:
        if prediction.choices:
            return "odd" if table["sum"][0] % 2 else "even"
        return float(table["sum"][0])

    return Experiment(
        name="sums",
        title="What is the sum?",
        twin="sums.add()",
        run=run,
        controls=(Slider("a", "First", 0, 10, 3), Choice("b", "Second", {"two": 2, "four": 4}, 4)),
        prediction=prediction,
        measured=measured,
        plot=plot,
        describe=lambda table: f"One bar of {table['sum'][0]}.",
        explain=lambda table: f"The sum came to {table['sum'][0]}.",
    )


def test_a_run_with_other_settings_says_nothing_about_the_prediction() -> None:
    asks = replace(experiment(), asked={"a": 3, "b": 4})
    table = pd.DataFrame({"sum": [7]})
    assert asks.verdict("odd", table, {"a": 3, "b": 4}) == CHOICES.verdict("odd", "odd")
    assert asks.verdict("odd", table, {"a": 3, "b": 2}) == (
        "This run says nothing about your prediction, which was about “Second: four”."
    )
    assert "“First: 3” and “Second: four”" in asks.verdict("odd", table, {"a": 5, "b": 2})
    assert experiment().verdict("odd", table, {"a": 5, "b": 2}) == CHOICES.verdict("odd", "odd")


def text(widget: Any) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", widget.value))


def locked(run: Callable[..., pd.DataFrame] = add) -> View:
    view = View(experiment(run))
    view.prediction.choice.value = "odd"
    view.prediction.button.click()
    return view


def run_to_end(view: View) -> None:
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(30)
    assert not view.thread.is_alive()


def test_run_waits_for_the_prediction_and_says_so() -> None:
    view = View(experiment())
    assert view.run_button.disabled
    assert LOCK_FIRST in text(view.status)
    view.run_button.click()
    assert view.thread is None
    view.prediction.button.click()
    assert "Choose an answer first." in text(view.prediction.message)
    assert view.run_button.disabled and not FILE.exists()
    view.prediction.choice.value = "even"
    view.prediction.button.click()
    assert not view.run_button.disabled
    assert LOCK_FIRST not in text(view.status)
    assert "Locked: even." in text(view.prediction.message)


def test_a_locked_prediction_is_shown_again_and_stays_locked() -> None:
    locked()
    again = View(experiment())
    assert again.prediction.choice.value == "odd"
    assert again.prediction.choice.disabled and again.prediction.button.disabled
    assert not again.run_button.disabled
    again.prediction.choice.value = "even"
    again.prediction.lock()
    assert PredictionFile().locked(CHOICES) == "odd"
    assert again.prediction.answer == "odd"


def test_two_views_at_once_lock_one_prediction() -> None:
    first, second = View(experiment()), View(experiment())
    for view, answer in ((first, "odd"), (second, "even")):
        view.prediction.choice.value = answer
        view.prediction.button.click()
    assert first.prediction.answer == second.prediction.answer == "odd"
    assert second.prediction.choice.value == "odd"
    assert "Locked: odd." in text(second.prediction.message)


def test_a_damaged_prediction_file_is_told_in_the_view() -> None:
    FILE.parent.mkdir()
    FILE.write_text("{")
    view = View(experiment())
    assert "was damaged" in text(view.prediction.message)
    assert view.run_button.disabled


def test_a_prediction_that_can_not_be_saved_still_counts() -> None:
    # A file stands where the folder should be: this fails for root as well.
    FILE.parent.write_text("in the way")
    view = locked()
    assert "can't be saved" in text(view.prediction.message)
    assert view.prediction.answer == "odd"
    run_to_end(view)
    assert "You predicted: odd. Measured: odd." in text(view.result)


def test_the_result_has_everything_beside_the_prediction() -> None:
    view = locked()
    view.controls["a"].value = 7
    view.controls["b"].value = 4
    run_to_end(view)
    shown = text(view.result)
    for words in (
        "You predicted: odd. Measured: odd. Your prediction held.",
        "The sum came to 11.",
        "Measured on: ",
        "PyTorch",
        "Download table (CSV)",
    ):
        assert words in shown
    assert 'alt="One bar of 11."' in view.result.value
    assert 'download="sums.csv"' in view.result.value
    assert "Done." in text(view.status)
    assert view.bar.value == 1.0
    assert not view.run_button.disabled and view.stop_button.disabled


def test_a_number_is_predicted_and_compared() -> None:
    view = View(experiment(prediction=NUMBER))
    view.prediction.choice.value = 14.0
    view.prediction.button.click()
    run_to_end(view)
    assert "You predicted: 14 units. Measured: 7 units. Your prediction was too high, by 2.0 times." in text(
        view.result
    )


def test_every_run_measures_again() -> None:
    view = locked()
    run_to_end(view)
    assert "The sum came to 7." in text(view.result)
    view.controls["a"].value = 0
    run_to_end(view)
    assert "The sum came to 4." in text(view.result)


def test_what_was_set_just_before_the_click_counts_though_it_arrives_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.view.SETTLE", 30.0)
    view = locked()
    view.run_button.click()
    view.controls["a"].value = 9
    view._stop.set()  # the wait is over, as after SETTLE seconds
    view._stop.clear()
    assert view.thread is not None
    view.thread.join(60)
    assert "The sum came to 13." in text(view.result)


def test_stop_ends_a_run_and_the_next_one_is_whole() -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(a: int, b: int, progress: Any, stop: Any) -> pd.DataFrame:
        progress(0.5, "waiting")
        started.set()
        assert go_on.wait(30)
        return add(a, b, progress, stop)

    view = locked(slow)
    view.run_button.click()
    assert started.wait(30)
    assert view.run_button.disabled and not view.stop_button.disabled
    assert "50%: waiting" in text(view.status)
    first = view.thread
    # While one runs, no second one can be started.
    view.start()
    assert view.thread is first and first is not None
    view.stop_button.click()
    assert "Stopping" in text(view.status)
    go_on.set()
    first.join(30)
    assert "Stopped: nothing was measured." in text(view.status)
    assert view.result.value == "" and view.bar.value == 0.0
    assert not view.run_button.disabled and view.stop_button.disabled
    run_to_end(view)
    assert "The sum came to 7." in text(view.result)


@pytest.mark.parametrize("error", [OSError("the disk <b>is</b> full"), KeyError("a"), MemoryError()])
def test_an_error_is_shown_and_another_run_is_possible(error: Exception) -> None:
    fails = [True]

    def broken(a: int, b: int, progress: Any, stop: Any) -> pd.DataFrame:
        if fails:
            fails.clear()
            raise error
        return add(a, b, progress, stop)

    view = locked(broken)
    run_to_end(view)
    assert f"Problem:  {type(error).__name__}: {error}" in html.unescape(text(view.status).replace(" &lt;", "<"))
    assert view.result.value == ""
    run_to_end(view)
    assert "The sum came to 7." in text(view.result)


def test_an_error_in_the_plot_is_shown_too() -> None:
    broken = experiment()
    object.__setattr__(broken, "plot", lambda table: 1 / 0)
    view = View(broken)
    view.prediction.choice.value = "odd"
    view.prediction.lock()
    run_to_end(view)
    assert "ZeroDivisionError: division by zero" in text(view.status)


def test_without_widgets_the_plain_call_is_named() -> None:
    bundle = View(experiment())._repr_mimebundle_()
    assert bundle["text/plain"] == "What is the sum? Without widgets, call sums.add()"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"view\(\) needs the package ipywidgets.*pip install 'datakit\[lab\]'"
    ):
        View(experiment())
