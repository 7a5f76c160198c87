"""The catalogue on labs with tensors: a loader with worker processes, and the first lab."""

from __future__ import annotations

import pytest

from .conftest import MakeSchool, School, attacks, enter, variants

LABS = ("loader_lab", "01_datasets")
ATTACKS = [entry for lab in LABS for entry in attacks(lab, anywhere=False)]
VARIANTS = [entry for lab in LABS for entry in variants(lab, anywhere=False)]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def schools(make_school: MakeSchool) -> dict[str, School]:
    made = {}
    for lab in LABS:
        made[lab] = make_school(lab)
        enter(made[lab], [entry for entry in (*ATTACKS, *VARIANTS) if entry.lab == lab])
        made[lab].grade()
    return made


@pytest.mark.parametrize("entry", ATTACKS, ids=lambda entry: entry.label)
def test_an_attack_gets_what_its_honest_part_is_worth_and_learns_nothing(schools: dict[str, School], entry) -> None:
    school = schools[entry.lab]
    assert school.total(entry.name) == entry.earns, school.points(entry.name)
    assert school.leaks(entry.name) == set()


@pytest.mark.parametrize("entry", VARIANTS, ids=lambda entry: entry.label)
def test_an_honest_learner_loses_no_point(schools: dict[str, School], entry) -> None:
    school, possible = schools[entry.lab], {"loader_lab": 6.0, "01_datasets": 25.0}[entry.lab]
    row = school.rows[entry.name]
    assert school.total(entry.name) == possible, [result for result in row.verdict.results if result.points == 0]
