"""Damaged notebooks: each gets a grade or a verdict with a name, and the batch goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classroom.demo_class.damage import Damaged, damaged
from classroom.demo_class.handin import HandIn, answered
from classroom.grading.grade_desk import open_desk
from classroom.grading.rebuild import Rebuilt, rebuild
from classroom.verify.material import Material
from classroom.verify.submission import reference_answers

from .conftest import MakeSchool, School

ROUNDS = 8
DESERVED = 3.0  # what the sound notebook's one answer is worth
NAMED = re.compile(r"\[[a-z0-9-]+\] .+")


def sound(material: Material) -> HandIn:
    """A submission with one right answer."""
    return answered(material, {"double": reference_answers(material.source)["double"]})


def broken(material: Material, one: Damaged) -> HandIn:
    made = sound(material)
    made.raw = one.content
    return made


def different(material: Material) -> list[Damaged]:
    """One for each different content."""
    return list({one.content: one for one in damaged(sound(material).content(), ROUNDS)}.values())


@pytest.fixture(scope="module")
def rebuilt(make_school: MakeSchool) -> dict[str, tuple[Damaged | None, Rebuilt]]:
    """Each damaged notebook taken in and rebuilt, by name; the sound one under "sound"."""
    school, found = make_school("mini_lab"), {}
    with open_desk(school.course, school.lab) as desk:
        every: list[Damaged | None] = [None, *different(school.material)]
        for one in every:
            name = one.name if one else "sound"
            school.hand_in(name, broken(school.material, one) if one else sound(school.material))
            found[name] = (one, rebuild(desk.original, desk.submission(name)))
    return found


def sources(made: Rebuilt) -> list[str]:
    assert made.item is not None, made.refused
    return [step.source for step in made.item.steps]


def test_there_are_two_hundred_and_each_has_work_or_a_named_verdict(rebuilt) -> None:
    assert len(rebuilt) > 200
    for name, (_, made) in rebuilt.items():
        assert (made.item is None) == bool(made.refused), name
        assert made.item is not None or NAMED.fullmatch(made.refused), (name, made.refused)


def test_a_light_damage_changes_no_cell(rebuilt) -> None:
    expected = sources(rebuilt["sound"][1])
    light = [(one.name, made) for one, made in rebuilt.values() if one is not None and one.light]
    assert len(light) > 40
    for name, made in light:
        assert sources(made) == expected, name


def test_no_damage_brings_a_test_of_the_learners(rebuilt) -> None:
    """Whatever happened to the file, the tests are the instructor's, in number, order and text."""
    tests = [(step.grade_id, step.points, step.source) for step in rebuilt["sound"][1].item.steps if step.points]
    for name, (_, made) in rebuilt.items():
        if made.item is not None:
            assert [(step.grade_id, step.points, step.source) for step in made.item.steps if step.points] == tests, name


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_batch_with_damaged_notebooks_runs_to_its_end(make_school: MakeSchool) -> None:
    school: School = make_school("mini_lab")
    first = [one for one in different(school.material) if one.name.endswith("-0")]
    for one in first:
        school.hand_in(one.name, broken(school.material, one))
    empty = school.course.work / "submitted" / "nobody" / school.lab.name
    empty.mkdir(parents=True)
    school.grade()
    assert set(school.rows) == {"ada", "nobody", *(one.name for one in first)}
    assert school.total("ada") == 5.5
    assert school.rows["nobody"].verdict.refused.startswith("[no-notebook]")
    for one in first:
        got, refused = school.total(one.name), school.rows[one.name].verdict.refused
        assert got <= DESERVED, one.name
        assert got == DESERVED or not one.light, one.name
        assert not refused or NAMED.fullmatch(refused), one.name
        assert Path(school.course.work / "feedback" / one.name).is_dir(), one.name
