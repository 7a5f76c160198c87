"""A class's pipelines: raced one by one in the sandbox, ranked by speed, given points for identical batches."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom.challenge import fast_pipeline
from classroom.challenge.rank import Entry, rank, save
from classroom.cli import app

LOOKS_AROUND = """
import os, sys
def batches(folder, seed, epochs):
    found = [os.getuid() == 0, os.path.exists({secret!r}), len(os.listdir(folder.parent)), dict(os.environ).get("HOME")]
    raise RuntimeError(str(found))
"""


def test_each_is_raced_confined_and_ranked(tmp_path: Path) -> None:
    handed_in = tmp_path / "handed_in"
    for learner in ("ada", "eve"):
        (handed_in / learner / "challenge").mkdir(parents=True)
    shutil.copy(str(fast_pipeline.__file__), handed_in / "ada" / "challenge" / "my_pipeline.py")
    secret = Path(__file__).parents[2] / "solutions"
    assert secret.is_dir()
    (handed_in / "eve" / "challenge" / "my_pipeline.py").write_text(LOOKS_AROUND.format(secret=str(secret)))
    told: list[str] = []

    entries = rank(handed_in, most=10, rounds=1, pictures=8, say=told.append)

    assert [(entry.learner, entry.points) for entry in entries] == [("ada", 10), ("eve", 0)]
    assert entries[0].ratio is not None
    assert entries[0].ratio > 0
    # Not root, no solutions, only the pictures and the place for the result, none of the grader's variables.
    assert "RuntimeError: [False, False, 2, '/home/learner']" in entries[1].found
    assert [line.split(":")[0] for line in told] == ["ada", "eve"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "my_pipeline.py").symlink_to(str(fast_pipeline.__file__))

    (entry,) = rank(tmp_path, most=10, say=lambda _: None)

    assert (entry.points, entry.ratio) == (0, None)
    assert "a link" in entry.found


def test_the_ranking_is_written_as_a_table(tmp_path: Path) -> None:
    save([Entry("ada", 10, 12.345, "fine"), Entry("eve", 2.5, None, "Batch 1 differs")], tmp_path / "ranking.csv")

    rows = list(csv.DictReader((tmp_path / "ranking.csv").open(encoding="utf-8")))
    assert [row["place"] for row in rows] == ["1", ""]
    assert [row["ratio"] for row in rows] == ["12.35", ""]
    assert [row["points"] for row in rows] == ["10", "2.5"]


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["challenge", str(tmp_path)])

    assert done.exit_code == 1
    assert "Expected LEARNER/my_pipeline.py" in done.output


def test_without_a_sandbox_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "my_pipeline.py").write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))

    done = CliRunner().invoke(app, ["challenge", str(tmp_path)])

    assert done.exit_code == 1
    assert "bwrap isn't installed" in done.output
