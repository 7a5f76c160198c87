"""The grading benchmark's result as a page for people."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from benchmarks.ratios import Spread
from datakit.experiments.machine import Machine

HOSTILE_RESULT = Path(__file__).parent / "results" / "grading_hostile.json"
GRACE = 5.0  # seconds that a submission may go beyond its limit
MEMORY = 500.0  # MB that the grader may hold
BARS = {"nbgrader": 10.0, "jobs": 1.7, "unchanged": 10.0, "memory": MEMORY}


def document(result: dict[str, Any], hostile: dict[str, Any] | None = None) -> str:
    """The page's Markdown.

    Args:
        result: of `benchmarks.grading`.
        hostile: of `benchmarks.grading_hostile`, if it has run.
    """
    names = (
        "times_nbgrader",
        "times_nbgrader_without_start",
        "two_cores_with_start",
        "two_cores_without_start",
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
        ("2 cores, times as fast as 1, without the start", start_out, f"≥ {BARS['jobs']:g}",
         start_out.median >= BARS["jobs"]),
        (f"2 cores, times as fast as 1, with the start ({learners} learners)", start_in, "", None),
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
        f"{result['seconds_each_one_core']:.2f} s on one core and {result['seconds_each_two_cores']:.2f} s on two. "
        f"With the start counted in, ten times nbgrader's speed is reached "
        f"{_from(result['learners_for_10_with_start'])}, and two cores are 1.7 times as fast as one "
        f"{_from(result['learners_for_1.7_with_start'])}.",
        "",
        f"Machine: {Machine(**result['machine'])}. Lab: `{result['lab']}`. One half of the class answers right, one "
        f"half makes known mistakes. All modules were compiled to bytecode before, as pip does when it installs. "
        f"Before the rounds others kept {result['other_cores_before']:.2f} cores busy.",
    ]  # fmt: skip
    return "\n".join(lines + (_hostile(hostile) if hostile else [])) + "\n"


def _hostile(result: dict[str, Any]) -> list[str]:
    rows, memory = result["rows"], result["memory"] / 1e6
    beyond, left = max(row["beyond"] for row in rows), sum(row["left"] for row in rows)
    kept = sum(row["others_kept"] for row in rows)
    slowest = max(rows, key=lambda row: row["beyond"])["name"]
    return [
        "",
        "## Hostile programs",
        "",
        f"Written by `python -m benchmarks.grading_hostile`, on {result['date'][:10]}. Each program is the answer to "
        f"one question of two; a cell may take {result['limits']['cell']:g} s, a submission "
        f"{result['limits']['total']:g} s.",
        "",
        "| what | measured | bar | reached |",
        "|---|---|---|---|",
        f"| programs | {len(rows)} | ≥ 20 | {_said(len(rows) >= 20)} |",
        f"| the other question's points kept, none for its own | {kept} of {len(rows)} | all | "
        f"{_said(kept == len(rows))} |",
        f"| seconds beyond a limit, at most ({slowest}) | {beyond:.1f} | < {GRACE:g} | {_said(beyond < GRACE)} |",
        f"| memory that the grading process held for itself: MB at most | {memory:.0f} | < {MEMORY:g} | "
        f"{_said(memory < MEMORY)} |",
        f"| processes left | {left} | 0 | {_said(left == 0)} |",
        "",
        f"Machine: {Machine(**result['machine'])}.",
    ]


def _from(learners: float | None) -> str:
    return "by no class" if learners is None else f"by classes of {math.ceil(learners)} and more"


def _said(reached: bool | None) -> str:
    return "" if reached is None else "yes" if reached else "**no**"
