"""The widgets with which a learner commits to a prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datakit.experiments import render
from datakit.experiments.controls import LABEL, WIDTH
from datakit.experiments.prediction import Answer, Prediction
from datakit.experiments.prediction_file import AlreadyLockedError, PredictionFile


class PredictionPane:
    """A question, its possible answers, and a button that locks the one that is chosen.

    Args:
        prediction: the question.
        file: where a locked answer is kept.
        on_locked: called once, when the answer is locked.

    Attributes:
        box: the widget to show.
        answer: the locked answer, or ``None``.
    """

    def __init__(self, prediction: Prediction, file: PredictionFile, on_locked: Callable[[], None]) -> None:
        import ipywidgets

        self.prediction = prediction
        self.answer: Answer | None = file.locked(prediction)
        self._file = file
        self._on_locked = on_locked
        self.choice = self._choice_widget()
        self.button = ipywidgets.Button(
            description="Lock in my prediction", layout=ipywidgets.Layout(width="max-content")
        )
        self.button.on_click(lambda _: self.lock())
        self.message = ipywidgets.HTML()
        question = ipywidgets.HTML(render.heading("1. Predict", 4) + render.paragraph(prediction.question))
        self.box = ipywidgets.VBox([question, self.choice, self.button, self.message])
        self._show(file.problem)

    def lock(self) -> None:
        """Commit to the answer that is chosen now."""
        if self.choice.value is None:
            self._show("Choose an answer first.")
            return
        problem = ""
        try:
            self._file.lock(self.prediction, self.choice.value)
            self.answer = self.choice.value
        except AlreadyLockedError:
            # Another view of the same experiment was quicker.
            self.answer = self._file.locked(self.prediction)
        except OSError as error:
            self.answer = self.choice.value
            problem = f"Your prediction can't be saved ({error}), so it counts until the kernel is restarted."
        self._show(problem)
        self._on_locked()

    def _choice_widget(self) -> Any:
        import ipywidgets

        layout = ipywidgets.Layout(width=WIDTH)
        if self.prediction.between is None:
            # No answer is chosen at the start, so that nobody locks in one they did not choose.
            return ipywidgets.RadioButtons(options=self.prediction.choices, value=self.answer, layout=layout)
        low, high = self.prediction.between
        value = low if self.answer is None else self.answer
        label = f"Prediction ({self.prediction.unit})" if self.prediction.unit else "Prediction"
        return ipywidgets.BoundedFloatText(
            value=value, min=low, max=high, description=label, tooltip=label, style=LABEL, layout=layout
        )

    def _show(self, problem: str) -> None:
        locked = self.answer is not None
        self.choice.disabled = self.button.disabled = locked
        text = render.problem(problem) if problem else ""
        if self.answer is not None:
            # Another view may have locked another answer than the one chosen here.
            self.choice.value = self.answer
            text += render.note(f"Locked: {self.prediction.shown(self.answer)}. It stands beside the measurement.")
        self.message.value = text
