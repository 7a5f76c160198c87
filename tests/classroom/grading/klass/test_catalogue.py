"""The catalogue is what it says: enough of each kind, each with its sentence; the same seed gives the same class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from classroom.course import Course, CourseError
from classroom.demo_class.entries import read_entry
from classroom.demo_class.handin import compose
from classroom.demo_class.members import SHARES, members
from classroom.verify.material import Material, read_material

from .conftest import CATALOGUE, FOLDERS, attacks, variants


@pytest.fixture(scope="module")
def material(built: Callable[[str], Course]) -> Material:
    return read_material(built("mini_lab").labs()[0])


def test_there_are_enough_of_each_kind() -> None:
    hostile = [entry for lab in FOLDERS for entry in attacks(lab, anywhere=lab == "mini_lab")]
    honest = [entry for lab in FOLDERS for entry in variants(lab, anywhere=lab == "mini_lab")]
    assert len(hostile) >= 60
    assert len(honest) >= 40
    assert all(entry.hostile and entry.says for entry in hostile)
    assert not any(entry.hostile for entry in honest)
    assert len({entry.says for entry in hostile}) == len(hostile)


def test_every_entry_makes_a_notebook_that_differs_from_the_others(material: Material) -> None:
    made = {}
    for entry in (*attacks("mini_lab", anywhere=True), *variants("mini_lab", anywhere=True)):
        handin = compose(entry, material)
        nbformat.reads(handin.content().decode("utf-8-sig"), as_version=4)
        if not handin.finish:
            made[entry.name] = (handin.content(), tuple(sorted(handin.files.items())))
    assert len(set(made.values())) == len(made)


def test_a_class_is_thirty_and_its_seed_decides_which(material: Material) -> None:
    def contents(seed: int) -> list[tuple[str, bytes]]:
        return [(member.student, member.handin.content()) for member in members(material, CATALOGUE, seed)]

    first = contents(0)
    assert len({student for student, _ in first}) == len(first) == sum(SHARES.values()) == 30
    assert contents(0) == first
    assert contents(1) != first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", r"has 0 lines `# tries"),
        ("# tries: a\n# shows: b\n", r"has 2 lines"),
        ("# tries: a\n\n# %% middle double\n", r"has a line '# %% middle double', expected"),
    ],
)
def test_an_entry_that_breaks_the_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "entry.py").write_text(text)
    with pytest.raises(CourseError, match=message):
        read_entry(tmp_path / "entry.py", "mini_lab")
