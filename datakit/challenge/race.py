"""Run a pipeline and the slow one in turn, on the same new pictures, and compare what they yield and how fast."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datakit._errors import check_positive
from datakit.challenge import PICTURES
from datakit.challenge.start import slow_pipeline
from datakit.samples import photo_corpus

EPOCHS = 2
PICTURE = (240, 320)  # height and width
SLOWEST = 600.0  # seconds that a lap may take

Starter = Callable[[Sequence[str], Path, Path], list[str]]
"""Makes the words that start a lap, of: the words that start it here, the pipeline's file, the work folder."""


class ChallengeError(RuntimeError):
    """A pipeline could not be run to its end; the message says why."""


@dataclass(frozen=True)
class Race:
    """What a race found.

    Attributes:
        slow_seconds: of each lap of the slow pipeline.
        seconds: of each lap of the other.
        batches: how many batches are expected in a lap.
        identical: how many were the same in every lap, byte for byte and in their place, less those that came on top.
        difference: what the first difference was; empty if there was none.
    """

    slow_seconds: tuple[float, ...]
    seconds: tuple[float, ...]
    batches: int
    identical: int
    difference: str

    @property
    def ratios(self) -> list[float]:
        """By what factor the pipeline was faster, lap by lap."""
        return [slow / mine for slow, mine in zip(self.slow_seconds, self.seconds, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    def points(self, most: float) -> float:
        """Return the points: the share of identical batches. Time gives none."""
        return most * self.identical / self.batches

    def __str__(self) -> str:
        laps = len(self.ratios)
        speed = f"{self.ratio:.2f} × as fast as the slow pipeline"
        if laps > 1:
            speed += f" (median of {laps} laps; {min(self.ratios):.2f} to {max(self.ratios):.2f})"
        verdict = self.difference or "Every batch is what the slow pipeline yields, byte for byte."
        if self.difference:
            speed = f"{speed}, which counts once all batches are identical"
        return f"{self.identical} of {self.batches} batches are identical. {verdict}\n{speed}."


def race(
    file: str | Path,
    rounds: int = 3,
    pictures: int = PICTURES,
    *,
    seed: int | None = None,
    start: Starter | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> Race:
    """Run a pipeline and the slow one in turn, each lap in a new process, and compare.

    Each race has pictures of its own, and each round a seed of its own, so that nothing can be prepared.

    Args:
        file: a Python file with the function ``batches``, as ``slow_pipeline.py`` has it.
        rounds: how many laps each of them runs.
        pictures: how many pictures an epoch has; a lap has two epochs.
        seed: of the pictures, orders and crops; by default a new one.
        start: how a lap of ``file`` is started, in a sandbox, say; by default as an ordinary process.
        say: told how long each round took.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if ``rounds`` or ``pictures`` is not a positive integer, or Python can't import a file of that name.
        ChallengeError: if a lap ends with an error or does not end.
    """
    file = Path(file).absolute()
    check_positive(rounds, "rounds", "race")
    check_positive(pictures, "pictures", "race")
    if not file.is_file():
        raise FileNotFoundError(
            f"race: there is no file {str(file)!r}. `datakit challenge start` makes one to begin with."
        )
    if file.suffix != ".py" or not file.stem.isidentifier():
        raise ValueError(f"race: Python can't import a file named {file.name!r}. Name it my_pipeline.py.")
    draw = random.Random(seed)
    slow = slow_pipeline()
    with tempfile.TemporaryDirectory(prefix="challenge-") as folder:
        work = Path(folder)
        photo_corpus(work / "photos", pictures, PICTURE, seed=draw.getrandbits(31))
        pairs = []
        for number in range(rounds):
            numbers = [str(draw.getrandbits(31)), str(EPOCHS)]
            # Who goes first changes, so that a cache of the system's helps both alike.
            order = [(slow, None), (file, start)] if number % 2 == 0 else [(file, start), (slow, None)]
            laps = {which: _lap(which, work, numbers, how) for which, how in order}
            pairs.append((laps[slow], laps[file]))
            times = f"the slow pipeline {laps[slow]['seconds']:.2f} s, {file.name} {laps[file]['seconds']:.2f} s"
            say(f"round {number + 1} of {rounds}: {times}")
    return _compared(pairs)


def _lap(file: Path, work: Path, numbers: list[str], start: Starter | None) -> dict[str, Any]:
    out = work / "out.json"
    out.write_text("")
    words = [sys.executable, "-m", "datakit.challenge.lap", str(file), str(work / "photos"), *numbers, str(out)]
    try:
        done = subprocess.run(
            start(words, file, work) if start else words, capture_output=True, text=True, timeout=SLOWEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChallengeError(
            f"{file.name} had not yielded its last batch after {SLOWEST:.0f} s. Does it ever end?"
        ) from None
    try:
        return _checked(json.loads(out.read_text(encoding="utf-8")))
    except ValueError:
        lines = [line for line in done.stderr.splitlines() if line.strip(" ^~")]
        said = "\n".join(lines[-9:]) or "It said nothing."
        raise ChallengeError(
            f"{file.name} ended with status {done.returncode} before its last batch:\n{said}"
        ) from None


def _checked(lap: Any) -> dict[str, Any]:
    """Refuse what no lap writes: the file could be written by the pipeline itself."""
    if not isinstance(lap, dict) or set(lap) != {"seconds", "batches"}:
        raise ValueError("not a lap")
    seconds, batches = lap["seconds"], lap["batches"]
    if not isinstance(seconds, float) or not 0 < seconds < SLOWEST or not isinstance(batches, list):
        raise ValueError("not a lap")
    parts = {"form", "images", "labels"}
    if not all(isinstance(batch, dict) and set(batch) == parts for batch in batches):
        raise ValueError("not a lap")
    return lap


def _compared(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Race:
    identical, difference = len(pairs[0][0]["batches"]), ""
    for slow, mine in pairs:
        expected, arrived = slow["batches"], mine["batches"]
        same = [one == other for one, other in zip(expected, arrived, strict=False)]
        surplus = max(0, len(arrived) - len(expected))
        identical = min(identical, max(0, sum(same) - surplus))
        difference = difference or _difference(expected, arrived, same)
    return Race(
        tuple(slow["seconds"] for slow, _ in pairs),
        tuple(mine["seconds"] for _, mine in pairs),
        len(pairs[0][0]["batches"]),
        identical,
        difference,
    )


def _difference(expected: list[dict[str, str]], arrived: list[dict[str, str]], same: list[bool]) -> str:
    if all(same):
        if len(arrived) == len(expected):
            return ""
        return f"{len(arrived)} batches arrived and {len(expected)} were expected, those of {EPOCHS} epochs."
    number = same.index(False)
    one, other = expected[number], arrived[number]
    if one["form"] != other["form"]:
        return f"Batch {number} is {other['form']}; {one['form']} is expected."
    wrong = [part for part in ("images", "labels") if one[part] != other[part]]
    return f"Batch {number} is the first that differs: in its {' and its '.join(wrong)}."
