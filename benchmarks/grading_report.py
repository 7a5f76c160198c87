"""The grading benchmark's result as a page for people."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.ratios import Spread
from datakit.experiments.machine import Machine

BARS = {"nbgrader": 10.0, "jobs": 1.7, "unchanged": 10.0, "memory": 500.0}


def document(result: dict[str, Any]) -> str:
    """The page's Markdown."""
    names = (
        "times_nbgrader",
        "times_nbgrader_without_start",
        "two_jobs_with_start",
        "two_jobs_without_start",
        "unchanged_seconds",
    )
    stock, stock_out, start_in, start_out, again = (Spread(**result[name]) for name in names)
    memory, learners = result["memory_mib"], result["learners"]
    rows = [
        (f"`classroom grade`, times as fast as plain `nbgrader autograde` ({learners} learners, with the start)",
         stock, f"≥ {BARS['nbgrader']:g}", stock.median >= BARS["nbgrader"]),
        ("the same without the grader's start", stock_out, "", None),
        ("the same points, question by question", "yes" if result["same_points"] else "no", "yes",
         result["same_points"]),
        ("2 jobs, times as fast as 1, without the start", start_out, f"≥ {BARS['jobs']:g}",
         start_out.median >= BARS["jobs"]),
        (f"2 jobs, times as fast as 1, with the start ({learners} learners)", start_in, "", None),
        (f"an unchanged class of {result['large_class']}, checked again: seconds", again, f"< {BARS['unchanged']:g}",
         again.most < BARS["unchanged"]),
        ("the grader's own memory: MiB at most", f"{memory:.0f}", f"< {BARS['memory']:g} MB",
         memory * 2**20 < BARS["memory"] * 1e6),
    ]  # fmt: skip
    lines = [
        "# How fast is a class graded?",
        "",
        "Written by `python -m benchmarks.grading`, "
        f"on {result['date'][:10]}, rounds: {len(result['rounds'])}. Medians, with the least and the most in brackets.",
        "",
        "| what | measured | bar | reached |",
        "|---|---|---|---|",
        *(f"| {what} | {value} | {bar} | {_said(reached)} |" for what, value, bar, reached in rows),
        "",
        f"The start takes {result['start_seconds']:.1f} s; after it a submission takes "
        f"{result['seconds_each_one_job']:.2f} s with one job and {result['seconds_each_two_jobs']:.2f} s with two. "
        f"With the start counted in, ten times nbgrader's speed is reached "
        f"{_from(result['learners_for_10_with_start'])}, and two jobs are 1.7 times as fast as one "
        f"{_from(result['learners_for_1.7_with_start'])}.",
        "",
        f"Machine: {Machine(**result['machine'])}. Lab: `{result['lab']}`. One half of the class answers right, one "
        f"half makes known mistakes. Before the rounds others kept {result['other_cores_before']:.2f} cores busy.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _from(learners: float | None) -> str:
    return "by no class" if learners is None else f"by classes of {math.ceil(learners)} and more"


def _said(reached: bool | None) -> str:
    return "" if reached is None else "yes" if reached else "**no**"
