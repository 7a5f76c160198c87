"""A row about the grader: does it give, to every known answer, the marks and the hint that plain nbgrader gives?"""

from __future__ import annotations

from classroom.grading.grade_runners import on_this_machine
from classroom.grading.items import Verdict, WorkItem
from classroom.grading.sandbox import NoSandboxError
from classroom.verify.known import Result
from classroom.verify.material import Material
from classroom.verify.plan import Plan
from classroom.verify.rows import Row, Status, row
from classroom.verify.submission import steps

CHECK = "the grader gives the same marks"
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
        verdicts = graded([work_item(material, plan, number) for number, (plan, _) in enumerate(chosen)], jobs)
    except NoSandboxError as error:
        return not_graded(CHECK, error)
    faults, compared = [], 0
    for number, result in enumerate(chosen):
        compared += len(verdicts[number].results)
        faults += _differences(material, result, verdicts[number])
    return row(CHECK, f"{compared} marks of {len(chosen)} submissions", faults)


def work_item(material: Material, plan: Plan, number: int) -> WorkItem:
    """The plan's answers as the grader is handed a submission; the number stands for the student."""
    return WorkItem(material.name, str(number), steps(plan.notebook), material.support, seed=0, digest=str(number))


def graded(items: list[WorkItem], jobs: int) -> dict[int, Verdict]:
    """The grader's verdicts, by the items' numbers.

    Raises:
        NoSandboxError: if submissions can't be confined here.
    """
    return {int(verdict.student): verdict for verdict in on_this_machine(jobs)(items)}


def _differences(material: Material, result: Result, verdict: Verdict) -> list[str]:
    plan, run = result
    if verdict.refused:
        return [f"{named(plan)}: {verdict.refused}"]
    by_test = {found.test: found for found in verdict.results}
    faults = []
    for mark in run.marks:
        found = by_test[mark.test]
        if mark.seed is None and mark.points != found.points:
            why = found.error or found.hint or found.arrived or "no reason told"
            faults.append(f"{named(plan)}: {mark.test} gives {found.points:g}, and {mark.points:g} by nbgrader: {why}")
    for exercise in material.exercises:
        answer = plan.known.get(exercise.name)
        met = {by_test[test].mistake for test in exercise.tests}
        if answer is not None and answer.hint and answer.hint not in met:
            faults.append(f"{answer.label} doesn't meet its hint [{answer.hint}], but {sorted(filter(None, met))}.")
    return faults


def not_graded(check: str, error: NoSandboxError) -> Row:
    """The row of a check that found no sandbox to grade in."""
    return Row(check, Status.skipped, "not checked", (f"Nothing was confined, so nothing was graded: {error}",))


def named(plan: Plan) -> str:
    """Which answers the plan hands in, for people."""
    labels = [answer.label for answer in plan.known.values()]
    return ", ".join(labels) or (f"{plan.broken} broken" if plan.broken else f"the {plan.purpose} answers")
