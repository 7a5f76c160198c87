"""The thirty of a class: who they are, what they hand in, and between which points their verdict must lie."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classroom.demo_class.damage import damaged
from classroom.demo_class.damage_bytes import HEAVY_BYTES
from classroom.demo_class.entries import Entry, read_catalogue
from classroom.demo_class.handin import HandIn, answered, compose
from classroom.verify.material import Material
from classroom.verify.submission import reference_answers

HEAD = re.compile(r"\A(#.*\n)*# hint: .*\n")  # the lines of a known mistake that no learner would write
MARKS = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
SHARES = {"right": 8, "mixed": 8, "honest": 6, "damaged": 4, "hostile": 4}


@dataclass(frozen=True)
class Member:
    """One learner of the class.

    Args:
        student: the id, which says what kind of learner it is.
        says: what this one does, in a sentence.
        handin: what is handed in.
        least: the fewest points that a machine may give.
        most: the most.
    """

    student: str
    says: str
    handin: HandIn
    least: float
    most: float

    @property
    def kind(self) -> str:
        """What kind of learner it is: a key of ``SHARES``."""
        return self.student.partition("-")[0]


def solved(material: Material) -> dict[str, str]:
    """The instructor's answers, without the marks around them."""
    return {name: MARKS.sub("", source) for name, source in reference_answers(material.source).items()}


def members(material: Material, catalogue: Path, seed: int) -> list[Member]:
    """A class for one lab.

    Args:
        material: the lab.
        catalogue: the folder that holds ``attacks`` and ``honest``.
        seed: another seed, another class.
    """
    chance = random.Random(f"{material.name} {seed}")
    possible = sum(exercise.points for exercise in material.exercises)
    return [
        *_right(material, chance, possible),
        *_mixed(material, chance, possible),
        *_entries(material, catalogue / "honest", "honest", chance, possible),
        *_damaged(material, chance, possible),
        *_entries(material, catalogue / "attacks", "hostile", chance, possible),
    ]


def _right(material: Material, chance: random.Random, possible: float) -> Iterator[Member]:
    for number in range(1, SHARES["right"] + 1):
        answers = solved(material)
        for name in answers if number > 1 else ():
            styles = [answers[name], *(answer.source for answer in material.known(name, right=True))]
            answers[name] = chance.choice(styles)
        yield Member(f"right-{number}", "answers everything right", answered(material, answers), possible, possible)


def _mixed(material: Material, chance: random.Random, possible: float) -> Iterator[Member]:
    for number in range(1, SHARES["mixed"] + 1):
        answers, sure, said = {}, 0.0, []
        right = solved(material)
        for exercise in material.exercises:
            wrong = material.known(exercise.name, right=False)
            kind = chance.choice(["right", "wrong", "wrong", "nothing"]) if wrong else "right"
            if kind == "right":
                answers[exercise.name] = right[exercise.name]
                sure += exercise.points
            elif kind == "wrong":
                mistake = chance.choice(wrong)
                answers[exercise.name] = HEAD.sub("", mistake.source)
                said.append(mistake.name)
        says = f"makes known mistakes: {', '.join(said)}" if said else "leaves exercises out"
        yield Member(f"mixed-{number}", says, answered(material, answers), sure, possible)


def _entries(material: Material, folder: Path, kind: str, chance: random.Random, possible: float) -> Iterator[Member]:
    # One that runs into every limit would keep a demonstration waiting for minutes.
    found = [entry for entry in read_catalogue(folder, material.name) if not entry.late]
    own = [entry for entry in found if (folder / material.name / f"{entry.name}.py").exists()]
    others = [entry for entry in found if entry not in own]
    drawn = chance.sample(own, min(len(own), SHARES[kind] // 2))
    drawn += chance.sample(others, SHARES[kind] - len(drawn))
    for entry in drawn:
        least, most = (0.0, entry.earns or 0.0) if entry.hostile else (possible, possible)
        yield Member(f"{kind}-{entry.name}", _sentence(entry), compose(entry, material), least, most)


def _sentence(entry: Entry) -> str:
    return f"{'tries' if entry.hostile else 'shows'} {entry.says}"


def _damaged(material: Material, chance: random.Random, possible: float) -> Iterator[Member]:
    sound = answered(material, solved(material))
    every = damaged(sound.content(), 1)
    lost = {change.__name__ for change in HEAVY_BYTES}
    light = [one for one in every if one.light]
    unreadable = [one for one in every if one.name.rpartition("-")[0] in lost]
    odd = [one for one in every if one not in light and one not in unreadable]
    for one in (*chance.sample(light, SHARES["damaged"] - 2), chance.choice(odd), chance.choice(unreadable)):
        broken = HandIn(material.name, sound.notebook, sound.files, raw=one.content)
        says = "has a damaged notebook that can be read" if one.light else "has a damaged notebook"
        yield Member(f"damaged-{one.name}", says, broken, possible if one.light else 0.0, possible)
