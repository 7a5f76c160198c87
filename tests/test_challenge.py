"""The pipeline challenge: what is compared, what is refused, and that a fast pipeline can yield the same."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from datakit.challenge import lap, race, slow_pipeline
from datakit.challenge.race import ChallengeError, Race
from datakit.challenge.start import start_challenge
from datakit.cli import app
from datakit.samples import photo_corpus

FAST = Path(__file__).parents[1] / "classroom" / "challenge" / "fast_pipeline.py"


def test_the_slow_pipeline_gives_every_picture_once_an_epoch(tmp_path: Path) -> None:
    manifest = photo_corpus(tmp_path / "photos", 37, size=(40, 60))
    labels = [line.split(",")[1] for line in manifest.read_text().splitlines()[1:]]
    names = sorted(set(labels))

    batches = list(slow_pipeline.batches(tmp_path / "photos", seed=5, epochs=2))

    assert [list(images.shape) for images, _ in batches] == [[32, 3, 96, 96], [5, 3, 96, 96]] * 2
    assert all(images.dtype == torch.uint8 and numbers.dtype == torch.int64 for images, numbers in batches)
    for first, last in (batches[:2], batches[2:]):
        seen = torch.cat([first[1], last[1]]).tolist()
        assert sorted(seen) == sorted(names.index(label) for label in labels)
    assert not torch.equal(batches[0][0], batches[2][0])


def test_a_pipeline_can_be_fast_and_yield_the_same(tmp_path: Path) -> None:
    file = shutil.copy(FAST, tmp_path / "my_pipeline.py")
    told: list[str] = []

    found = race.race(file, rounds=1, pictures=40, say=told.append)

    assert (found.batches, found.identical, found.difference) == (4, 4, "")
    assert len(told) == 1
    assert "4 of 4 batches are identical" in str(found)


def entry(number: int, **changes: str) -> dict[str, str]:
    return {"form": "uint8 [2] and int64 [2]", "images": f"i{number}", "labels": f"l{number}", **changes}


FOUR = [entry(number) for number in range(4)]


@pytest.mark.parametrize(
    ("arrived", "identical", "words"),
    [
        (FOUR, 4, ""),
        (FOUR[:3], 3, "3 batches arrived and 4 were expected"),
        ([*FOUR, entry(4)], 3, "5 batches arrived and 4 were expected"),
        ([], 0, "0 batches arrived"),
        ([FOUR[0], entry(1, images="x"), *FOUR[2:]], 3, "Batch 1 is the first that differs: in its images."),
        ([FOUR[1], FOUR[0], *FOUR[2:]], 2, "Batch 0 is the first that differs: in its images and its labels."),
        (
            [entry(0, form="float32 [2] and int64 [2]"), *FOUR[1:]],
            3,
            "Batch 0 is float32 [2] and int64 [2]; uint8 [2] and int64 [2] is expected.",
        ),
    ],
)
def test_points_come_from_counts_and_identity(arrived: list[dict[str, str]], identical: int, words: str) -> None:
    pair: tuple[dict[str, Any], dict[str, Any]] = (
        {"seconds": 6.0, "batches": FOUR},
        {"seconds": 2.0, "batches": arrived},
    )
    right = ({"seconds": 6.0, "batches": FOUR}, {"seconds": 3.0, "batches": FOUR})

    found = race._compared([right, pair])

    assert found.identical == identical
    assert found.points(10) == 10 * identical / 4
    assert words in found.difference
    assert bool(found.difference) == bool(words)
    assert found.ratios == [2, 3]
    assert ("which counts once all batches are identical" in str(found)) == bool(words)


def test_the_ratio_is_the_median_and_no_time_gives_points() -> None:
    found = Race((4.0, 9.0, 8.0), (2.0, 1.0, 2.0), 4, 4, "")

    assert (found.ratio, found.points(5)) == (4, 5)
    assert "4.00 × as fast as the slow pipeline (median of 3 laps; 2.00 to 9.00)" in str(found)


@pytest.mark.parametrize("what", [3, "no pair", (1, 2), (torch.zeros(1),)])
def test_what_is_no_batch_is_refused(what: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "odd_pipeline", type("Odd", (), {"batches": staticmethod(lambda *_: [what])}))

    with pytest.raises(
        TypeError, match=r"batches\(\) yielded .*; a pair \(images, labels\) of two tensors is expected"
    ):
        lap.run(tmp_path / "odd_pipeline.py", tmp_path, 0, 1)


def test_a_batch_whose_memory_is_used_again_counts_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def batches(*_: Any) -> Any:
        images = torch.zeros(2, dtype=torch.uint8)
        for number in range(2):
            yield images.fill_(number), torch.tensor([number])

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "thrifty", type("Thrifty", (), {"batches": staticmethod(batches)}))

    first, second = lap.run(tmp_path / "thrifty.py", tmp_path, 0, 1)["batches"]
    assert first["form"] == "uint8 [2] and int64 [1]"
    assert first["images"] != second["images"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def batches(folder, seed, epochs): raise ValueError('my mistake')", "status 1 .*ValueError: my mistake"),
        ("import os\ndef batches(folder, seed, epochs): os._exit(3)", "status 3 .*It said nothing"),
        (
            "import os, sys\ndef batches(*_):\n    open(sys.argv[-1], 'w').write('{\"seconds\": 0}'); os._exit(0)",
            "status 0 before its last batch",
        ),
    ],
)
def test_a_pipeline_that_fails_is_named_with_what_it_said(source: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "my_pipeline.py").write_text(source)

    with pytest.raises(ChallengeError, match=f"(?s)my_pipeline.py ended with {words}"):
        race._lap(tmp_path / "my_pipeline.py", tmp_path, ["0", "1"], None)


def test_a_pipeline_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_pipeline.py").write_text("import time\nwhile True:\n    time.sleep(1)\n")
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(race, "SLOWEST", 0.5)

    with pytest.raises(ChallengeError, match=r"had not yielded its last batch after .* Does it ever end\?"):
        race._lap(tmp_path / "my_pipeline.py", tmp_path / "work", ["0", "1"], None)


def test_the_command_gives_a_pipeline_to_begin_with_and_never_overwrites_it(tmp_path: Path) -> None:
    began = CliRunner().invoke(app, ["challenge", "start", "--work", str(tmp_path)])
    file = tmp_path / "challenge" / "my_pipeline.py"
    assert began.exit_code == 0
    assert "is there. Edit it." in began.output
    assert file.read_text() == Path(str(slow_pipeline.__file__)).read_text()

    file.write_text("mine")
    again = CliRunner().invoke(app, ["challenge", "start", "--work", str(tmp_path)])
    assert "was there and was left alone" in again.output
    assert file.read_text() == "mine"
    assert start_challenge(tmp_path / "challenge") == (file, False)


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.py", "there is no file .*datakit challenge start"), ("my-pipeline.py", "Name it my_pipeline.py")],
)
def test_the_command_says_which_file_it_needs(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "my-pipeline.py").write_text("")

    done = CliRunner().invoke(app, ["challenge", "run", str(tmp_path / name)])

    assert done.exit_code == 1
    assert re.search(words, done.output.replace("\n", " "))
