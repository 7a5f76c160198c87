"""Verify one lab: plan the runs, run them side by side, and judge what came out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from classroom.course import Lab
from classroom.verify.conditions import (
    empty_row,
    full_marks,
    offline_row,
    reference_rows,
    release_row,
    seeds_row,
)
from classroom.verify.examined import examined_row
from classroom.verify.known import Result, enough_row, hints_row, independence_row, right_row, wrong_row
from classroom.verify.luck import luck_row
from classroom.verify.material import Material, read_material
from classroom.verify.plan import START_METHODS, Plan, apart, plans, reference
from classroom.verify.rows import Row
from classroom.verify.run import Run, run
from classroom.verify.submission import with_seeds

Progress = Callable[[int, int], None]


def verify(lab: Lab, *, jobs: int = 2, seeds: int = 20, progress: Progress = lambda done, total: None) -> list[Row]:
    """Check that a lab grades fairly.

    Args:
        lab: the lab.
        jobs: how many kernels run side by side.
        seeds: under how many seeds the tests are run again.
        progress: told how many runs are done, of how many.

    Returns:
        One row for each check.

    Raises:
        CourseError: if the lab breaks the contract, or nbgrader refuses it.
    """
    material = read_material(lab)
    # First and alone, since it is timed.
    first = Plan("reference", reference(material))
    plain = _run(material, first)
    todo = list(plans(material, seeds))
    results = _run_all(material, todo, jobs, lambda done: progress(done + 1, len(todo) + 1))
    again = [plan for before, ran in results for plan in apart(material, before, ran, seeds)]
    results += _run_all(material, again, jobs, lambda done: progress(done + 1 + len(todo), len(todo) + len(again) + 1))
    luck = luck_row(material, results, max(2, seeds // 2), jobs)  # there are many more wrong answers than right ones
    return [*_rows(material, plain, results, seeds), examined_row(material, [(first, plain), *results], jobs), luck]


def _rows(material: Material, plain: Run, results: list[Result], seeds: int) -> list[Row]:
    by_purpose = {plan.purpose: ran for plan, ran in results}
    return [
        *reference_rows(plain),
        empty_row(by_purpose["empty"]),
        enough_row(material),
        wrong_row(material, results),
        hints_row(material, results),
        right_row(material, results),
        independence_row(material, results),
        release_row(material),
        *(full_marks(f"full marks with {method}", by_purpose[method]) for method in START_METHODS),
        offline_row(by_purpose.get("offline")),
        seeds_row(results, seeds),
    ]


def _run_all(material: Material, todo: list[Plan], jobs: int, done: Callable[[int], None]) -> list[Result]:
    results = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for plan, ran in zip(todo, pool.map(lambda plan: _run(material, plan), todo), strict=True):
                results.append((plan, ran))
                done(len(results))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def _run(material: Material, plan: Plan) -> Run:
    return run(with_seeds(plan.notebook, range(plan.seeds)), material.support, material.root, plan.prefix)
