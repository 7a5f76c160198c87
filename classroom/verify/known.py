"""Rows about the known answers: wrong ones must fail and meet their hint, right ones must pass."""

from __future__ import annotations

from collections.abc import Iterator

from classroom.answers import Answer
from classroom.exercises import Exercise
from classroom.verify.conditions import first_line, short
from classroom.verify.material import Material
from classroom.verify.plan import Plan
from classroom.verify.rows import Row, row
from classroom.verify.run import Mark, Run

ENOUGH_WRONG, ENOUGH_RIGHT = 5, 2
ENOUGH_HINTS = 0.8
Result = tuple[Plan, Run]


def enough_row(material: Material) -> Row:
    """Are there enough known answers to each exercise?"""
    faults = []
    for right, enough in ((False, ENOUGH_WRONG), (True, ENOUGH_RIGHT)):
        for exercise in material.exercises:
            count = len(material.known(exercise.name, right=right))
            if count < enough:
                kind = "right" if right else "wrong"
                faults.append(f"{exercise.name} has {count} known {kind} answers, expected at least {enough}.")
    wrong = sum(not answer.right for answer in material.answers)
    found = f"{wrong} wrong, {len(material.answers) - wrong} right, {len(material.exercises)} exercises"
    return row(f"at least {ENOUGH_WRONG} wrong and {ENOUGH_RIGHT} right answers each", found, faults)


def wrong_row(material: Material, results: list[Result]) -> Row:
    """Does every wrong answer lose points, without taking the kernel or the time along?"""
    faults, failing, total = [], 0, 0
    for exercise, answer, marks, run in _known(material, results, right=False):
        total += 1
        failing += _lost(marks)
        if not _lost(marks):
            faults.append(f"{answer.label} gets all {exercise.points:g} points.")
        if run.ended:
            faults.append(f"{answer.label}: {run.ended}. A check must notice before that.")
        for mark in marks:
            if mark.timed_out:
                faults.append(
                    f"{answer.label} ran into the time limit in {mark.test}. A check must notice before that."
                )
    return row("each wrong answer fails", f"{failing} of {total}", faults)


def hints_row(material: Material, results: list[Result]) -> Row:
    """Does every wrong answer that names a hint meet it, and do enough of them name one?"""
    faults = []
    met: dict[str, list[bool]] = {exercise.name: [] for exercise in material.exercises}
    for exercise, answer, marks, _ in _known(material, results, right=False):
        shown = bool(answer.hint) and any(f"[{answer.hint}]" in mark.text for mark in marks)
        met[exercise.name].append(shown)
        if answer.hint and not shown:
            first = next((first_line(mark) for mark in marks if not mark.full), "nothing, it passes")
            faults.append(f"{answer.label} doesn't meet its hint [{answer.hint}]. What it meets: {first}")
    for name, all_shown in met.items():
        if all_shown and sum(all_shown) < ENOUGH_HINTS * len(all_shown):
            share = f"{sum(all_shown)} of {len(all_shown)}"
            faults.append(f"{name}: {share} wrong answers meet a hint of their own, expected {ENOUGH_HINTS:.0%}.")
    shown_count, count = sum(map(sum, met.values())), sum(map(len, met.values()))
    found = f"{shown_count} of {count} ({shown_count / count:.0%})" if count else "no wrong answers"
    return row("each wrong answer meets its own hint", found, faults)


def right_row(material: Material, results: list[Result]) -> Row:
    """Does every right answer get all points?"""
    faults, passing, total = [], 0, 0
    for _, answer, marks, _ in _known(material, results, right=True):
        total += 1
        passing += not _lost(marks)
        faults += [f"{answer.label}: {short(mark)}" for mark in marks if mark.seed is None and not mark.full]
    return row("each right answer passes", f"{passing} of {total}", faults)


def independence_row(material: Material, results: list[Result]) -> Row:
    """Does a failure in one exercise cost points in another?"""
    faults, tried = [], 0
    for plan, run in results:
        if plan.purpose not in ("alone", "wrong") or (run.ended and plan.purpose == "wrong"):
            continue
        failing = {plan.broken} if plan.broken else set(plan.known)
        tried += plan.purpose == "alone"
        for exercise in material.exercises:
            lost = [mark for mark in run.of(exercise.tests) if not mark.full]
            if exercise.name not in failing and lost:
                why = f"{', '.join(sorted(failing))} failing costs {exercise.name} points in {lost[0].test}"
                faults.append(f"{why}: {first_line(lost[0])}")
    return row("no exercise costs another's points", f"{tried} exercises broken in turn", faults)


def _known(
    material: Material, results: list[Result], *, right: bool
) -> Iterator[tuple[Exercise, Answer, list[Mark], Run]]:
    exercises = {exercise.name: exercise for exercise in material.exercises}
    last = {}  # where an answer was run again by itself, that run counts
    for plan, run in results:
        for name, answer in plan.known.items():
            if answer.right == right:
                last[answer.label] = (exercises[name], answer, run.of(exercises[name].tests), run)
    for label in sorted(last):
        yield last[label]


def _lost(marks: list[Mark]) -> bool:
    return any(not mark.full for mark in marks if mark.seed is None)
