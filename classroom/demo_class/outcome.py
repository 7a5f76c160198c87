"""What each kind of learner got, held against what they should have got."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from rich.console import Console
from rich.table import Table

from classroom.course import Lab
from classroom.demo_class.members import SHARES, Member

SCORES = """
    SELECT submitted_assignment.student_id, SUM(COALESCE(grade.auto_score, 0)) FROM grade
    JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN assignment ON submitted_assignment.assignment_id = assignment.id
    WHERE assignment.name = ? GROUP BY submitted_assignment.student_id"""


def show(console: Console, lab: Lab, group: list[Member]) -> int:
    """Print what each kind of learner got, and who got what they should not; return how many these are."""
    with closing(sqlite3.connect(lab.root / "course" / "gradebook.db")) as gradebook:
        points = dict(gradebook.execute(SCORES, (lab.name,)).fetchall())
    table = Table(title=f"{lab.name}: points that a machine gives", title_justify="left")
    for heading in ("learners", "how many", "points", "not what they should have got"):
        table.add_column(heading)
    beyond = [one for one in group if not _fair(one, points)]
    for kind in SHARES:
        mine = [one for one in group if one.kind == kind]
        got = [points.get(one.student, 0.0) for one in mine]
        names = ", ".join(one.student for one in beyond if one.kind == kind)
        table.add_row(kind, str(len(mine)), f"{min(got):g} to {max(got):g}", names or "nobody")
    console.print(table)
    for one in beyond:
        arrived = f"{points[one.student]:g} points" if one.student in points else "no row in the gradebook"
        console.print(f"{one.student} {one.says}: {arrived}, expected {one.least:g} to {one.most:g}.", soft_wrap=True)
    return len(beyond)


def _fair(one: Member, points: dict[str, float]) -> bool:
    return one.student in points and one.least <= points[one.student] <= one.most
