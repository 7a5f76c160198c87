"""What an attack got from a grader, and how both graders' outcomes are shown side by side."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LABS = (
    ROOT / "tests" / "fixtures" / "mini_lab",
    ROOT / "tests" / "fixtures" / "loader_lab",
    ROOT / "solutions" / "01_datasets",
)
WITHSTOOD = "withstood"


@dataclass(frozen=True)
class Outcome:
    """What one grader made of one attack.

    Args:
        points: what it got.
        told: whether a secret stands in what the learner is given.
        ended: how the grader ended if it didn't end well.
    """

    points: float
    told: bool
    ended: str


@dataclass(frozen=True)
class Attack:
    """One attack on both graders.

    Args:
        attack: its label.
        tries: what it tries.
        earns: the points that its honest part is worth.
        plain: what plain nbgrader made of it.
        ours: what `classroom grade` made of it.
    """

    attack: str
    tries: str
    earns: float
    plain: Outcome
    ours: Outcome

    def verdict(self, outcome: Outcome) -> str:
        """What went wrong, in a few words."""
        more = outcome.points - self.earns
        wrong = [f"{more:+g} points"] if more > 0 or (more < 0 and not outcome.ended) else []
        wrong += ["secrets in the outputs"] if outcome.told else []
        wrong += [outcome.ended] if outcome.ended else []
        return ", ".join(wrong) or WITHSTOOD


def points(database: Path, lab: str, student: str) -> float:
    """A learner's points for a lab, from the gradebook; 0 if it holds nothing."""
    query = """
        SELECT COALESCE(SUM(COALESCE(manual_score, auto_score, 0)), 0) FROM grade
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN assignment ON submitted_assignment.assignment_id = assignment.id
        WHERE assignment.name = ? AND submitted_assignment.student_id = ?"""
    with closing(sqlite3.connect(database)) as gradebook:
        return float(gradebook.execute(query, (lab, student)).fetchone()[0])


def table(attacks: Sequence[Attack]) -> str:
    """All attacks as a table for people."""
    rows = [(each, each.verdict(each.plain), each.verdict(each.ours)) for each in attacks]
    plain = sum(verdict != WITHSTOOD for _, verdict, _ in rows)
    ours = sum(verdict != WITHSTOOD for _, _, verdict in rows)
    lines = [
        f"# Plain `nbgrader autograde`: {plain} of {len(rows)} attacks succeed; `classroom grade`: {ours}",
        "",
        "Written by `python -m benchmarks.grading_attacks`. *+2 points*: two more than the honest part is worth.",
        "",
        "| attack | tries | plain nbgrader | classroom grade |",
        "|---|---|---|---|",
        *(f"| {each.attack} | {each.tries.replace('|', '&#124;')} | {one} | {other} |" for each, one, other in rows),
    ]
    return "\n".join(lines) + "\n"
