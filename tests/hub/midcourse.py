"""A hub in the middle of a course: work handed in, honest and forged, collected, graded, and feedback given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat

from classroom.hub.as_user import run_as

from .client import Person
from .cycle import ANSWERS, LAB, answer, answered
from .forgeries import FORGERIES, HAND_IN
from .running import ClassroomHub, all_at_once

SCORES = {short: points for short, (_, points) in ANSWERS.items()}
WRONG = ANSWERS["cleo"][0]
SWAPPERS = ("learner4", "learner5")


@dataclass
class MidCourse:
    """A hub on which a class works.

    Args:
        hub: with six learners.
    """

    hub: ClassroomHub
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def course(self) -> str:
        """The main course's name."""
        return self.hub.names["main"]

    @property
    def root(self) -> Path:
        """Its folder, the grader's alone."""
        return self.hub.home("main") / "course-root"

    @property
    def inbound(self) -> Path:
        """Where submissions are laid."""
        return self.hub.places.exchange / self.course / "inbound"

    def scores(self) -> dict[str, float]:
        """What formgrader shows, by short names."""
        short = {name: each for each, name in self.hub.names.items()}
        found = self.people["tom"].grade(self.course, "GET", f"submissions/{LAB}")
        return {short[each["student"]]: each["score"] for each in found if each["autograded"]}

    def grade(self) -> None:
        """Collect in formgrader, and autograde whoever is there."""
        tom = self.people["tom"]
        tom.grade(self.course, "POST", f"assignment/{LAB}/collect")
        for name in sorted(path.name for path in (self.root / "course" / "submitted").iterdir()):
            tom.grade(self.course, "POST", f"submission/{LAB}/{name}/autograde")

    def run_as(self, short: str, code: str, environment: dict[str, str] | None = None) -> str:
        """Run Python as somebody's account (``root``: the machine's own); what it printed, errors among it."""
        name = None if short == "root" else self.account(short)
        return run_as(name, [str(self.hub.places.python), "-c", code], environment, Path("/")).stdout

    def account(self, short: str) -> str:
        """The account of a person, or for ``main`` and ``other`` of the course's grader."""
        name = self.hub.names[short]
        return f"grader-{name}" if short in ("main", "other") else name


def arrive(hub: ClassroomHub) -> MidCourse:
    """Everyone comes, and the lab is released."""
    class_ = MidCourse(hub)
    come(class_)
    class_.people["ina"].grade(class_.course, "POST", f"assignment/{LAB}/assign")
    class_.people["ina"].grade(class_.course, "POST", f"assignment/{LAB}/release")
    return class_


def come(class_: MidCourse) -> None:
    """Everyone logs in with a new browser; learners start their servers, and staff open formgrader."""
    hub = class_.hub
    class_.people = {short: hub.person(short) for short in ("ina", "tom", "oda", *ANSWERS)}
    all_at_once(*(person.log_in for person in class_.people.values()))
    all_at_once(
        *(class_.people[short].start_server for short in ANSWERS),
        *(partial(class_.people[short].enter, f"services/{class_.course}/") for short in ("ina", "tom")),
        partial(class_.people["oda"].enter, f"services/{hub.names['other']}/"),
    )


def hand_in(class_: MidCourse, short: str) -> None:
    """Fetch, answer and submit on the learner's server."""
    person = class_.people[short]
    person.act("fetch", class_.course, LAB)
    answer(person, class_.hub, ANSWERS[short][0])
    assert (LAB, "submitted") in person.act("submit", class_.course, LAB)


def forge(class_: MidCourse) -> None:
    """Lay all forgeries into the exchange, and let two exchange their submissions."""
    hub, folder = class_.hub, class_.hub.places.root.parent
    released = nbformat.read(hub.places.exchange / class_.course / "outbound" / LAB / f"{LAB}.ipynb", 4)
    for name, changed in (("right", {}), ("wrong", WRONG)):
        nbformat.write(answered(hub, released, changed), folder / f"{name}.ipynb")
        (folder / f"{name}.ipynb").chmod(0o644)
    given: dict[str, str] = {**hub.names, "inbound": str(class_.inbound), "course": str(class_.root)}
    given |= {name: str(folder / f"{name}.ipynb") for name in ("right", "wrong")}
    begin = f"globals().update({given!r})\n{HAND_IN}"
    for each in FORGERIES:
        said = class_.run_as(each.by, f"{begin}secret = {each.secret!r}\n{each.code}")
        assert not said, f"{each.name}: {said}"
    for short in SWAPPERS:
        said = class_.run_as(short, f"{begin}secret = 'swapped'\nhand_in({short}, right)")
        assert not said, said
    one, other = (next(class_.inbound.glob(f"{hub.names[short]}+*")) for short in SWAPPERS)
    names = f"one, other, aside = {str(one)!r}, {str(other)!r}, {str(one) + 'aside'!r}\n"
    said = class_.run_as(SWAPPERS[0], f"import os\n{names}os.rename(one, aside); os.rename(other, one); "
                                      "os.rename(aside, other)")  # fmt: skip
    assert not said, said
