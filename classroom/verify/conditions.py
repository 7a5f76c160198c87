"""Rows about the reference answers and the empty release: under which conditions are the marks what they should be?"""

from __future__ import annotations

from classroom.leaks import find_leaks
from classroom.verify.kernel import offline_prefix
from classroom.verify.material import Material
from classroom.verify.plan import Plan
from classroom.verify.rows import Row, Status, row
from classroom.verify.run import Mark, Run

MINUTES = 3.0


def release_row(material: Material) -> Row:
    """Does the release hold anything that learners must not see?"""
    leaks = find_leaks(material.source, material.answers, material.files)
    return row(
        "no solution, no hidden test in the release", f"{len(leaks)} leaks in {len(material.files)} files", leaks
    )


def reference_rows(run: Run) -> list[Row]:
    """Do the instructor's own answers get full marks, from top to bottom, in time?"""
    over = run.seconds > MINUTES * 60
    slow = [f"It took {run.seconds:.0f} s, expected at most {MINUTES:.0f} minutes."] if over else []
    return [
        full_marks("reference answers get full marks", run),
        row("runs from top to bottom in 3 minutes", f"{run.seconds:.0f} s", [*run.failed, *slow]),
    ]


def empty_row(run: Run) -> Row:
    """Does the release, handed in as it is, get nothing?"""
    faults = [f"{mark.test} gives {mark.points:g} points to no answer at all." for mark in run.marks if mark.points]
    return row("the empty release gets nothing", points(list(run.marks)), [*faults, *_early(run)])


def offline_row(run: Run | None) -> Row:
    """Full marks without a network?"""
    check = "full marks without a network"
    if run is not None:
        return full_marks(check, run)
    try:
        offline_prefix()
    except OSError as error:
        return Row(check, Status.skipped, "not checked", (f"The network was NOT taken away: {error}.",))
    raise ValueError("there is a sandbox, but no run in it")


def seeds_row(results: list[tuple[Plan, Run]], seeds: int) -> Row:
    """Do the hidden tests' seeds change the marks of the reference or of a right answer?"""
    tested = [(plan, run) for plan, run in results if plan.purpose in ("seeds", "right")]
    faults = [
        f"{_whose(plan, mark)} under seed {mark.seed}: {short(mark)}"
        for plan, run in tested
        for mark in run.marks
        if mark.seed is not None and not mark.full
    ]
    count = sum(mark.seed is not None for _, run in tested for mark in run.marks)
    return row(f"{seeds} seeds change no mark", f"{count} tests run again", faults)


def full_marks(check: str, run: Run) -> Row:
    """A row that holds if every test gave all its points."""
    faults = [short(mark) for mark in run.marks if not mark.full]
    return row(check, points(list(run.marks)), [*faults, *_early(run)])


def points(marks: list[Mark]) -> str:
    """Points got of points possible, in the ordinary run of each test."""
    plain = [mark for mark in marks if mark.seed is None]
    return f"{sum(mark.points for mark in plain):g} of {sum(mark.possible for mark in plain):g} points"


def short(mark: Mark) -> str:
    """What a test gave, and why, in one line."""
    return f"{mark.test} gives {mark.points:g} of {mark.possible:g}: {first_line(mark)}"


def first_line(mark: Mark) -> str:
    """The line of a test's output that says most: the error's own."""
    lines = [line.strip() for line in mark.text.splitlines() if line.strip()]
    return lines[0][:200] if lines else "no output"


def _early(run: Run) -> list[str]:
    return [f"The run ended early: {run.ended}."] if run.ended else []


def _whose(plan: Plan, mark: Mark) -> str:
    owners = [answer.label for name, answer in plan.known.items() if mark.test.startswith(f"{name}-")]
    return owners[0] if owners else "the reference answer"
