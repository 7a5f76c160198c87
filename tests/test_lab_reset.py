"""A fresh copy of a lab: the old one is kept, and nothing is half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from datakit.lab_reset import reset_lab
from datakit.labs import LabsError, update_work
from tests.test_cli import datakit
from tests.test_my_labs import contents, release


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    folder = tmp_path / "labs"
    release(folder, **{"01_one__01_one.ipynb": "one", "01_one__way.svg": "<svg/>", "02_two__02_two.ipynb": "two"})
    return folder


@pytest.fixture
def work(labs: Path, tmp_path: Path) -> Path:
    update_work(labs, tmp_path / "my-labs")
    (tmp_path / "my-labs/01_one/01_one.ipynb").write_text("mine")
    (tmp_path / "my-labs/02_two/02_two.ipynb").write_text("mine, too")
    return tmp_path / "my-labs"


@pytest.mark.parametrize("name", ["01_one", "1", "01"])
def test_the_lab_is_fresh_and_the_old_one_is_kept(labs: Path, work: Path, name: str) -> None:
    assert reset_lab(name, labs, work) == work / "01_one.old1"
    assert contents(work) == {
        "01_one/01_one.ipynb": "one",
        "01_one/way.svg": "<svg/>",
        "01_one.old1/01_one.ipynb": "mine",
        "01_one.old1/way.svg": "<svg/>",
        "02_two/02_two.ipynb": "mine, too",
    }
    assert not update_work(labs, work).beside


def test_each_time_under_another_name(labs: Path, work: Path) -> None:
    assert reset_lab("01_one", labs, work) == work / "01_one.old1"
    assert reset_lab("01_one", labs, work) == work / "01_one.old2"
    assert (work / "01_one.old1/01_one.ipynb").read_text() == "mine"


def test_without_a_copy_there_is_nothing_to_keep(labs: Path, tmp_path: Path) -> None:
    assert reset_lab("02_two", labs, tmp_path / "new") is None
    assert (tmp_path / "new/02_two/02_two.ipynb").read_text() == "two"


@pytest.mark.parametrize("name", ["03_three", "3", "", "..", "one"])
def test_an_unknown_lab_names_those_that_there_are(labs: Path, work: Path, name: str) -> None:
    before = contents(work)
    with pytest.raises(LabsError, match=r"There is no lab .* Expected one of: 01_one, 02_two\."):
        reset_lab(name, labs, work)
    assert contents(work) == before


def test_missing_labs_are_told(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match=r"Expected one of: \(none\)\."):
        reset_lab("1", tmp_path / "nowhere", tmp_path / "work")


def test_a_full_disk_leaves_everything_as_it_was(labs: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(work)

    def full(source: Path, target: Path) -> None:
        if target.name.startswith(".way"):
            raise OSError(28, "No space left on device")
        target.write_text(source.read_text())

    monkeypatch.setattr("datakit.labs.shutil.copyfile", full)
    with pytest.raises(LabsError, match="No space left on device"):
        reset_lab("01_one", labs, work)
    assert contents(work) == before


def test_the_command_says_where_the_old_one_is(labs: Path, work: Path) -> None:
    told = datakit("reset", "1", "--labs", str(labs), "--work", str(work))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"A fresh copy is there. Yours is kept in {work / '01_one.old1'}.\n"
    told = datakit("reset", "9", "--labs", str(labs), "--work", str(work))
    assert told.returncode == 1
    assert told.stderr.startswith("datakit reset: There is no lab '9' in ")
