"""Real data that needs no network: it lies inside packages that `datakit[lab]` installs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from datakit._errors import missing_package, package_folder
from datakit._photo_corpus import photo_corpus

__all__ = ["breast_cancer_csv", "cars_csv", "digits", "photo_corpus", "photographs", "wine_csv"]

# Colour photographs that lie in the wheels themselves; scikit-image would fetch its others from the network.
PHOTOGRAPHS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "coffee": ("skimage", "data/coffee.png"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "retina": ("skimage", "data/retina.jpg"),
    "rocket": ("skimage", "data/rocket.jpg"),
}
DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}

CARS_COLUMNS = {
    "name": "Name",
    "miles_per_gallon": "Miles_per_Gallon",
    "cylinders": "Cylinders",
    "displacement": "Displacement",
    "horsepower": "Horsepower",
    "weight": "Weight_in_lbs",
    "acceleration": "Acceleration",
    "year": "Year",
    "origin": "Origin",
}


def digits() -> tuple[Tensor, Tensor]:
    """Handwritten digits, 0 to 9.

    Returns:
        Images, uint8 [1797, 1, 8, 8] with values 0..16 (how much of a 4×4 patch is ink), and labels, int64 [1797].

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed.

    Source: "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, its test set, as shipped by
    scikit-learn.
    """
    data = _sklearn_datasets("digits()").load_digits()
    images = torch.from_numpy(data.images).to(torch.uint8).unsqueeze(1)
    return images, torch.from_numpy(data.target).to(torch.int64)


def photographs() -> dict[str, Path]:
    """Real colour photographs, from 451×300 to 1411×1411 pixels, JPEG and PNG.

    Returns:
        Name → file, sorted by name. The files belong to installed packages: read them, don't change them.

    Raises:
        ModuleNotFoundError: if scikit-image or scikit-learn is not installed.

    Source: ``skimage.data`` (astronaut and rocket: NASA and SpaceX; chelsea, coffee, motorcycle, retina: see its pages)
    and ``sklearn.datasets.load_sample_images`` (china and flower).
    """
    return {
        name: package_folder(module, DISTRIBUTIONS[module], "photographs()") / file
        for name, (module, file) in PHOTOGRAPHS.items()
    }


def cars_csv(path: str | Path) -> Path:
    """Write 406 cars of the model years 1970 to 1982, with the gaps that the real table has.

    The columns are ``name``, ``miles_per_gallon`` (US), ``cylinders``, ``displacement`` (cubic inches), ``horsepower``,
    ``weight`` (pounds), ``acceleration`` (seconds from 0 to 60 miles an hour), ``year`` and ``origin`` (Europe, Japan
    or USA). Empty cells: 8 in ``miles_per_gallon`` and 6 in ``horsepower``. The table has no car of 1981: it counts
    those under 1982.

    Args:
        path: the file to write.

    Returns:
        ``path``.

    Raises:
        ModuleNotFoundError: if vega_datasets is not installed.

    Source: "Cars", 1983 Exposition of Statistical Graphics Technology (E. Ramos and D. Donoho), as shipped by
    vega_datasets.
    """
    # The package's own reader would give a pandas table; the file beneath it is plain JSON.
    file = package_folder("vega_datasets", "vega-datasets", "cars_csv()") / "_data" / "cars.json"
    cars: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    for car in cars:
        car["Year"] = int(car["Year"][:4])
    return _write_csv(path, list(CARS_COLUMNS), ([car[name] for name in CARS_COLUMNS.values()] for car in cars))


def breast_cancer_csv(path: str | Path) -> Path:
    """Write 569 tumours: 30 measured columns of cell nuclei and ``diagnosis`` (benign 357, malignant 212).

    Args:
        path: the file to write.

    Returns:
        ``path``.

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed.

    Source: "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning Repository, as shipped by scikit-learn.
    """
    return _write_bunch(path, _sklearn_datasets("breast_cancer_csv()").load_breast_cancer(), "diagnosis")


def wine_csv(path: str | Path) -> Path:
    """Write 178 wines: 13 chemical columns and ``cultivar`` (class_0 59, class_1 71, class_2 48).

    Args:
        path: the file to write.

    Returns:
        ``path``.

    Raises:
        ModuleNotFoundError: if scikit-learn is not installed.

    Source: "Wine", UCI Machine Learning Repository, as shipped by scikit-learn.
    """
    return _write_bunch(path, _sklearn_datasets("wine_csv()").load_wine(), "cultivar")


def _sklearn_datasets(needed_for: str) -> Any:
    try:
        from sklearn import datasets
    except ModuleNotFoundError as error:
        raise missing_package("scikit-learn", needed_for) from error
    return datasets


def _write_bunch(path: str | Path, data: Any, target: str) -> Path:
    header = [name.replace(" ", "_").replace("/", "_") for name in data.feature_names]
    rows = (
        [*values.tolist(), data.target_names[number]] for values, number in zip(data.data, data.target, strict=True)
    )
    return _write_csv(path, [*header, target], rows)


def _write_csv(path: str | Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    path = Path(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
