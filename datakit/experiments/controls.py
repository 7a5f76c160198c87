"""What a learner may vary in an experiment, as a small list; each entry becomes a labelled widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Labels stand in a column of their own, wide enough for "photographs" and the like.
LABEL = {"description_width": "10em"}
WIDTH = "min(36em, 98%)"


@dataclass(frozen=True)
class Slider:
    """A whole number.

    Args:
        name: the parameter that it is passed to.
        label: what the learner reads.
        low: the smallest value.
        high: the largest value.
        value: the value at the start.
        step: the distance between neighbouring values.
    """

    name: str
    label: str
    low: int
    high: int
    value: int
    step: int = 1

    def shown(self, value: int) -> str:
        """A value as the learner reads it."""
        return str(value)

    def widget(self) -> Any:
        """Make an ``ipywidgets.IntSlider``: arrow keys move it, and its number can be typed over."""
        import ipywidgets

        return ipywidgets.IntSlider(
            value=self.value,
            min=self.low,
            max=self.high,
            step=self.step,
            description=self.label,
            tooltip=self.label,  # without one, a mouse over the label is told "null"
            style=LABEL,
            layout=ipywidgets.Layout(width=WIDTH),
            # A message for the final value only, not for every value on the way.
            continuous_update=False,
        )


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Args:
        name: the parameter that it is passed to.
        label: what the learner reads.
        options: what the learner chooses from → the value that is passed.
        value: the value at the start.
    """

    name: str
    label: str
    options: Mapping[str, Any]
    value: Any

    def shown(self, value: Any) -> str:
        """A value as the learner reads it."""
        return next(text for text, option in self.options.items() if option == value)

    def widget(self) -> Any:
        """Make an ``ipywidgets.Dropdown``."""
        import ipywidgets

        return ipywidgets.Dropdown(
            options=list(self.options.items()),
            value=self.value,
            description=self.label,
            tooltip=self.label,  # without one, a mouse over the label is told "null"
            style=LABEL,
            layout=ipywidgets.Layout(width=WIDTH),
        )


Control = Slider | Choice
