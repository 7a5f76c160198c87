"""Run one test cell, and put into words how it ended."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from numpy import random as numpy_random  # here, not in each test's process: it takes as long as a test

from classroom.cell_code import imported_names
from classroom.exercises import BEGIN_HIDDEN
from classroom.grading.examine_desk import Desk
from classroom.grading.examine_files import Mirror
from classroom.grading.examine_names import Names
from classroom.grading.exceptions import BUILTIN, Relayed, Stopped
from classroom.grading.items import Result, Step, StepKind, WorkItem
from classroom.grading.wire_link import Broken, Gone, TimeUp
from datakit.check import CheckFailed
from datakit.check.in_place import meant_in_place
from datakit.check.probe_route import elsewhere

MOST_TEXT = 20_000
CHANGED = "The test holds only because your code changes the values that it is given. Leave them as they are."
HINT = re.compile(r"Hint: (?:\[([a-z0-9][a-z0-9-]*)\])?")


class OnlyChangedError(Exception):
    """A test held with values that the learner's code had changed, and not with those that it gave."""


def run_cell(
    step: Step, connection: socket.socket, item: WorkItem, imports: Mapping[str, object], seconds: float, root: Path
) -> Result:
    """Run a test cell in this process.

    Args:
        step: the test.
        connection: to the learner's process, where the agent serves.
        item: the submission to which it belongs.
        imports: names that the instructor's cells import.
        seconds: how long it may take.
        root: this process's folder, with the released files in it.
    """
    begin = time.monotonic()
    result = Result(step.grade_id, 0.0, step.points, BEGIN_HIDDEN in step.source)
    try:
        _run(step, connection, item, imports, begin + seconds, root)
        result = replace(result, points=step.points)
    except TimeUp:
        result = replace(result, error=f"ran longer than {seconds:g} s")
    except Gone:
        result = replace(result, error="died")
    except OnlyChangedError:
        result = replace(result, error=CHANGED)
    except Broken as error:
        result = replace(result, error=f"the learner's process sent what is no answer: {error}")
    except BaseException as error:  # SystemExit among them: whatever ends a test early gives no points
        result = _hidden(result, error) if result.hidden else _visible(result, error)
    return clean(replace(result, seconds=time.monotonic() - begin))


def _run(
    step: Step, connection: socket.socket, item: WorkItem, imports: Mapping[str, object], deadline: float, root: Path
) -> None:
    desk = Desk(connection, Mirror(root), deadline)
    names = Names(imports, import_table(item), desk.look_up)
    code = compile(step.source, f"<{step.grade_id}>", "exec", dont_inherit=True)
    try:
        with elsewhere(partial(desk.ask, "call")):
            seed_all(item.seed)
            meant_in_place()
            exec(code, {"__name__": "__main__", "__builtins__": names})
            if desk.link.had_effects and not meant_in_place():
                # The test may have made what it expects from values that the learner's code had changed.
                desk.link.takes_effects = False
                seed_all(item.seed)
                try:
                    exec(code, {"__name__": "__main__", "__builtins__": names})
                except Exception:
                    raise OnlyChangedError from None
    finally:
        # Broken now or already: then there is nobody to tell.
        with contextlib.suppress(Broken):
            desk.link.tell("done")


def import_table(item: WorkItem) -> dict[str, tuple[str, str]]:
    """The names that an item's instructor's cells import, each with its module and the attribute."""
    return imported_names(step.source for step in item.steps if step.kind is StepKind.RUN and not step.own)


def seed_all(seed: int) -> None:
    """Seed every generator that a test could use without saying so."""
    random.seed(seed)
    numpy_random.seed(seed % 2**32)
    torch.manual_seed(seed)


def _visible(result: Result, error: BaseException) -> Result:
    if isinstance(error, CheckFailed):
        return replace(
            result,
            what=error.what,
            arrived=error.arrived,
            expected=error.expected,
            hint=error.hint,
            mistake=error.slug,
        )
    text = str(error)
    if isinstance(error, Relayed):
        trace = error.thrown.trace
        return replace(result, error=f"{type(error).__name__}: {text}" + (f"\n{trace}" if trace else ""))
    hinted = HINT.match(text) if isinstance(error, AssertionError) else None
    if hinted:
        return replace(result, hint=text.removeprefix("Hint: "), mistake=hinted[1] or "")
    return replace(result, error=f"{type(error).__name__}: {text}")


def _hidden(result: Result, error: BaseException) -> Result:
    """As :func:`_visible`, without inputs and expected values: nor can the learner's error carry them out."""
    if isinstance(error, CheckFailed):
        return replace(result, what=error.exercise, hint=error.hint, mistake=error.slug)
    hinted = HINT.match(str(error)) if isinstance(error, AssertionError) and not isinstance(error, Relayed) else None
    if hinted:
        return replace(result, hint=str(error).removeprefix("Hint: "), mistake=hinted[1] or "")
    kind = next(kind for kind in type(error).__mro__ if kind in (*BUILTIN.values(), Stopped, BaseException))
    return replace(result, error=_without_inputs(error, kind))


def _without_inputs(error: BaseException, kind: type[BaseException]) -> str:
    """What a learner may know of an error that ended a hidden test. No colon: a page cuts off what comes after one."""
    name = kind.__name__
    if isinstance(error, Relayed):
        did = "tried to end the program" if kind is Stopped else f"raised {name}"
        return f"Your code {did}, for an input that is not shown here."
    if kind is AssertionError:
        return f"Something else came out than expected, for inputs that are not shown here ({name})."
    if kind is NameError:
        return f"A function or class that the hidden test uses is missing ({name}). Keep the names of the exercise."
    return (
        f"The hidden test could not use what your code gave back ({name}). "
        "Does it have the type and the shape that the exercise asks for?"
    )


def clean(result: Result) -> Result:
    """Cut long texts, and leave out what no file or database takes."""
    texts = {name: value for name, value in vars(result).items() if isinstance(value, str) and name != "test"}
    return replace(result, **{name: _clean(text) for name, text in texts.items()})  # type: ignore[arg-type]


def _clean(text: str) -> str:
    text = text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
    return text.replace("\0", "").encode("utf-8", "replace").decode()
