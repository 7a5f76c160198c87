"""A prediction that is made before the measurement, and is compared with it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from datakit.experiments.number_format import short

Answer = str | float


@dataclass(frozen=True)
class Prediction:
    """A question to answer before an experiment runs: one of several choices, or a number from a range.

    Args:
        name: the name that the answer is kept under; no two experiments share one.
        question: what the learner is asked.
        choices: the possible answers, or empty for a number.
        between: the smallest and the largest number that may be predicted.
        unit: the number's unit.

    Raises:
        ValueError: if there are both choices and a range, or neither.
    """

    name: str
    question: str
    choices: tuple[str, ...] = ()
    between: tuple[float, float] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if bool(self.choices) == (self.between is not None):
            raise ValueError(
                f"Prediction {self.name!r}: choices={self.choices} and between={self.between} arrived. "
                "Give one of the two."
            )

    def accepts(self, answer: object) -> bool:
        """Return whether ``answer`` is one of the choices, or a number in the range."""
        if self.between is None:
            return isinstance(answer, str) and answer in self.choices
        low, high = self.between
        # True and False are numbers to Python, but no prediction.
        return isinstance(answer, int | float) and not isinstance(answer, bool) and low <= answer <= high

    def verdict(self, predicted: Answer, measured: Answer) -> str:
        """Set the prediction beside the measurement, in words.

        Raises:
            TypeError: if one is a number and the other is not.
        """
        if isinstance(predicted, str) and isinstance(measured, str):
            words = "Your prediction held." if predicted == measured else "Your prediction did not hold."
            return f"You predicted: {predicted}. Measured: {measured}. {words}"
        if isinstance(predicted, str) or isinstance(measured, str):
            raise TypeError(
                f"Prediction {self.name!r}: {predicted!r} was predicted and {measured!r} measured. "
                "Both must be numbers, or both must be choices."
            )
        distance = _distance(predicted, measured)
        return f"You predicted: {self.shown(predicted)}. Measured: {self.shown(measured)}. {distance}"

    def shown(self, answer: Answer) -> str:
        """Write an answer with its unit."""
        return answer if isinstance(answer, str) else f"{short(answer)} {self.unit}".rstrip()


def _distance(predicted: float, measured: float) -> str:
    if predicted == measured:
        return "Your prediction was exact."
    if predicted <= 0 or measured <= 0:
        return "Your prediction was too high." if predicted > measured else "Your prediction was too low."
    ratio = max(predicted, measured) / min(predicted, measured)
    direction = "high" if predicted > measured else "low"
    # Below 2, a percentage says more than "1.1 times".
    size = f"{abs(predicted - measured) / measured:.0%}" if ratio < 2 else f"{ratio:.1f} times"
    return f"Your prediction was too {direction}, by {size}."
