from __future__ import annotations

import subprocess
import sys
import threading

import pandas as pd
import pytest
import torch

from datakit.experiments import augmentation_safety
from datakit.experiments.augmentation_operations import LABELS, OPERATIONS, augmented, in_words
from datakit.experiments.augmentation_pictures import DIGITS, DRAWS, PHOTOGRAPHS, photograph
from datakit.experiments.augmentation_reader import TRAINING, accuracy, learn, split_digits
from datakit.experiments.augmentation_safety import (
    ALL,
    ANSWERS,
    AUGMENTED,
    CLEAN,
    DIGIT,
    LEARNED,
    PREDICTION,
    READ_AS,
)
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError


def table_of(clean: float, altered: float, learned: float) -> pd.DataFrame:
    rows = [
        {DIGIT: digit, CLEAN: clean, AUGMENTED: altered, READ_AS: "" if digit == ALL else "9", LEARNED: learned}
        for digit in (ALL, "6", "8")
    ]
    rows[1][AUGMENTED] = 0.0
    table = pd.DataFrame(rows)
    table.attrs = {"operation": "upside_down", "strength": 100, "seed": 0}
    return table


@pytest.fixture(scope="module")
def mirrored() -> pd.DataFrame:
    return augmentation_safety.augmentation_safety()


def test_the_digits_to_learn_from_are_not_those_to_be_read() -> None:
    known, new = split_digits()
    assert len(known.images) == TRAINING and len(known.images) + len(new.images) == 1797
    assert known.images.shape[1:] == (1, 8, 8)
    assert 0 <= float(known.images.min()) < float(known.images.max()) <= 1
    assert set(new.labels.tolist()) == set(range(10))


def test_learning_is_repeatable_and_leaves_pytorch_as_it_was() -> None:
    known, new = split_digits()
    before = torch.get_rng_state()
    threads = torch.get_num_threads()
    with torch.no_grad():  # whoever calls may have switched gradients off
        first = learn(*known, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert torch.equal(first(new.images), learn(*known, seed=1)(new.images))
    assert accuracy(first, *new) > 90


def test_each_operation_has_a_name_and_words() -> None:
    assert set(LABELS.values()) == set(OPERATIONS)
    for operation in OPERATIONS:
        assert "{" not in in_words(operation, 50)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_keeps_shape_and_range_and_draws_by_seed_epoch_and_picture(operation: str) -> None:
    images = torch.cat([split_digits()[1].images[:1]] * 12)
    twins = augmented(images, operation, 60, seed=0)
    assert twins.shape == images.shape
    assert float(twins.min()) >= -1e-6 and float(twins.max()) <= 1 + 1e-6
    assert len({tuple(twin.flatten().tolist()) for twin in twins}) > 1
    assert torch.equal(twins, augmented(images, operation, 60, seed=0))
    assert not torch.equal(twins, augmented(images, operation, 60, seed=0, epoch=1))
    assert not torch.equal(twins, augmented(images, operation, 60, seed=1))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_strength_an_operation_changes_nothing(operation: str) -> None:
    for image in (split_digits()[1].images[0], photograph("china")):
        twin = augmented(image[None], operation, 0, seed=0)[0]
        # A part of the whole area may still have another shape than the picture.
        if operation != "zoom":
            assert torch.allclose(twin, image, atol=1e-6)


def test_the_mirror_is_not_safe_for_digits(mirrored: pd.DataFrame) -> None:
    assert list(mirrored) == [DIGIT, CLEAN, AUGMENTED, READ_AS, LEARNED]
    assert list(mirrored[DIGIT]) == [ALL, *map(str, range(10))]
    total, zero, six = (mirrored.iloc[row] for row in (0, 1, 7))
    assert total[CLEAN] > 90 and 20 < total[AUGMENTED] < 60 and total[LEARNED] < 60
    assert zero[AUGMENTED] > 90
    assert six[AUGMENTED] < 10 and six[READ_AS] != "6"
    _, (images, labels) = split_digits()
    mean = sum(mirrored[CLEAN].iloc[1 + digit] * int((labels == digit).sum()) for digit in range(10)) / len(images)
    assert total[CLEAN] == pytest.approx(mean)


def test_upside_down_a_six_is_read_as_nine() -> None:
    table = augmentation_safety.augmentation_safety("upside_down")
    assert table[READ_AS].iloc[7] == "9"


def test_moving_hurts_who_has_not_learned_it() -> None:
    table = augmentation_safety.augmentation_safety("move", 25)
    assert table[AUGMENTED].iloc[0] < 60
    assert table[LEARNED].iloc[0] > 85


@pytest.mark.parametrize(("operation", "strength"), [("mirrors", 50), ("mirror", 101), ("mirror", -1)])
def test_what_cannot_be_is_refused(operation: str, strength: int) -> None:
    with pytest.raises(ValueError, match=rf"'{operation}' with strength={strength} arrived. Use one of mirror"):
        augmentation_safety.augmentation_safety(operation, strength)


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    augmentation_safety.augmentation_safety(progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert [words for _, words in reports][:2] == ["learning from clean digits", "augmenting, pass 1"]


@pytest.mark.parametrize("when", ["learning from clean digits", "augmenting, pass 2", "reading"])
def test_it_stops_where_it_is_told_to(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    words: list[str] = []

    def progress(share: float, now: str) -> None:
        words.append(now)
        if now == when:
            stop.set()

    if when == "learning from clean digits":
        stop.set()
    with pytest.raises(StoppedError):
        augmentation_safety.augmentation_safety(progress=progress, stop=stop)


@pytest.mark.parametrize(
    ("share", "answer"),
    [(0, "fewer than 20"), (20, "20 to 50"), (49.9, "20 to 50"), (50, "50 to 80"), (100, "more than 80")],
)
def test_the_measurement_answers_the_prediction(share: float, answer: str) -> None:
    assert tuple(ANSWERS) == PREDICTION.choices
    assert augmentation_safety.measured(table_of(97.0, share, 90.0)) == answer


@pytest.mark.parametrize(
    ("learned", "words"), [(96.0, "about as many as"), (80.0, "fewer than"), (99.0, "more than"), (98.5, "more than")]
)
def test_the_explanation_says_what_was_measured(learned: float, words: str) -> None:
    text = augmentation_safety.explain(table_of(97.0, 40.0, learned))
    assert "100 of 100 pictures are turned upside down" in text
    assert "read 97 % of the clean ones right, and 40 % of the augmented ones" in text
    assert "The 6 suffered most: from 97 % to 0 %, and was mostly read as 9." in text
    assert f"read {short(learned)} % of the clean digits right, {words} the other one." in text


def test_where_nothing_suffers_nobody_is_told_to_suffer() -> None:
    table = table_of(97.0, 97.0, 97.0)
    table[AUGMENTED] = 97.0
    assert "suffered" not in augmentation_safety.explain(table)


def test_the_plot_and_its_text_carry_the_measured_values(mirrored: pd.DataFrame) -> None:
    figure = augmentation_safety.plot(mirrored)
    *pictures, bars = figure.axes
    assert len(pictures) == (len(DIGITS) + len(PHOTOGRAPHS)) * (1 + DRAWS)
    widths = [bar.get_width() for bar in bars.patches]
    assert widths == [*mirrored[CLEAN], *mirrored[AUGMENTED]]
    text = augmentation_safety.describe(mirrored)
    for _, row in mirrored.iterrows():
        assert f"{row[DIGIT]}: {short(row[CLEAN])} % clean, {short(row[AUGMENTED])} % augmented" in text


def test_the_view_predicts_runs_and_compares() -> None:
    view = augmentation_safety.view()
    assert view.run_button.disabled
    view.prediction.choice.value = "more than 80"
    view.prediction.button.click()
    view.controls["operation"].value = "brightness"
    view.controls["strength"].value = 30
    view.run_button.click()
    assert view.thread is not None
    view.thread.join(120)
    shown = view.result.value
    assert "was about “Augmentation: mirror (left and right)” and “Strength (%): 100”" in shown
    assert shown.count("<tr>") == 1 + 11
    assert 'alt="Left: a 6, a 2, a cat and a temple' in shown
    assert 'download="augmentation-safety.csv"' in shown


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.augmentation_safety, datakit.experiments.augmentation_naive; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
