"""A row about hidden tests: does a wrong answer get points under one seed and none under another?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from classroom.exercises import BEGIN_HIDDEN
from classroom.grading.items import Limits, Step, StepKind, WorkItem
from classroom.grading.sandbox import NoSandboxError
from classroom.verify.examined import graded, named, not_graded, work_item
from classroom.verify.known import Result
from classroom.verify.material import Material
from classroom.verify.rows import Row, row
from classroom.verify.run import LIMIT
from datakit.check.seeds import SEED_VARIABLE

CHECK = "no wrong answer passes a test by luck"


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
    items = [_under_seeds(work_item(material, plan, number), seeds) for number, plan in enumerate(plans)]
    try:
        verdicts = graded(items, jobs)
    except NoSandboxError as error:
        return not_graded(CHECK, error)
    points: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    faults = []
    for number, plan in enumerate(plans):
        if verdicts[number].refused:
            faults.append(f"{named(plan)}: {verdicts[number].refused}")
        for found in verdicts[number].results:
            for name, answer in plan.known.items():
                if found.test.startswith(f"{name}-"):
                    points[answer.label, found.test].append(found.points)
    for (label, test), given in points.items():
        if min(given) != max(given):
            best = max(given)
            faults.append(f"{label}: {test} gives {best:g} under {given.count(best)} of {len(given)} seeds.")
    return row(CHECK, f"{len(points)} marks under {seeds} seeds", faults)


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
