from __future__ import annotations

import math
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datakit.experiments import eager_lazy
from datakit.experiments.eager_lazy import CONSTRUCT, EPOCHS, FIRST, GREW, HOLDS, TOTAL
from datakit.experiments.number_format import short
from datakit.experiments.watch import StoppedError
from datakit.samples import photo_corpus

SMALL = {"n_images": 6, "height": 40, "width": 60}
COLUMNS = ["Dataset", CONSTRUCT, FIRST, EPOCHS, TOTAL, HOLDS, GREW]


def table(eager: dict[str, float], lazy: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame([{"Dataset": "eager", **eager}, {"Dataset": "lazy", **lazy}])


def test_the_eager_dataset_holds_every_pixel_and_the_lazy_one_none() -> None:
    result = eager_lazy.eager_vs_lazy(**SMALL, epochs=2)
    assert list(result) == COLUMNS
    assert list(result["Dataset"]) == ["eager", "lazy"]
    assert list(result[HOLDS]) == [6 * 3 * 40 * 60 / 2**20, 0.0]
    assert eager_lazy.measured(result) == "only the eager one"


def test_the_columns_add_up() -> None:
    result = eager_lazy.eager_vs_lazy(**SMALL, epochs=3)
    for _, row in result.iterrows():
        assert 0 < row[CONSTRUCT] <= row[FIRST] <= row[TOTAL]
        assert math.isclose(row[FIRST] + row[EPOCHS], row[TOTAL])


def test_memory_that_the_system_sees_is_what_is_held() -> None:
    # A process of its own, so that no memory that others have freed is used again.
    program = "from datakit.experiments import eager_lazy as e; print(*e.eager_vs_lazy(40, 300, 400)[e.GREW])"
    eager, lazy = map(float, subprocess.check_output([sys.executable, "-c", program], text=True).split())
    held = 40 * 3 * 300 * 400 / 2**20
    assert 0.5 * held < eager < 2 * held
    assert lazy < 0.1 * held


def test_both_datasets_give_the_photographs_on_the_disk(tmp_path: Path) -> None:
    manifest = photo_corpus(tmp_path / "corpus", 5, (40, 60))
    eager = eager_lazy.EagerImages(manifest, lambda i: None)
    assert len(eager) == 5
    for i, file in enumerate(sorted((tmp_path / "corpus/images").iterdir())):
        with Image.open(file) as image:
            expected = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).reshape(40, 60, 3)
        assert torch.equal(eager[i][0].permute(1, 2, 0), expected)


def test_the_photographs_are_made_once(tmp_path: Path) -> None:
    eager_lazy.eager_vs_lazy(**SMALL)
    files = list((tmp_path / "cache/datakit").rglob("*.jpg"))
    times = [file.stat().st_mtime_ns for file in files]
    assert len(files) == 6
    eager_lazy.eager_vs_lazy(**SMALL)
    assert [file.stat().st_mtime_ns for file in files] == times


def test_progress_grows_from_start_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    reports: list[tuple[float, str]] = []
    eager_lazy.eager_vs_lazy(**SMALL, epochs=2, progress=lambda share, words: reports.append((share, words)))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # A step for each photograph made, and for each that is decoded: 6 + 6 + 2 × 6, and the end.
    assert len(reports) == 25
    assert list(dict.fromkeys(words for _, words in reports)) == [
        "making the photographs",
        "measuring the eager Dataset",
        "measuring the lazy Dataset",
        "done",
    ]


@pytest.mark.parametrize(
    "when", ["making the photographs", "measuring the eager Dataset", "measuring the lazy Dataset"]
)
def test_it_stops_at_any_stage_and_runs_again(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("datakit.experiments.watch.SECONDS_BETWEEN_REPORTS", 0)
    stop = threading.Event()
    with pytest.raises(StoppedError, match=f"Stopped while {when}"):
        eager_lazy.eager_vs_lazy(**SMALL, stop=stop, progress=lambda _, words: stop.set() if words == when else None)
    assert len(eager_lazy.eager_vs_lazy(**SMALL)) == 2


@pytest.mark.parametrize("wrong", [{"n_images": 0}, {"epochs": 0}])
def test_too_few_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"n_images=\d+, epochs=\d+ arrived\. Use at least 1 of each\."):
        eager_lazy.eager_vs_lazy(**wrong)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package pandas.*pip install 'datakit\[lab\]'"):
        eager_lazy.eager_vs_lazy(**SMALL)


@pytest.mark.parametrize(
    ("held", "answer"),
    [((1.0, 0.0), "only the eager one"), ((0.0, 1.0), "only the lazy one"), ((1.0, 1.0), "both"), ((0, 0), "neither")],
)
def test_the_answer_comes_from_the_table(held: tuple[float, float], answer: str) -> None:
    assert eager_lazy.measured(table({HOLDS: held[0]}, {HOLDS: held[1]})) == answer
    assert eager_lazy.PREDICTION.accepts(answer)


TIMES = st.floats(1e-4, 100)
ROW = st.fixed_dictionaries({CONSTRUCT: TIMES, FIRST: TIMES, EPOCHS: TIMES, TOTAL: TIMES, HOLDS: TIMES})


@given(ROW, ROW)
def test_the_explanation_never_contradicts_the_values(eager: dict[str, float], lazy: dict[str, float]) -> None:
    words = eager_lazy.explain(table(eager, lazy))
    assert ("the lazy one had its first photograph ready" in words) == (lazy[FIRST] <= eager[FIRST])
    assert ("the eager one had its first photograph ready" in words) == (lazy[FIRST] > eager[FIRST])
    longer = "lazy" if lazy[TOTAL] > eager[TOTAL] else "eager"
    assert "both took about the same" in words or f"the {longer} one took" in words


def test_the_plot_and_its_text_carry_the_measured_values() -> None:
    result = eager_lazy.eager_vs_lazy(**SMALL)
    times, memory = eager_lazy.plot(result).axes
    assert [bar.get_width() for bar in times.patches] == [
        row[step] for _, row in result.iterrows() for step in (CONSTRUCT, FIRST, EPOCHS, TOTAL)
    ]
    assert [bar.get_width() for bar in memory.patches] == list(result[HOLDS])
    assert (times.get_xlabel(), memory.get_xlabel()) == ("milliseconds", "MiB")
    for column in (CONSTRUCT, FIRST, EPOCHS, TOTAL, HOLDS):
        for value in result[column]:
            assert short(value) in eager_lazy.describe(result)


def test_importing_the_experiment_is_light() -> None:
    program = (
        "import sys; import datakit.experiments.eager_lazy; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
