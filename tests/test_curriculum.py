"""Every row that the kit must cover and grade is an exercise of some lab, and every experiment stands in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_features import ROWS

ROOT = Path(__file__).parents[1]
SOURCES = {folder.name: folder / f"{folder.name}.py" for folder in sorted((ROOT / "solutions").glob("0*_*"))}

# The number of a row → lab/exercise, by its grade id.
EXERCISES = {
    "D1": "01_datasets/columns",
    "D2": "01_datasets/table 01_datasets/missing 01_datasets/scaler",
    "D3": "01_datasets/album",
    "D4": "02_collate/pad",
    "D5": "02_collate/windows",
    "D6": "01_datasets/columns",
    "D7": "01_datasets/tasks",
    "D8": "06_workers/cache",
    "D9": "06_workers/packed 08_streams/writer",
    "D12": "08_streams/pieces 08_streams/mixed",
    "D13": "08_streams/writer 08_streams/pieces",
    "D14": "09_video/index 09_video/times 09_video/seek",
    "C1": "02_collate/collate",
    "C2": "02_collate/pad 02_collate/pack",
    "C3": "02_collate/centre",
    "C4": "02_collate/detect 09_video/collate",
    "C5": "04_augmentation/mixup",
    "S1": "03_sampling/order",
    "S2": "03_sampling/weights",
    "S3": "03_sampling/quota 03_sampling/seen",
    "S4": "03_sampling/seen",
    "S5": "03_sampling/budget",
    "S6": "03_sampling/budget",
    "S7": "08_streams/share 08_streams/score",
    "A1": "04_augmentation/flip 04_augmentation/crop 04_augmentation/light 04_augmentation/augmented",
    "L1": "05_loader/batches 05_loader/orders 05_loader/ahead 05_loader/order 05_loader/relay 05_loader/background",
    "L2": "06_workers/lines 06_workers/count 06_workers/epoch",
    "L3": "07_feeding/pin",
    "L4": "07_feeding/ahead",
    "L5": "06_workers/choose",
    "L6": "03_sampling/order 08_streams/resume",
    "L7": "07_feeding/waits 07_feeding/classify",
    "L9": "06_workers/count 07_feeding/bound",
    "T1": "07_feeding/train",
    "T2": "07_feeding/train",
    "T3": "09_video/capstone",
}
NOT_GRADED = {"D10", "D11", "D15", "A2", "A3", "L8", "exercises"}


def graded_cells(lab: str) -> set[str]:
    """The grade ids of a lab's answer cells."""
    return set(re.findall(r'"grade": false, "grade_id": "([^"]+)"', SOURCES[lab].read_text(encoding="utf-8")))


def test_there_are_nine_labs() -> None:
    assert [name[:2] for name in SOURCES] == [f"{number:02}" for number in range(1, 10)]


def test_every_row_is_graded_or_need_not_be() -> None:
    assert set(EXERCISES) | NOT_GRADED == {row.split()[0] for row in ROWS}


@pytest.mark.parametrize("row", EXERCISES)
def test_a_graded_row_is_an_exercise(row: str) -> None:
    for exercise in EXERCISES[row].split():
        lab, grade_id = exercise.split("/")
        assert grade_id in graded_cells(lab)


@pytest.mark.parametrize("lab", SOURCES)
def test_every_exercise_teaches_a_row(lab: str) -> None:
    taught = {exercise for exercises in EXERCISES.values() for exercise in exercises.split()}
    teaches_something_else = {"04_augmentation/boxes", "03_sampling/split", "09_video/augment", "09_video/split"}

    assert {f"{lab}/{grade_id}" for grade_id in graded_cells(lab)} <= taught | teaches_something_else


def test_every_experiment_with_controls_stands_in_a_lab() -> None:
    folder = ROOT / "datakit" / "experiments"
    with_controls = {path.stem for path in folder.glob("*.py") if re.search(r"^def view\(", path.read_text(), re.M)}
    shown = {name for path in SOURCES.values() for name in re.findall(r"(\w+)\.view\(\)", path.read_text())}

    assert with_controls == shown
