"""Locked predictions, kept in a small file beside the notebook."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datakit.experiments.prediction import Answer, Prediction

FILE = Path(".datakit", "predictions.json")


class AlreadyLockedError(Exception):
    """A prediction that is locked can't be changed."""


class PredictionFile:
    """Reads and locks predictions.

    The file is JSON: a prediction's name → its question, the answer and when it was locked (UTC). It is written aside
    and renamed, so that a kill at any moment leaves the old file or the new one.

    Args:
        path: the file; by default ``.datakit/predictions.json`` in the folder that the notebook runs in.

    Attributes:
        problem: a sentence about the file's state that the learner should read, or empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = Path.cwd() / FILE if path is None else path
        self.problem = ""

    def locked(self, prediction: Prediction) -> Answer | None:
        """Return the locked answer, or ``None`` if there is none yet.

        An answer to another question (the lab may have changed since) doesn't count.
        """
        entry = self._read().get(prediction.name)
        if not isinstance(entry, dict) or entry.get("question") != prediction.question:
            return None
        answer: Answer | None = entry.get("answer")
        return answer if prediction.accepts(answer) else None

    def lock(self, prediction: Prediction, answer: Answer) -> None:
        """Keep an answer for good.

        Raises:
            ValueError: if it is no answer to the question.
            AlreadyLockedError: if another answer was locked before.
            OSError: if the file can't be written.
        """
        if not prediction.accepts(answer):
            expected = prediction.between or prediction.choices
            raise ValueError(f"Prediction {prediction.name!r}: {answer!r} arrived, expected one of {expected}.")
        earlier = self.locked(prediction)
        if earlier is not None:
            raise AlreadyLockedError(
                f"Your prediction is locked: {prediction.shown(earlier)}. A prediction made after the fact is none."
            )
        entry = {
            "question": prediction.question,
            "answer": answer,
            "locked": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._write({**self._read(), prediction.name: entry})

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            return self._set_aside(str(error))
        return content if isinstance(content, dict) else self._set_aside("it holds no table of predictions")

    def _set_aside(self, why: str) -> dict[str, Any]:
        aside = self.path.with_name(f"{self.path.stem}.damaged.json")
        try:
            self.path.replace(aside)
        except OSError as error:
            self.problem = f"The file {self.path.name} with your predictions can't be read ({error})."
        else:
            self.problem = (
                f"The file with your predictions was damaged ({why}). "
                f"It was kept as {aside.name}; please predict again."
            )
        return {}

    def _write(self, content: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=self.path.parent, prefix=f"{self.path.stem}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1, ensure_ascii=False)
            Path(aside).replace(self.path)
        except OSError:
            Path(aside).unlink(missing_ok=True)
            raise
