"""Rows about the grader: does it give every known answer the marks that plain nbgrader gives, whatever the seed?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from classroom.exercises import BEGIN_HIDDEN
from classroom.grading.grade_runners import on_this_machine
from classroom.grading.items import Limits, Step, StepKind, Verdict, WorkItem
from classroom.grading.sandbox import NoSandboxError
from classroom.verify.known import Result
from classroom.verify.material import Material
from classroom.verify.plan import Plan
from classroom.verify.rows import Row, Status, row
from classroom.verify.run import LIMIT
from classroom.verify.submission import steps
from datakit.check.seeds import SEED_VARIABLE

CHECK = "the grader gives the same marks"
LUCK = "no wrong answer passes a test by luck"
ONCE = ("reference", "empty", "right", "wrong", "alone")  # the other purposes run the reference answers again


def examined_row(material: Material, results: list[Result], jobs: int) -> Row:
    """Grade what nbgrader has marked once more, as `classroom grade` does, and compare mark by mark.

    Args:
        material: the lab.
        results: what nbgrader gave; runs that ended early are left out.
        jobs: how many submissions are graded side by side.
    """
    chosen = [(plan, run) for plan, run in results if plan.purpose in ONCE and not run.ended]
    try:
        verdicts = _graded([_item(material, plan, number) for number, (plan, _) in enumerate(chosen)], jobs)
    except NoSandboxError as error:
        return Row(CHECK, Status.skipped, "not checked", (f"Nothing was confined, so nothing was graded: {error}",))
    faults, compared = [], 0
    for number, result in enumerate(chosen):
        compared += len(verdicts[number].results)
        faults += _differences(material, result, verdicts[number])
    return row(CHECK, f"{compared} marks of {len(chosen)} submissions", faults)


def luck_row(material: Material, results: list[Result], seeds: int, jobs: int) -> Row:
    """Run the hidden tests of wrong answers under several seeds: a mark that depends on the seed was had by luck.

    Args:
        material: the lab.
        results: what nbgrader gave; runs that ended early, or ran into the time limit, are left out.
        seeds: how many.
        jobs: how many submissions are graded side by side.
    """
    wrong = [(plan, run) for plan, run in results if plan.purpose == "wrong" and not run.ended]
    plans = [plan for plan, run in wrong if not any(mark.timed_out for mark in run.marks)]
    items = [_under_seeds(_item(material, plan, number), seeds) for number, plan in enumerate(plans)]
    try:
        verdicts = _graded(items, jobs)
    except NoSandboxError as error:
        return Row(LUCK, Status.skipped, "not checked", (f"Nothing was confined, so nothing was graded: {error}",))
    points: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for number, plan in enumerate(plans):
        for found in verdicts[number].results:
            for name, answer in plan.known.items():
                if found.test.startswith(f"{name}-"):
                    points[answer.label, found.test].append(found.points)
    faults = [
        f"{label}: {test} gives {max(given):g} under {given.count(max(given))} of {len(given)} seeds."
        for (label, test), given in points.items()
        if min(given) != max(given)
    ]
    return row(LUCK, f"{len(points)} marks under {seeds} seeds", faults)


def _under_seeds(item: WorkItem, seeds: int) -> WorkItem:
    """The item with each hidden test once for each seed, and without the other tests."""
    sown: list[Step] = []
    for step in item.steps:
        if step.kind is StepKind.RUN:
            sown.append(step)
        elif BEGIN_HIDDEN in step.source:
            for seed in range(seeds):
                source = f"import os\n\nos.environ[{SEED_VARIABLE!r}] = '{seed}'\n{step.source}"
                sown.append(replace(step, source=source))
    return replace(item, steps=tuple(sown), limits=Limits(total_seconds=LIMIT))


def _item(material: Material, plan: Plan, number: int) -> WorkItem:
    return WorkItem(material.name, str(number), steps(plan.notebook), material.support, seed=0, digest=str(number))


def _graded(items: list[WorkItem], jobs: int) -> dict[int, Verdict]:
    return {int(verdict.student): verdict for verdict in on_this_machine(jobs)(items)}


def _differences(material: Material, result: Result, verdict: Verdict) -> list[str]:
    plan, run = result
    if verdict.refused:
        return [f"{_named(plan)}: {verdict.refused}"]
    graded = {found.test: found for found in verdict.results}
    faults = []
    for mark in run.marks:
        found = graded[mark.test]
        if mark.seed is None and mark.points != found.points:
            why = found.error or found.hint or found.arrived or "no reason told"
            faults.append(f"{_named(plan)}: {mark.test} gives {found.points:g}, and {mark.points:g} by nbgrader: {why}")
    for exercise in material.exercises:
        answer = plan.known.get(exercise.name)
        met = {graded[test].mistake for test in exercise.tests}
        if answer is not None and answer.hint and answer.hint not in met:
            faults.append(f"{answer.label} doesn't meet its hint [{answer.hint}], but {sorted(filter(None, met))}.")
    return faults


def _named(plan: Plan) -> str:
    named = [answer.label for answer in plan.known.values()]
    return ", ".join(named) or (f"{plan.broken} broken" if plan.broken else f"the {plan.purpose} answers")
