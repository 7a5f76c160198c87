"""The view that all experiments share: predict, set, run, compare."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from datakit._errors import missing_package
from datakit.experiments import render
from datakit.experiments.controls import Control
from datakit.experiments.machine import this_machine
from datakit.experiments.prediction import Answer, Prediction
from datakit.experiments.prediction_file import PredictionFile
from datakit.experiments.watch import StoppedError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# A front end holds a control's value back until the kernel has confirmed the one before, but never holds back a click:
# what was set just before Run may arrive after it.
SETTLE = 0.3  # seconds
# In JupyterLab an arrow key on an answer, or on a closed list, goes to another cell.
KEYS = (
    "With the keyboard: Tab goes on, Space chooses an answer or presses a button, arrow keys move a slider, "
    "Alt+Down opens a list."
)
LOCK_FIRST = f"Run is disabled until you have locked in your prediction. {KEYS}"
READY = f"Ready. {KEYS}"


@dataclass(frozen=True)
class Experiment:
    """What a view needs to know about an experiment.

    Args:
        name: names the file that the table is saved as.
        title: the question that the experiment answers.
        twin: the call that measures the same without widgets.
        run: called with one argument for each control, ``progress`` and ``stop``; returns the table.
        controls: what the learner may vary.
        prediction: what the learner must predict before the first run.
        measured: table → the answer to the prediction's question.
        plot: table → figure.
        describe: table → what the figure shows, in words.
        explain: table → what just happened, in one or two sentences.
        asked: controls that the prediction's question speaks of, by name, each with the value that it speaks of.
    """

    name: str
    title: str
    twin: str
    run: Callable[..., pd.DataFrame]
    controls: tuple[Control, ...]
    prediction: Prediction
    measured: Callable[[pd.DataFrame], Answer]
    plot: Callable[[pd.DataFrame], Figure]
    describe: Callable[[pd.DataFrame], str]
    explain: Callable[[pd.DataFrame], str]
    asked: Mapping[str, Any] = field(default_factory=dict)

    def verdict(self, predicted: Answer, table: pd.DataFrame, settings: Mapping[str, Any]) -> str:
        """Compare a prediction with what was measured, if that is what the question was about.

        Args:
            predicted: the learner's answer.
            table: what was measured.
            settings: each control's value.
        """
        others = [
            f"“{control.label}: {control.shown(self.asked[control.name])}”"
            for control in self.controls
            if control.name in self.asked and settings[control.name] != self.asked[control.name]
        ]
        if others:
            return f"This run says nothing about your prediction, which was about {' and '.join(others)}."
        return self.prediction.verdict(predicted, self.measured(table))


class View:
    """An experiment with sliders, a locked prediction, Run and Stop.

    The work runs in a background thread: in most front ends a click reaches the kernel only while its main thread is
    free, and Stop must be heard.

    Args:
        experiment: what to show.
        file: where predictions are kept; by default beside the notebook.

    Raises:
        ModuleNotFoundError: if ipywidgets is not installed.
    """

    def __init__(self, experiment: Experiment, file: PredictionFile | None = None) -> None:
        try:
            import ipywidgets as widgets
        except ModuleNotFoundError as error:
            raise missing_package("ipywidgets", "view()") from error
        from datakit.experiments.prediction_pane import PredictionPane

        self.experiment = experiment
        self.thread: threading.Thread | None = None
        self.running = False
        self._stop = threading.Event()
        self.prediction = PredictionPane(experiment.prediction, file or PredictionFile(), self._enable)
        self.controls = {control.name: control.widget() for control in experiment.controls}
        self.run_button = widgets.Button(description="Run", button_style="primary")
        self.stop_button = widgets.Button(description="Stop", disabled=True)
        self.run_button.on_click(lambda _: self.start())
        self.stop_button.on_click(lambda _: self.stop())
        self.bar = widgets.FloatProgress(min=0.0, max=1.0, layout=widgets.Layout(width="min(20em, 40%)"))
        self.status = widgets.HTML()
        self.result = widgets.HTML()
        title = widgets.HTML(render.heading(experiment.title, 3))
        measure = widgets.HTML(render.heading("2. Choose and run", 4))
        buttons = widgets.HBox([self.run_button, self.stop_button, self.bar], layout=widgets.Layout(flex_flow="wrap"))
        parts = [title, self.prediction.box, measure, *self.controls.values(), buttons, self.status, self.result]
        self.box = widgets.VBox(parts)
        self._enable()

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = self.box._repr_mimebundle_(**arguments)
        # What a front end without widgets shows.
        bundle["text/plain"] = f"{self.experiment.title} Without widgets, call {self.experiment.twin}"
        return bundle

    def start(self) -> None:
        """Run the experiment with the values that are set now."""
        if self.prediction.answer is None or self.running:
            return
        self.running = True
        self._stop.clear()
        self.run_button.disabled, self.stop_button.disabled = True, False
        self.result.value = ""
        self._progress(0.0, "starting")
        # A daemon, so that a kernel that is shut down doesn't wait for it.
        self.thread = threading.Thread(target=self._work, name=self.experiment.name, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask a running experiment to stop at its next step."""
        self._stop.set()
        self.stop_button.disabled = True
        self.status.value = render.note("Stopping …")

    def _work(self) -> None:
        status = render.note("Done.")
        self._stop.wait(SETTLE)
        settings = {name: widget.value for name, widget in self.controls.items()}
        try:
            table = self.experiment.run(**settings, progress=self._progress, stop=self._stop)
            self.result.value = self._shown(table, settings)
        except StoppedError:
            status = render.note("Stopped: nothing was measured. Run starts again from the beginning.")
            self.bar.value = 0.0
        except Exception as error:
            # A traceback in a background thread would be lost; whatever it is, the learner must see it.
            status = render.problem(f"{type(error).__name__}: {error}")
        finally:
            self.running = False
            self.status.value = status
            self._enable()

    def _progress(self, share: float, words: str) -> None:
        self.bar.value = share
        self.status.value = render.note(f"{share:.0%}: {words}")

    def _shown(self, table: pd.DataFrame, settings: Mapping[str, Any]) -> str:
        experiment = self.experiment
        predicted = self.prediction.answer
        assert predicted is not None, "Run stays disabled until a prediction is locked"
        return "".join(
            [
                render.heading("3. Compare", 4),
                render.paragraph(experiment.verdict(predicted, table, settings), strong=True),
                render.paragraph(experiment.explain(table)),
                render.table_html(table, experiment.title),
                render.paragraph(f"Measured on: {this_machine()}"),
                render.figure_html(experiment.plot(table), experiment.describe(table)),
                f"<div>{render.download_html(table, f'{experiment.name}.csv')}</div>",
            ]
        )

    def _enable(self) -> None:
        locked = self.prediction.answer is not None
        self.run_button.disabled, self.stop_button.disabled = not locked, True
        if self.thread is None:
            self.status.value = render.note(READY if locked else LOCK_FIRST)
