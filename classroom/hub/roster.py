"""Who is in which course, and what each learner may use: `hub.toml`, read and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# What `useradd` takes on every Linux, and JupyterHub and nbgrader's names of folders take as well.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_EXAMPLE = """\
# The classroom hub: who is in which course, and what each learner may use. Read at each start.
# Names become accounts of this machine: small letters, digits and hyphens.

[courses.datakit]
instructors = ["ina"]
assistants = ["tom"]
learners = ["ada", "ben", "cleo"]
release = true       # hand out all labs at once; false: in formgrader, one by one

[limits]
memory_gib = 4       # what one process of a learner's may allocate
processes = 512      # processes and threads of one learner
cores = 2.0          # told to PyTorch and to the labs; the system shares the cores fairly
file_gib = 8         # one file
starting = 4         # servers that may start at once; the others are asked to try again in some seconds
idle_minutes = 60    # a server without activity is stopped after so long
# gpu_share = 0.25   # the part of a GPU that a server gets if its person asks for one (docs/administrators/gpu.md)
"""


class RosterError(Exception):
    """Something in hub.toml that an administrator can repair; the message is for reading."""


@dataclass(frozen=True)
class Limits:
    """What one learner may use.

    Attributes:
        memory_gib: GiB that one process may allocate.
        processes: processes and threads, all together.
        cores: how many cores programs are told that there are.
        file_gib: GiB of one file.
        starting: how many servers may start at once, on the whole hub.
        idle_minutes: after so long without activity a server is stopped.
        gpu_share: the part of a GPU, up to 1, that a server gets if its person asks for one; 0 lends none.
    """

    memory_gib: float = 4.0
    processes: int = 512
    cores: float = 2.0
    file_gib: float = 8.0
    starting: int = 4
    idle_minutes: float = 60.0
    gpu_share: float = 0.0


@dataclass(frozen=True)
class CourseRoster:
    """The people of one course."""

    name: str
    instructors: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    learners: tuple[str, ...] = ()
    release: bool = True  # whether all labs are handed out at the start

    @property
    def staff(self) -> tuple[str, ...]:
        """Who may grade."""
        return tuple(sorted({*self.instructors, *self.assistants}))

    @property
    def grader(self) -> str:
        """The account under which this course is graded; nobody logs in as it."""
        return f"grader-{self.name}"


@dataclass(frozen=True)
class Roster:
    """All courses of a hub, and the limits."""

    courses: tuple[CourseRoster, ...]
    limits: Limits = field(default_factory=Limits)

    @property
    def staff(self) -> tuple[str, ...]:
        """Who may grade in some course."""
        return tuple(sorted({name for course in self.courses for name in course.staff}))

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone who may log in."""
        return tuple(sorted({*self.staff, *(name for course in self.courses for name in course.learners)}))

    @property
    def graders(self) -> tuple[str, ...]:
        """The accounts under which courses are graded."""
        return tuple(course.grader for course in self.courses)


def read_roster(file: Path) -> Roster:
    """Read ``hub.toml``; where there is none, an example is written first.

    Raises:
        RosterError: if something in it can't be right; the message says where.
    """
    if not file.exists():
        file.write_text(_EXAMPLE, encoding="utf-8")
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RosterError(f"{file} isn't TOML: {error}. Repair it, or delete it to get an example.") from None
    unknown = sorted(set(content) - {"courses", "limits"})
    if unknown:
        raise RosterError(f"{file} has [{unknown[0]}], which is unknown. Expected [courses.NAME] and [limits].")
    courses = content.get("courses")
    if not isinstance(courses, dict) or not courses:
        raise RosterError(f"{file} has no course. Expected a section [courses.NAME] with instructors and learners.")
    limits = content.get("limits", {})
    return Roster(tuple(_course(file, name, people) for name, people in sorted(courses.items())), _limits(file, limits))


def _course(file: Path, name: str, people: Any) -> CourseRoster:
    _check_name(file, f"[courses.{name}]", name, 31 - len("grader-"))
    expected = ("instructors", "assistants", "learners")
    if not isinstance(people, dict) or set(people) - {*expected, "release"}:
        raise RosterError(f"{file}, [courses.{name}]: expected release and, as lists of names, {', '.join(expected)}.")
    release = people.get("release", True)
    if not isinstance(release, bool):
        raise RosterError(f"{file}, [courses.{name}]: release is {release!r}. Expected true or false.")
    lists = {}
    for kind in expected:
        names = people.get(kind, [])
        if not isinstance(names, list):
            raise RosterError(f"{file}, [courses.{name}]: {kind} is {names!r}. Expected a list of names.")
        for person in names:
            _check_name(file, f"[courses.{name}] {kind}", person)
        lists[kind] = tuple(sorted(set(names)))
    course = CourseRoster(name, **lists, release=release)
    both = set(course.staff) & set(course.learners)
    if both:
        raise RosterError(
            f"{file}, [courses.{name}]: {min(both)} is a learner and grades as well. Give the person two accounts."
        )
    return course


def _check_name(file: Path, where: str, name: Any, longest: int = 31) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > longest:
        raise RosterError(
            f"{file}, {where}: {name!r} can't be a name. Expected a small letter, then small letters, digits and "
            f"hyphens, {longest} at most."
        )


def _limits(file: Path, given: Any) -> Limits:
    known: dict[str, type] = {name: type(value) for name, value in asdict(Limits()).items()}
    if not isinstance(given, dict):
        raise RosterError(f"{file}: limits is {given!r}. Expected a section [limits].")
    for name, value in given.items():
        if name not in known:
            raise RosterError(f"{file}, [limits]: {name} is unknown. Expected one of {', '.join(known)}.")
        whole = known[name] is int
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value <= 0:
            raise RosterError(
                f"{file}, [limits]: {name} is {value!r}. Expected a {'whole ' * whole}number greater than 0."
            )
    return Limits(**{name: known[name](value) for name, value in given.items()})
