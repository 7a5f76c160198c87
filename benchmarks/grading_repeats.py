"""Does the same honest work get the same verdict each time? ``python -m benchmarks.grading_repeats``.

Each honest variant of the catalogue is graded again and again, its hidden inputs unchanged. The exit status is 1 if one
of them lost a point or got two different verdicts.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from classroom.course import Course, Lab
from classroom.demo_class.course import lay_out
from classroom.demo_class.entries import Entry, read_catalogue
from classroom.demo_class.handin import compose
from classroom.grading.grade_desk import open_desk
from classroom.grading.grade_runners import on_this_machine
from classroom.grading.items import Result, Verdict
from classroom.grading.rebuild import rebuild
from classroom.verify.material import read_material

from .grading_outcome import LABS, ROOT

HONEST = ROOT / "tests" / "classroom" / "grading" / "honest"
Results = tuple[Result, ...]


def repeats(course: Course, lab: Lab, entries: Iterable[Entry], times: int, jobs: int = 2) -> dict[str, list[Verdict]]:
    """Grade each entry again and again; the verdicts by entry.

    Args:
        course: a built course, to whose ``submitted`` the entries are added.
        lab: the lab.
        entries: what is graded.
        times: how often each.
        jobs: how many side by side.
    """
    material, items = read_material(lab), []
    with open_desk(course, lab) as desk:
        for entry in entries:
            compose(entry, material).write(course.work / "submitted" / entry.name / lab.name)
            item = rebuild(desk.original, desk.submission(entry.name)).item
            if item is None:
                raise RuntimeError(f"{entry.label} was refused, expected honest work.")
            items.append(item)
    found: dict[str, list[Verdict]] = {item.student: [] for item in items}
    for verdict in on_this_machine(jobs)(items * times):
        found[verdict.student].append(verdict)
    return found


def different(verdicts: Iterable[Verdict]) -> Counter[Results]:
    """How often there was which verdict, the seconds aside."""
    return Counter(tuple(replace(result, seconds=0.0) for result in verdict.results) for verdict in verdicts)


def main(
    times: Annotated[int, typer.Option(min=1, help="How often each is graded.")] = 20,
    jobs: Annotated[int, typer.Option(min=1, help="How many side by side.")] = 2,
) -> None:
    """Grade every honest variant again and again."""
    wrong, count, begin = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        course = lay_out(Path(folder) / "course", ROOT, list(LABS))
        for path in LABS:
            lab = course.choose([path.name])[0]
            # What suits every lab is shown on the smallest.
            entries = read_catalogue(HONEST, lab.name, anywhere=path is LABS[0])
            possible = sum(exercise.points for exercise in read_material(lab).exercises)
            for name, verdicts in repeats(course, lab, entries, times, jobs).items():
                outcomes = different(verdicts)
                lost = sum(possible - sum(result.points for result in verdict.results) for verdict in verdicts)
                wrong += len(outcomes) > 1 or lost > 0
                count += 1
                typer.echo(
                    f"{lab.name}/{name:40} {len(verdicts)} runs, {len(outcomes)} verdict(s), {lost:g} points lost"
                )
    typer.echo(
        f"{count} variants, {times} times each: {wrong} differ or lose points. {time.monotonic() - begin:.0f} s."
    )
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
