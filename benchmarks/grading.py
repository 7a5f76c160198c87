"""Grading a class, `classroom grade` beside plain `nbgrader autograde`: ``python -m benchmarks.grading``.

Each round grades the same honest class with each command, in a fresh copy of the course: plain nbgrader, then the
grader on one core with one job and on two with two, each on the whole class and on one learner alone (that is the
start: imports, the warm parent). Points are compared question by question. Then a class of 200 is checked again of
which nothing has changed.

Run it on a machine that does nothing else. The result is `benchmarks/results/grading.json`, with a table in
`docs/benchmarks/grading.md`.
"""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from benchmarks.grading_class import BOOK, LAB, hand_in, points
from benchmarks.grading_report import HOSTILE_RESULT, document
from benchmarks.ratios import Spread, gain, spread
from classroom.demo_class.course import lay_out
from datakit.experiments.machine import this_machine

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "grading.json"
DOCUMENT = ROOT / "docs" / "benchmarks" / "grading.md"
STOCK = ("nbgrader", "autograde", LAB)
MIB = 2**20
TRIES = 3


@dataclass(frozen=True)
class Run:
    """One command, measured.

    Args:
        seconds: from start to end.
        memory: MiB that the process held at most, its children aside.
    """

    seconds: float
    memory: float


def ours(jobs: int) -> tuple[str, ...]:
    """The words of the grader's command."""
    return ("classroom", "grade", LAB, "--jobs", str(jobs))


def measure(course: Path, words: Iterable[str], cores: int = 0) -> Run:
    """Run a command in a course.

    Args:
        course: where.
        words: the command.
        cores: how many it may use; 0 for all.

    Raises:
        RuntimeError: if it doesn't end well; with what it said.
    """
    with tempfile.TemporaryFile() as log:
        begin = time.perf_counter()
        process = psutil.Popen([sys.executable, "-m", *words], cwd=course, stdout=log, stderr=log)
        if cores:
            process.cpu_affinity(psutil.Process().cpu_affinity()[:cores])
        memory = 0
        while True:
            with suppress(psutil.NoSuchProcess):
                memory = max(memory, process.memory_info().rss)
            try:
                status = process.wait(0.1)
                break
            except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
                continue
        seconds = time.perf_counter() - begin
        log.seek(0)
        if status != 0:
            said = log.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(words)} ended with status {status}: {said}")
    return Run(seconds, memory / MIB)


def one_round(template: Path, alone: Path, scratch: Path, number: int) -> tuple[dict[str, Run], bool]:
    """Measure each command once, each time another one first; also whether all gave the same points."""
    commands = {
        "nbgrader": (template, STOCK, 2),
        "one core": (template, ours(1), 1),
        "start on one": (alone, ours(1), 1),
        "two cores": (template, ours(2), 2),
        "start": (alone, ours(2), 2),
    }
    names = list(commands)
    shift = number % len(names)
    runs, given = {}, {}
    for name in (*names[shift:], *names[:shift]):
        course, words, cores = commands[name]
        copy = scratch / "copy"
        shutil.copytree(course, copy)
        runs[name] = measure(copy, words, cores)
        given[name] = points(copy / BOOK)
        shutil.rmtree(copy)
        typer.echo(f"round {number + 1} {name:12} {runs[name].seconds:7.1f} s {runs[name].memory:6.0f} MiB")
    for name in ("one core", "two cores"):
        for key in sorted(given["nbgrader"].keys() | given[name].keys()):
            theirs, own = given["nbgrader"].get(key), given[name].get(key)
            if theirs != own:
                typer.echo(f"round {number + 1} {key}: nbgrader gave {theirs}, {name} {own}")
    alike = given["nbgrader"] == given["one core"] == given["two cores"]
    return runs, alike and bool(given["nbgrader"])


def again(course: Path, learners: int, rounds: int) -> list[Run]:
    """Check a class again of which nothing has changed; it is graded first where it isn't yet.

    Raises:
        RuntimeError: if it is graded although nothing has changed.
    """
    if not course.exists():
        lay_out(course, ROOT, [ROOT / "solutions" / LAB])
        hand_in(course, learners)
    typer.echo(f"a class of {learners} was graded or checked in {measure(course, ours(2)).seconds:.1f} s")
    for _ in range(TRIES):
        verdicts = {path: path.stat().st_mtime_ns for path in course.glob("course/autograded/*/*/*.ipynb")}
        runs = [measure(course, ours(2)) for _ in range(rounds)]
        for run in runs:
            typer.echo(f"unchanged  {run.seconds:7.1f} s {run.memory:6.0f} MiB")
        if len(verdicts) == learners and all(path.stat().st_mtime_ns == then for path, then in verdicts.items()):
            return runs
        typer.echo("The code was changed meanwhile, and so the class was graded anew: once more.")
    raise RuntimeError("An unchanged class was written anew; keep the code unchanged while this runs.")


def judge(rounds: list[dict[str, Run]], unchanged: list[Run], learners: int) -> dict[str, Any]:
    """The figures that the bars are about."""
    seconds = {name: [one[name].seconds for one in rounds] for name in rounds[0]}
    starts = {"one core": "start on one", "two cores": "start"}
    beyond = {name: [one[name].seconds - one[of].seconds for one in rounds] for name, of in starts.items()}
    # T(cores, n) = start + n × each: from which class on is a bar reached, the start counted in?
    each = {name: spread(values).median / (learners - 1) for name, values in beyond.items()}
    start = spread(seconds["start"]).median - each["one core"]
    start_on_one = spread(seconds["start on one"]).median - each["one core"]
    worth = each["one core"] - 1.7 * each["two cores"]
    stock = spread(seconds["nbgrader"]).median / learners
    ahead = stock - 10 * each["two cores"]
    peak = max(run.memory for run in (*(one[name] for one in rounds for name in one if name != "nbgrader"), *unchanged))
    figures: dict[str, Spread | float | None] = {
        "times_nbgrader": gain(seconds["two cores"], seconds["nbgrader"], higher_is_better=False),
        "times_nbgrader_without_start": gain(
            beyond["two cores"],
            [value * (learners - 1) / learners for value in seconds["nbgrader"]],
            higher_is_better=False,
        ),
        "learners_for_10_with_start": 10 * start / ahead if ahead > 0 else None,
        "two_cores_with_start": gain(seconds["two cores"], seconds["one core"], higher_is_better=False),
        "two_cores_without_start": gain(beyond["two cores"], beyond["one core"], higher_is_better=False),
        "unchanged_seconds": spread([run.seconds for run in unchanged]),
        "memory_mib": peak,
        "start_seconds": start,
        "seconds_each_one_core": each["one core"],
        "seconds_each_two_cores": each["two cores"],
        "learners_for_1.7_with_start": max(1.0, (1.7 * start - start_on_one) / worth) if worth > 0 else None,
    }
    return {name: asdict(value) if isinstance(value, Spread) else value for name, value in figures.items()}


def main(
    learners: Annotated[int, typer.Option(min=2, help="How many in the class that is graded anew.")] = 12,
    large: Annotated[int, typer.Option(min=1, help="How many in the class that hasn't changed.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="How often each command is measured.")] = 2,
    keep: Annotated[Path | None, typer.Option(help="Where the large class lies between runs.")] = None,
    prepare: Annotated[bool, typer.Option(help="Grade the large class, measure nothing.")] = False,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = RESULT,
    document_to: Annotated[Path, typer.Option(help="Where the table goes.")] = DOCUMENT,
) -> None:
    """Measure, and write the result."""
    # As pip does when it installs; without it, whoever may not write into the environment compiles it in each process.
    for code in (Path(sysconfig.get_path("purelib")), ROOT / "classroom", ROOT / "datakit"):
        compileall.compile_dir(code, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        unchanged = again((keep or scratch / "large").resolve(), large, 1 if prepare else 3)
        if prepare:
            return
        template, alone = scratch / "class", scratch / "alone"
        lay_out(template, ROOT, [ROOT / "solutions" / LAB])
        shutil.copytree(template, alone)
        hand_in(template, learners)
        hand_in(alone, 1)
        busy = psutil.cpu_percent(2.0) / 100 * (psutil.cpu_count() or 1)
        measured = [one_round(template, alone, scratch, number) for number in range(rounds)]
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(this_machine()),
        "lab": LAB,
        "learners": learners,
        "large_class": large,
        "other_cores_before": round(busy, 2),
        "same_points": all(alike for _, alike in measured),
        **judge([runs for runs, _ in measured], unchanged, learners),
        "rounds": [{name: asdict(run) for name, run in runs.items()} for runs, _ in measured],
        "unchanged_rounds": [asdict(run) for run in unchanged],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    hostile = json.loads(HOSTILE_RESULT.read_text(encoding="utf-8")) if HOSTILE_RESULT.exists() else None
    document_to.write_text(document(result, hostile), encoding="utf-8")
    typer.echo(document(result, hostile))


if __name__ == "__main__":
    typer.run(main)
