"""The catalogue on the smallest lab, through the whole pipeline: intake, rebuild, run, examine, record, feedback."""

from __future__ import annotations

import pytest

from .conftest import MakeSchool, School, attacks, enter, variants

ATTACKS = [entry for entry in attacks("mini_lab", anywhere=True) if not entry.late]
LATE = [entry for entry in attacks("mini_lab", anywhere=True) if entry.late]
VARIANTS = variants("mini_lab", anywhere=True)
POSSIBLE = 5.5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def school(make_school: MakeSchool) -> School:
    school = make_school("mini_lab")
    enter(school, [*ATTACKS, *VARIANTS])
    school.grade()
    return school


@pytest.fixture(scope="module")
def late_school(make_school: MakeSchool) -> School:
    school = make_school("mini_lab", cell_seconds=3, total_seconds=60)
    enter(school, LATE)
    school.grade(jobs=6)  # they wait rather than work
    return school


@pytest.mark.parametrize("entry", ATTACKS, ids=lambda entry: entry.name)
def test_an_attack_gets_what_its_honest_part_is_worth(school: School, entry) -> None:
    assert school.total(entry.name) == entry.earns, school.points(entry.name)


@pytest.mark.parametrize("entry", LATE, ids=lambda entry: entry.name)
def test_an_attack_that_takes_all_its_time_gets_nothing_for_it(late_school: School, entry) -> None:
    assert late_school.total(entry.name) <= entry.earns, late_school.points(entry.name)
    assert late_school.leaks(entry.name) == set()


@pytest.mark.parametrize("entry", ATTACKS, ids=lambda entry: entry.name)
def test_an_attack_learns_no_secret(school: School, entry) -> None:
    assert school.leaks(entry.name) == set()


@pytest.mark.parametrize("entry", VARIANTS, ids=lambda entry: entry.name)
def test_an_honest_learner_loses_no_point(school: School, entry) -> None:
    row = school.rows[entry.name]
    assert school.total(entry.name) == POSSIBLE, [result for result in row.verdict.results if result.points == 0]


def test_the_gradebook_holds_these_points(school: School) -> None:
    expected = {entry.name: entry.earns or 0.0 for entry in ATTACKS}
    expected |= {entry.name: POSSIBLE for entry in VARIANTS} | {"ada": POSSIBLE}
    assert {student: row.score for student, row in school.rows.items()} == expected


def test_hidden_inputs_stay_hidden(school: School) -> None:
    page = school.readable("remembers_hidden_inputs")
    shown = {line for line in page.splitlines() if "values that arrived:" in line and "print(" not in line}
    assert all("[3, 5]" in line for line in shown), shown


def test_the_feedback_of_the_peer_is_sound_and_nobody_elses(school: School) -> None:
    assert "SECRET of a peer" in school.readable("ada")
    assert school.total("ada") == POSSIBLE


def test_the_search_for_leaks_finds_one(school: School) -> None:
    hidden = next(cell for cell in school.material.source.cells if cell.get("id") == "double-hidden")
    page = school.course.work / "feedback" / "backdated" / "leak.html"
    page.write_text("\n".join(line for line in hidden.source.splitlines() if "SECRET" not in line))
    try:
        assert "double-hidden." in school.leaks("backdated")
    finally:
        page.unlink()
