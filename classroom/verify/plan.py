"""Which notebooks to run: as few as show what must be shown, since each costs a kernel's start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from nbformat import NotebookNode

from classroom.answers import Answer
from classroom.verify.kernel import offline_prefix
from classroom.verify.material import Material
from classroom.verify.run import Run
from classroom.verify.submission import (
    reference_answers,
    submission,
    with_start_method,
    without_demonstrations,
)

START_METHODS = ("fork", "spawn")
BROKEN = "raise SystemError"  # a cell that defines nothing: the most that a learner's failure can take away


@dataclass(frozen=True)
class Plan:
    """One notebook to run.

    Args:
        purpose: which row of the report it is for.
        notebook: what to run.
        known: the known answers in it by exercise; the other exercises hold the reference answer.
        broken: the exercise whose answer cell doesn't run.
        prefix: words before the kernel's command.
        seeds: under how many seeds each test is run again.
    """

    purpose: str
    notebook: NotebookNode
    known: dict[str, Answer] = field(default_factory=dict)
    broken: str = ""
    prefix: tuple[str, ...] = ()
    seeds: int = 0


def reference(material: Material) -> NotebookNode:
    """The release with the instructor's own answers."""
    return submission(material.release, material.source, reference_answers(material.source))


def plans(material: Material, seeds: int) -> Iterator[Plan]:
    """All notebooks to run but the plain reference.

    Exercises don't build on each other, so one notebook holds the first wrong answer to each of them, the next one the
    second, and so on; where an exercise has no more wrong answers, the reference shows that the others cost it nothing.
    """
    yield Plan("empty", submission(material.release, material.source, {}))
    for method in START_METHODS:
        yield Plan(method, with_start_method(reference(material), method))
    with suppress(OSError):  # the report says why
        yield Plan("offline", reference(material), prefix=offline_prefix())
    yield Plan("seeds", without_demonstrations(reference(material)), seeds=seeds)
    for right in (True, False):
        known = {exercise.name: material.known(exercise.name, right=right) for exercise in material.exercises}
        for k in range(max((len(answers) for answers in known.values()), default=0)):
            chosen = {name: answers[k] for name, answers in known.items() if k < len(answers)}
            yield _with_known(material, chosen, seeds if right else 0)
    for exercise in material.exercises:
        answers = {**reference_answers(material.source), exercise.name: BROKEN}
        notebook = submission(material.release, material.source, answers)
        yield Plan("alone", without_demonstrations(notebook), broken=exercise.name)


def apart(material: Material, plan: Plan, run: Run, seeds: int) -> list[Plan]:
    """Where a run ended early with several known answers in it: the same answers one by one, to find who ended it."""
    if not run.ended or len(plan.known) < 2:
        return []
    return [_with_known(material, {name: answer}, seeds if answer.right else 0) for name, answer in plan.known.items()]


def _with_known(material: Material, known: dict[str, Answer], seeds: int) -> Plan:
    answers = {**reference_answers(material.source), **{name: answer.source for name, answer in known.items()}}
    notebook = without_demonstrations(submission(material.release, material.source, answers))
    purpose = "right" if all(answer.right for answer in known.values()) else "wrong"
    return Plan(purpose, notebook, known, seeds=seeds)
