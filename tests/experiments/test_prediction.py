from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.prediction_file import FILE, AlreadyLockedError, PredictionFile

CHOICE = Prediction("who", "Which one?", choices=("eager", "lazy"))
NUMBER = Prediction("size", "How many MiB?", between=(0, 1000), unit="MiB")


@pytest.mark.parametrize("arguments", [{}, {"choices": ("a",), "between": (0, 1)}])
def test_a_question_is_of_one_kind(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"choices=.* and between=.* arrived\. Give one of the two\."):
        Prediction("name", "Question?", **arguments)  # type: ignore[arg-type]


def test_only_answers_to_the_question_are_accepted() -> None:
    assert CHOICE.accepts("lazy")
    assert not any(CHOICE.accepts(answer) for answer in ("Lazy", "", None, 1, ["lazy"]))
    assert all(NUMBER.accepts(answer) for answer in (0, 1000, 3.5))
    assert not any(NUMBER.accepts(answer) for answer in (-1, 1001, math.nan, True, "3", None))


def test_verdicts_on_choices() -> None:
    assert CHOICE.verdict("lazy", "lazy") == "You predicted: lazy. Measured: lazy. Your prediction held."
    assert CHOICE.verdict("eager", "lazy") == "You predicted: eager. Measured: lazy. Your prediction did not hold."


@pytest.mark.parametrize(
    ("predicted", "measured", "words"),
    [
        (40.0, 40.0, "Your prediction was exact."),
        (44.0, 40.0, "Your prediction was too high, by 10%."),
        (30.0, 40.0, "Your prediction was too low, by 25%."),
        (400.0, 40.0, "Your prediction was too high, by 10.0 times."),
        (10.0, 40.0, "Your prediction was too low, by 4.0 times."),
        (0.0, 40.0, "Your prediction was too low."),
        (3.0, 0.0, "Your prediction was too high."),
    ],
)
def test_verdicts_on_numbers(predicted: float, measured: float, words: str) -> None:
    verdict = NUMBER.verdict(predicted, measured)
    assert verdict == f"You predicted: {short(predicted)} MiB. Measured: {short(measured)} MiB. {words}"


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_verdict_never_contradicts_the_values(predicted: float, measured: float) -> None:
    verdict = NUMBER.verdict(predicted, measured)
    assert ("too high" in verdict) == (predicted > measured)
    assert ("too low" in verdict) == (predicted < measured)
    assert ("exact" in verdict) == (predicted == measured)


def test_a_number_is_not_compared_with_a_choice() -> None:
    with pytest.raises(TypeError, match=r"'lazy' was predicted and 3\.0 measured\. Both must be"):
        CHOICE.verdict("lazy", 3.0)


def test_a_locked_prediction_is_there_for_the_next_kernel() -> None:
    assert PredictionFile().locked(CHOICE) is None
    PredictionFile().lock(CHOICE, "eager")
    PredictionFile().lock(NUMBER, 40.0)
    assert PredictionFile().locked(CHOICE) == "eager"
    assert PredictionFile().locked(NUMBER) == 40.0
    assert [p.name for p in FILE.parent.iterdir()] == ["predictions.json"]


@pytest.mark.parametrize("answer", ["eager", "lazy"])
def test_a_locked_prediction_can_not_be_changed(answer: str) -> None:
    PredictionFile().lock(CHOICE, "eager")
    with pytest.raises(AlreadyLockedError, match=r"Your prediction is locked: eager\."):
        PredictionFile().lock(CHOICE, answer)
    assert PredictionFile().locked(CHOICE) == "eager"


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'Lazy' arrived, expected one of \('eager', 'lazy'\)"):
        PredictionFile().lock(CHOICE, "Lazy")
    assert not FILE.exists()


def test_an_answer_to_another_question_does_not_count() -> None:
    PredictionFile().lock(CHOICE, "eager")
    changed = Prediction("who", "Which one is quicker?", choices=("eager", "lazy"))
    assert PredictionFile().locked(changed) is None
    PredictionFile().lock(changed, "lazy")
    assert PredictionFile().locked(changed) == "lazy"


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b'{"who": '])
def test_a_damaged_file_is_reported_and_set_aside(damage: bytes) -> None:
    FILE.parent.mkdir()
    FILE.write_bytes(damage)
    file = PredictionFile()
    assert file.locked(CHOICE) is None
    assert "was damaged" in file.problem and "predictions.damaged.json; please predict again" in file.problem
    assert (FILE.parent / "predictions.damaged.json").read_bytes() == damage
    file.lock(CHOICE, "lazy")
    assert PredictionFile().locked(CHOICE) == "lazy"


@pytest.mark.parametrize("entry", ["lazy", {"answer": "lazy"}, {"question": "Which one?", "answer": 3}, None])
def test_a_damaged_entry_is_no_answer_and_costs_no_other(entry: object) -> None:
    PredictionFile().lock(NUMBER, 40.0)
    FILE.write_text(json.dumps({**json.loads(FILE.read_text()), "who": entry}))
    assert PredictionFile().locked(CHOICE) is None
    assert PredictionFile().locked(NUMBER) == 40.0


def test_a_write_that_fails_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    PredictionFile().lock(NUMBER, 40.0)
    before = FILE.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("datakit.experiments.prediction_file.json.dump", fail)
    with pytest.raises(OSError, match="No space left"):
        PredictionFile().lock(CHOICE, "lazy")
    assert FILE.read_bytes() == before
    assert [p.name for p in FILE.parent.iterdir()] == ["predictions.json"]


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    PredictionFile(tmp_path / "elsewhere" / "p.json").lock(CHOICE, "lazy")
    assert PredictionFile(tmp_path / "elsewhere" / "p.json").locked(CHOICE) == "lazy"
    assert PredictionFile().locked(CHOICE) is None
