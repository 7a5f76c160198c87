"""A learner's copy of the labs: complete on the first start, added to later, never overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datakit.labs import LabsError, Update, first_notebook, update_work


def release(labs: Path, **files: str) -> None:
    """Write ``a__b`` as ``a/b``; keyword names can't hold a slash."""
    for name, content in files.items():
        path = labs / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): p.read_text()
        for p in folder.rglob("*")
        if p.is_file() and ".datakit" not in p.parts
    }


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    folder = tmp_path / "labs"
    release(folder, **{"01_one__01_one.ipynb": "one", "01_one__way.svg": "<svg/>", "02_two__02_two.ipynb": "two"})
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "my-labs"


def test_the_first_start_copies_everything(labs: Path, work: Path) -> None:
    update = update_work(labs, work)
    assert contents(work) == contents(labs)
    assert len(update.added) == 3
    assert not update.beside


def test_checkpoints_and_hidden_files_stay_behind(labs: Path, work: Path) -> None:
    release(labs, **{"01_one__.ipynb_checkpoints__x.ipynb": "old", "01_one__.secret": "s", "__pycache__/x.pyc": "c"})
    (labs / "01_one" / "__pycache__").mkdir()
    (labs / "01_one" / "__pycache__" / "x.pyc").write_text("c")
    update_work(labs, work)
    assert not [name for name in contents(work) if "/." in name or "pycache" in name]


def test_a_second_start_changes_nothing(labs: Path, work: Path) -> None:
    update_work(labs, work)
    before = {p: p.stat().st_mtime_ns for p in work.rglob("*.ipynb")}
    assert update_work(labs, work) == Update()
    assert {p: p.stat().st_mtime_ns for p in work.rglob("*.ipynb")} == before


def test_new_labs_are_added_later(labs: Path, work: Path) -> None:
    update_work(labs, work)
    release(labs, **{"03_three__03_three.ipynb": "three"})
    assert update_work(labs, work).added == [Path("03_three/03_three.ipynb")]
    assert (work / "03_three/03_three.ipynb").read_text() == "three"


def test_work_survives_and_a_changed_release_is_put_beside_it_once(labs: Path, work: Path) -> None:
    update_work(labs, work)
    notebook = work / "01_one/01_one.ipynb"
    notebook.write_text("my answers")
    release(labs, **{"01_one__01_one.ipynb": "one, mended"})
    beside = Path("01_one/01_one.release2.ipynb")
    assert update_work(labs, work).beside == {Path("01_one/01_one.ipynb"): beside}
    assert notebook.read_text() == "my answers"
    assert (work / beside).read_text() == "one, mended"
    assert update_work(labs, work) == Update()


def test_work_in_a_newer_release_survives_the_next_one(labs: Path, work: Path) -> None:
    update_work(labs, work)
    release(labs, **{"01_one__01_one.ipynb": "second"})
    update_work(labs, work)
    (work / "01_one/01_one.release2.ipynb").write_text("my answers in the second")
    release(labs, **{"01_one__01_one.ipynb": "third"})
    update_work(labs, work)
    assert (work / "01_one/01_one.release2.ipynb").read_text() == "my answers in the second"
    assert (work / "01_one/01_one.release3.ipynb").read_text() == "third"


def test_a_deleted_notebook_comes_back_fresh(labs: Path, work: Path) -> None:
    update_work(labs, work)
    (work / "01_one/01_one.ipynb").unlink()
    assert update_work(labs, work).added == [Path("01_one/01_one.ipynb")]
    assert (work / "01_one/01_one.ipynb").read_text() == "one"


def test_a_file_that_nobody_handed_out_stays(labs: Path, work: Path) -> None:
    release(work, **{"01_one__01_one.ipynb": "copied by hand and worked on"})
    assert not update_work(labs, work).beside
    assert (work / "01_one/01_one.ipynb").read_text() == "copied by hand and worked on"


@pytest.mark.parametrize("damage", ["{", "[1, 2]", "\udcff"])
def test_a_damaged_record_is_reported_and_kept_and_costs_no_work(labs: Path, work: Path, damage: str) -> None:
    update_work(labs, work)
    (work / "01_one/01_one.ipynb").write_text("my answers")
    (work / ".datakit/handed_out.json").write_bytes(damage.encode("utf-8", "surrogateescape"))
    update = update_work(labs, work)
    assert "was damaged" in update.problem
    assert (work / ".datakit/handed_out.damaged.json").read_bytes() == damage.encode("utf-8", "surrogateescape")
    assert (work / "01_one/01_one.ipynb").read_text() == "my answers"
    assert json.loads((work / ".datakit/handed_out.json").read_text()).keys() == contents(labs).keys()


def test_a_missing_folder_of_labs(tmp_path: Path, work: Path) -> None:
    with pytest.raises(LabsError, match=r"no folder .*nowhere with labs\. Start in datakit's folder, or pass --labs"):
        update_work(tmp_path / "nowhere", work)


def test_an_empty_folder_of_labs(tmp_path: Path, work: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LabsError, match=r"empty holds no labs\. Pass --labs FOLDER"):
        update_work(tmp_path / "empty", work)


@pytest.mark.parametrize("inside", ["labs", "labs/mine", "."])
def test_labs_and_work_in_one_another(labs: Path, inside: str) -> None:
    with pytest.raises(LabsError, match=r"lie in one another\. Pass another --work"):
        update_work(labs, labs.parent / inside)
    assert not (labs / "mine").exists()


def test_a_file_where_the_folder_should_be(labs: Path, work: Path) -> None:
    work.write_text("I am a file")
    with pytest.raises(LabsError, match=r"can't be written: .*\. Nothing of yours was changed\."):
        update_work(labs, work)
    assert work.read_text() == "I am a file"


def test_the_first_notebook_is_the_first_labs(labs: Path, work: Path) -> None:
    assert first_notebook(work) is None
    update_work(labs, work)
    release(work, **{"01_one__00_scratch.ipynb": "mine", "00_notes.ipynb": "mine"})
    assert first_notebook(work) == Path("01_one/01_one.ipynb")


NAMES = st.sampled_from(["a/a.ipynb", "a/way.svg", "b/b.ipynb", "b/data/x.csv"])
FILES = st.dictionaries(NAMES, st.sampled_from(["1", "2", "3"]), min_size=1)


@settings(max_examples=50, deadline=None)
@given(releases=st.lists(FILES, min_size=1, max_size=4), edits=st.lists(st.dictionaries(NAMES, st.just("mine"))))
def test_whatever_is_released_no_existing_file_ever_changes(
    tmp_path_factory: pytest.TempPathFactory, releases: list[dict[str, str]], edits: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("generated")
    work = folder / "work"
    for number, files in enumerate(releases):
        labs = folder / f"labs{number}"
        for name, content in files.items():
            release(labs, **{name.replace("/", "__"): content})
        before = contents(work)
        update_work(labs, work)
        after = contents(work)
        assert before.items() <= after.items()
        assert files.keys() <= after.keys()
        # The learner works on some of the files before the next release comes.
        for name, content in edits[number].items() if number < len(edits) else ():
            if (work / name).exists():
                (work / name).write_text(content)
