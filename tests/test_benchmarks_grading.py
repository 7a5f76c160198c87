"""The grading benchmark's arithmetic and its page, without a measurement."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmarks.grading import Run, judge
from benchmarks.grading_outcome import Attack, Outcome, table
from benchmarks.grading_report import document
from datakit.experiments.machine import this_machine

# 5 s to start; then 1 s a learner on one core, 0.5 s on two; 11 learners
ROUND = {
    "nbgrader": Run(150.0, 300.0),
    "one core": Run(16.0, 90.0),
    "start on one": Run(6.0, 80.0),
    "two cores": Run(10.5, 100.0),
    "start": Run(6.0, 80.0),
}


def result(nbgrader: float = 150.0) -> dict[str, object]:
    rounds = [{**ROUND, "nbgrader": Run(nbgrader, 300.0)}] * 3
    unchanged = [Run(4.0, 120.0)]
    return {
        "date": "2026-01-01",
        "machine": asdict(this_machine()),
        "lab": "01_datasets",
        "learners": 11,
        "large_class": 200,
        "other_cores_before": 0.0,
        "same_points": True,
        **judge(rounds, unchanged, 11),
        "rounds": rounds,
    }


def test_the_start_is_counted_in_and_out() -> None:
    found = result()
    assert found["times_nbgrader"]["median"] == pytest.approx(150 / 10.5)  # type: ignore[index]
    assert found["two_cores_with_start"]["median"] == pytest.approx(16 / 10.5)  # type: ignore[index]
    assert found["two_cores_without_start"]["median"] == pytest.approx(10 / 4.5)  # type: ignore[index]
    assert found["memory_mib"] == 120.0  # nbgrader's own doesn't count
    assert found["times_nbgrader_without_start"]["median"] == pytest.approx(150 * 10 / 11 / 4.5)  # type: ignore[index]
    assert found["learners_for_10_with_start"] == pytest.approx(10 * 5 / (150 / 11 - 4.5))
    assert found["start_seconds"] == pytest.approx(5.0)
    assert found["learners_for_1.7_with_start"] == pytest.approx(0.7 * 5 / (1 - 1.7 * 0.45))


def test_a_bar_that_is_missed_is_shown() -> None:
    assert "**no**" not in document(result())
    slow = document(result(nbgrader=50.0))
    assert [line for line in slow.splitlines() if "**no**" in line] == [
        "| `classroom grade`, times as fast as plain `nbgrader autograde` (11 learners, with the start) "
        "| 4.76 (4.76–4.76) | ≥ 10 | **no** |"
    ]


def test_a_hostile_program_that_misses_a_bar_is_shown() -> None:
    row = {"name": "loop", "seconds": 6.0, "beyond": 1.5, "others_kept": True, "left": 0}
    late = {**row, "name": "daemon", "beyond": 7.5, "left": 1}
    hostile = {
        "date": "2026-01-01",
        "machine": asdict(this_machine()),
        "limits": {"cell": 5.0, "total": 30.0},
        "memory": 3e8,
    }
    page = document(result(), {**hostile, "rows": [row] * 20})
    assert "| seconds beyond a limit, at most (loop) | 1.5 | < 5 | yes |" in page and "**no**" not in page
    page = document(result(), {**hostile, "rows": [*[row] * 20, late]})
    assert [line for line in page.splitlines() if "**no**" in line] == [
        "| seconds beyond a limit, at most (daemon) | 7.5 | < 5 | **no** |",
        "| processes left | 1 | 0 | **no** |",
    ]


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome(2.0, told=False, ended=""), "withstood"),
        (Outcome(5.5, told=False, ended=""), "+3.5 points"),
        (Outcome(0.5, told=False, ended=""), "-1.5 points"),
        (Outcome(0.0, told=False, ended="not graded"), "not graded"),
        (Outcome(2.0, told=True, ended="the batch was aborted"), "secrets in the outputs, the batch was aborted"),
    ],
)
def test_an_attacks_outcome_is_held_against_its_honest_part(outcome: Outcome, verdict: str) -> None:
    withstood = Outcome(2.0, told=False, ended="")
    attack = Attack("mini_lab/x", "to a|b", 2.0, outcome, withstood)
    assert attack.verdict(outcome) == verdict
    shown = table([attack]).splitlines()
    assert shown[0].endswith(f"{int(verdict != 'withstood')} of 1 attacks succeed; `classroom grade`: 0")
    assert shown[-1] == f"| mini_lab/x | to a&#124;b | {verdict} | withstood |"
