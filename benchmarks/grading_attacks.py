"""What attacks get from plain nbgrader and from `classroom grade`: ``python -m benchmarks.grading_attacks``.

The result is `docs/administrators/stock_nbgrader.json`, and a table beside it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import grading_stock
from benchmarks.grading_ours import grade_all
from benchmarks.grading_outcome import LABS, ROOT, Attack, Outcome, table
from classroom.course import Course
from classroom.demo_class.course import lay_out, marked_answer
from classroom.demo_class.entries import Entry, read_catalogue
from classroom.demo_class.handin import answered
from classroom.verify.material import read_material
from classroom.verify.submission import reference_answers

ATTACKS = ROOT / "tests" / "classroom" / "grading" / "attacks"
RESULT = ROOT / "docs" / "administrators" / "stock_nbgrader.json"


def template(folder: Path, labs: Iterable[Path]) -> Course:
    """A built course with marked secrets, and a learner `ada` whose answers are right."""
    course = lay_out(folder, ROOT, list(labs), marked=True)
    for lab in course.labs():
        material = read_material(lab)
        right = {name: marked_answer(source) for name, source in reference_answers(material.source).items()}
        answered(material, right).write(course.work / "submitted" / "ada" / lab.name)
    return course


def main(
    only: Annotated[str, typer.Option(help="Only attacks whose label holds this.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="How many attacks on plain nbgrader side by side.")] = 1,
    save: Annotated[bool, typer.Option(help="Write the result to docs/administrators.")] = True,
) -> None:
    """Hand every attack in to both graders."""
    # What suits every lab is shown on the smallest.
    found = [read_catalogue(ATTACKS, lab.name, anywhere=lab is LABS[0]) for lab in LABS]
    entries = [entry for entries in found for entry in entries if only in entry.label]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        scratch = Path(folder) / "scratch"
        attacked = {entry.lab for entry in entries}
        course = template(Path(folder) / "template", [lab for lab in LABS if lab.name in attacked])
        materials = {lab.name: read_material(lab) for lab in course.labs()}
        ours: dict[str, Outcome] = {}
        for lab, material in materials.items():
            ours |= grade_all(course, material, [entry for entry in entries if entry.lab == lab], scratch)
        grading_stock.check(course, materials, scratch)

        def both(entry: Entry) -> Attack:
            plain = grading_stock.grade(course, materials[entry.lab], entry, scratch)
            return Attack(entry.label, entry.says, entry.earns or 0.0, plain, ours[entry.label])

        attacks = []
        for attack in pool.map(both, entries):
            attacks.append(attack)
            verdicts = f"{attack.verdict(attack.plain):40} {attack.verdict(attack.ours)}"
            typer.echo(f"{attack.attack:60} {verdicts}")
    if save:
        RESULT.write_text(json.dumps([asdict(attack) for attack in attacks], indent=1) + "\n")
        RESULT.with_suffix(".md").write_text(table(attacks))
    typer.echo(table(attacks).partition("\n")[0])


if __name__ == "__main__":
    typer.run(main)
