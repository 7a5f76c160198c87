"""Race the pipelines of a class, one after the other, each confined as submissions are."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from classroom.grading import sandbox
from datakit.challenge import PICTURES
from datakit.challenge.race import ChallengeError, Race, race
from datakit.challenge.start import PIPELINE


@dataclass(frozen=True)
class Entry:
    """What came of one learner's pipeline.

    Attributes:
        learner: the folder's name.
        points: for identical batches.
        ratio: how many times as fast as the slow pipeline; ``None`` unless all batches are identical.
        found: what to tell the learner.
    """

    learner: str
    points: float
    ratio: float | None
    found: str


def rank(
    folder: Path,
    most: float,
    rounds: int = 3,
    pictures: int = PICTURES,
    *,
    confined: bool = True,
    say: Callable[[str], object],
) -> list[Entry]:
    """Race each learner's pipeline against the slow one.

    They run one after the other, so that they don't take time from each other.

    Args:
        folder: holds a folder for each learner; somewhere in it lies ``my_pipeline.py``.
        most: the points for a pipeline all whose batches are identical.
        rounds: how many laps each runs.
        pictures: how many pictures an epoch has.
        confined: whether they run in a sandbox.
        say: told what came of each as soon as it is known.

    Returns:
        The fastest first; those with a batch that differs, and those that failed, at the end.

    Raises:
        FileNotFoundError: if no learner's folder holds a pipeline.
        NoSandboxError: if they can't be confined.
    """
    files = sorted(folder.glob(f"*/**/{PIPELINE}"))
    if not files:
        raise FileNotFoundError(f"No {PIPELINE} lies in a folder below {folder}. Expected LEARNER/{PIPELINE}.")
    if confined:
        sandbox.program()  # before the first race, not in it
    entries = []
    for file in files:
        entry = _raced(file, file.relative_to(folder).parts[0], most, rounds, pictures, confined)
        say(f"{entry.learner}: {entry.found}")
        entries.append(entry)
    return sorted(entries, key=lambda entry: (-(entry.ratio or 0), -entry.points, entry.learner))


def _raced(file: Path, learner: str, most: float, rounds: int, pictures: int, confined: bool) -> Entry:
    if file.is_symlink():
        return Entry(learner, 0, None, f"{PIPELINE} is a link, and links are not followed.")
    try:
        found: Race = race(file, rounds, pictures, start=_inside if confined else None)
    except ChallengeError as error:
        return Entry(learner, 0, None, str(error))
    return Entry(learner, found.points(most), None if found.difference else found.ratio, str(found))


def _inside(words: Sequence[str], file: Path, work: Path) -> list[str]:
    """Start a lap in the sandbox: it sees its own file and the pictures, and writes the result."""
    out, made = work / "out.json", work / "made"
    made.mkdir(exist_ok=True)
    out.chmod(0o666)
    start = ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/home/learner"]
    if os.getuid() == 0:  # root becomes nobody, without any of root's powers
        account = str(sandbox.ACCOUNT)
        start += ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", "--no-new-privs"]
        start += ["--inh-caps=-all", "--bounding-set=-all"]
    return [*sandbox.command(made, shown=[file, work / "photos"], written=[out]), *start, *words]


def save(entries: Sequence[Entry], file: Path) -> None:
    """Write the ranking as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("place", "learner", "points", "ratio", "found"))
        for place, entry in enumerate(entries, start=1):
            ratio = "" if entry.ratio is None else f"{entry.ratio:.2f}"
            writer.writerow(("" if entry.ratio is None else place, entry.learner, entry.points, ratio, entry.found))


def show(entries: Sequence[Entry]) -> None:
    """Print the ranking."""
    table = Table("place", "learner", "points", "× the slow pipeline")
    for place, entry in enumerate(entries, start=1):
        ratio = "–" if entry.ratio is None else f"{entry.ratio:.2f}"
        table.add_row("–" if entry.ratio is None else str(place), entry.learner, f"{entry.points:g}", ratio)
    Console().print(table)
