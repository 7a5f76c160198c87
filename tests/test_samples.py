"""Real data: what it holds, that it needs no network, and that a corpus is whole or rebuilt."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import datakit
from datakit import ImageDataset, samples


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("sample data must not use the network")

    monkeypatch.setattr("socket.socket.connect", refuse)


def test_digits() -> None:
    from sklearn.datasets import load_digits

    images, labels = samples.digits()
    assert (images.dtype, list(images.shape)) == (torch.uint8, [1797, 1, 8, 8])
    assert (labels.dtype, list(labels.shape)) == (torch.int64, [1797])
    assert (int(images.min()), int(images.max())) == (0, 16)
    assert np.array_equal(images.numpy()[:, 0], load_digits().images)
    assert labels.unique().tolist() == list(range(10))


def test_photographs_are_coloured_files_of_the_packages() -> None:
    photographs = samples.photographs()
    assert list(photographs) == sorted(photographs)
    assert len(photographs) == 8
    for name, path in photographs.items():
        with Image.open(path) as image:
            assert image.mode == "RGB", name
            assert min(image.size) >= 300, name
            red, green, blue = (np.asarray(band, dtype=float) for band in image.split())
        assert np.abs(red - green).mean() > 1, name
        assert np.abs(green - blue).mean() > 1, name


def test_cars_keep_their_real_gaps(tmp_path: Path) -> None:
    path = samples.cars_csv(tmp_path / "cars.csv")
    assert path == tmp_path / "cars.csv"
    cars = pd.read_csv(path)
    assert ",".join(cars.columns) == (
        "name,miles_per_gallon,cylinders,displacement,horsepower,weight,acceleration,year,origin"
    )
    assert len(cars) == 406
    gaps = cars.isna().sum()
    assert gaps[gaps > 0].to_dict() == {"miles_per_gallon": 8, "horsepower": 6}
    assert (cars["year"].min(), cars["year"].max(), 1981 in set(cars["year"])) == (1970, 1982, False)
    assert sorted(cars["origin"].unique()) == ["Europe", "Japan", "USA"]


@pytest.mark.parametrize(
    ("name", "target", "counts"),
    [
        ("breast_cancer", "diagnosis", {"benign": 357, "malignant": 212}),
        ("wine", "cultivar", {"class_0": 59, "class_1": 71, "class_2": 48}),
    ],
)
def test_scikit_learn_tables_keep_their_values(tmp_path: Path, name: str, target: str, counts: dict[str, int]) -> None:
    import sklearn.datasets

    path = getattr(samples, f"{name}_csv")(tmp_path / "t.csv")
    original = getattr(sklearn.datasets, f"load_{name}")()
    table = pd.read_csv(path)
    assert np.array_equal(table.drop(columns=target).to_numpy(), original.data)
    assert table[target].tolist() == original.target_names[original.target].tolist()
    assert table[target].value_counts().to_dict() == counts
    assert all(column.isidentifier() for column in table.columns)
    assert len(datakit.CSVDataset(path, target, "classification")) == len(table)


def corpus_bytes(folder: Path) -> dict[str, bytes]:
    files = [*folder.glob("images/*"), folder / "manifest.csv"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_corpus_is_a_dataset_of_real_jpegs(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = samples.photo_corpus(tmp_path / "c", 10, (30, 40), progress=lambda done, n: seen.append((done, n)))
    dataset = ImageDataset(manifest)
    assert manifest == tmp_path / "c" / "manifest.csv"
    assert seen == [(i + 1, 10) for i in range(10)]
    assert len(dataset) == 10
    assert dataset.classes == list(samples.photographs())
    for image, _ in (dataset[i] for i in range(10)):
        assert list(image.shape) == [3, 30, 40]
        assert image.float().std() > 5
    with Image.open(dataset.paths[0]) as first:
        assert first.format == "JPEG"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        samples.photo_corpus(tmp_path / name, 9, (30, 40), seed)
    a, b, c = (corpus_bytes(tmp_path / name) for name in "abc")
    assert a == b
    assert a.keys() == c.keys()
    assert all(a[name] != c[name] for name in a if name.startswith("images"))
    samples.photo_corpus(tmp_path / "longer", 12, (30, 40), 1)
    longer = corpus_bytes(tmp_path / "longer")
    assert all(longer[name] == a[name] for name in a if name.startswith("images"))


def test_quality_and_size_are_heeded(tmp_path: Path) -> None:
    sizes = []
    for quality in (30, 95):
        samples.photo_corpus(tmp_path / str(quality), 3, (60, 80), quality=quality)
        sizes.append(sum(map(len, corpus_bytes(tmp_path / str(quality)).values())))
    assert sizes[0] < sizes[1]


def test_a_complete_corpus_is_used_again(tmp_path: Path) -> None:
    manifest = samples.photo_corpus(tmp_path, 5, (30, 40))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    built: list[int] = []
    assert samples.photo_corpus(tmp_path, 5, (30, 40), progress=lambda done, n: built.append(done)) == manifest
    assert built == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("damage", ["image gone", "image cut", "manifest gone", "other arguments"])
def test_a_corpus_that_is_not_whole_is_rebuilt(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "c"
    samples.photo_corpus(folder, 7 if damage == "other arguments" else 5, (30, 40))
    image = folder / "images" / "000003.jpg"
    if damage == "image gone":
        image.unlink()
    elif damage == "image cut":
        image.write_bytes(image.read_bytes()[:50])
    elif damage == "manifest gone":
        (folder / "manifest.csv").unlink()
    samples.photo_corpus(folder, 5, (30, 40))
    samples.photo_corpus(tmp_path / "fresh", 5, (30, 40))
    assert corpus_bytes(folder) == corpus_bytes(tmp_path / "fresh")


def test_images_of_one_photograph_differ(tmp_path: Path) -> None:
    samples.photo_corpus(tmp_path, 24, (30, 40))
    images = [data for name, data in corpus_bytes(tmp_path).items() if name.startswith("images")]
    assert len(set(images)) == 24
    means = [image.float().mean().item() for image, target in ImageDataset(tmp_path / "manifest.csv") if target == 0]
    assert len({round(mean, 2) for mean in means}) == 3


KILLED_MIDWAY = """
import os, sys
from datakit import samples
samples.photo_corpus(sys.argv[1], 8, (30, 40), progress=lambda done, n: os._exit(9) if done == 5 else None)
"""


def test_a_corpus_killed_midway_is_rebuilt(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    killed = subprocess.run([sys.executable, "-c", KILLED_MIDWAY, str(folder)], check=False)
    assert killed.returncode == 9
    assert len(list(folder.glob("images/*.jpg"))) == 5
    built: list[int] = []
    samples.photo_corpus(folder, 8, (30, 40), progress=lambda done, n: built.append(done))
    assert built == list(range(1, 9))
    samples.photo_corpus(tmp_path / "fresh", 8, (30, 40))
    assert corpus_bytes(folder) == corpus_bytes(tmp_path / "fresh")


KILLED_BEFORE_THE_LAST_RECORD = """
import os, sys
from datakit import _photo_corpus
write = _photo_corpus._write_record
_photo_corpus._write_record = lambda folder, record: os._exit(9) if "bytes" in record else write(folder, record)
_photo_corpus.photo_corpus(sys.argv[1], 2, (30, 40))
"""


def test_a_corpus_killed_before_its_last_record_is_rebuilt(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_LAST_RECORD, str(tmp_path)], check=False)
    assert killed.returncode == 9
    assert (tmp_path / "manifest.csv").is_file()
    built: list[int] = []
    samples.photo_corpus(tmp_path, 2, (30, 40), progress=lambda done, n: built.append(done))
    assert built == [1, 2]


def test_a_record_of_an_unfinished_corpus_is_not_trusted(tmp_path: Path) -> None:
    samples.photo_corpus(tmp_path, 2, (30, 40))
    record = json.loads((tmp_path / "corpus.json").read_text())
    (tmp_path / "corpus.json").write_text(json.dumps({**record, "complete": False}))
    built: list[int] = []
    samples.photo_corpus(tmp_path, 2, (30, 40), progress=lambda done, n: built.append(done))
    assert built == [1, 2]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "holiday.jpg").write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"is not empty and holds no corpus.json.* Pass a new folder"):
        samples.photo_corpus(tmp_path, 2)
    assert (tmp_path / "images" / "holiday.jpg").read_bytes() == b"precious"


@pytest.mark.parametrize(("n", "size", "quality"), [(0, (30, 40), 90), (1, (0, 40), 90), (1, (30, 40), 96)])
def test_bad_arguments_are_refused(tmp_path: Path, n: int, size: tuple[int, int], quality: int) -> None:
    with pytest.raises(ValueError, match=r"photo_corpus: n=.* arrived. Use n ≥ 1, .* quality from 1 to 95"):
        samples.photo_corpus(tmp_path / "c", n, size, quality=quality)
    assert not (tmp_path / "c").exists()


MISSING = """
import sys
for module in ("sklearn", "skimage", "vega_datasets"):
    sys.modules[module] = None
from datakit import samples
for call in (samples.digits, samples.photographs, lambda: samples.cars_csv("x"), lambda: samples.wine_csv("x")):
    try:
        call()
    except ModuleNotFoundError as error:
        print(error)
"""


def test_a_missing_package_is_named_with_the_cure(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, check=True, cwd=tmp_path)
    lines = ran.stdout.splitlines()
    assert len(lines) == 4, ran.stderr
    for line, (caller, package) in zip(
        lines,
        [
            ("digits()", "scikit-learn"),
            ("photographs()", "scikit-image"),
            ("cars_csv()", "vega-datasets"),
            ("wine_csv()", "scikit-learn"),
        ],
        strict=True,
    ):
        assert line == (
            f"{caller} needs the package {package}, which is not installed. Install it with: pip install 'datakit[lab]'"
        )
