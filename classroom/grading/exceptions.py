"""Exceptions as text, and text as exceptions of the nearest builtin type."""

from __future__ import annotations

import builtins
import traceback
from pathlib import Path
from types import TracebackType

from .wire_handles import Thrown

MOST_TEXT = 20_000
MOST_KINDS = 30
OWN_FOLDER = str(Path(__file__).parent)
BUILTIN: dict[str, type[Exception]] = {
    name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)
}


class Relayed:
    """Marks an exception that was raised in the other process."""

    thrown: Thrown


class Stopped(Exception):  # noqa: N818 - it stands for SystemExit and KeyboardInterrupt
    """The other process's code raised what would end a program."""


def put_into_words(error: BaseException, mark: int = -1) -> Thrown:
    """Describe an exception as text, whatever its own methods do.

    Args:
        error: the exception.
        mark: what the examiner knows it by, if it came from there.
    """
    kinds = tuple(_name(kind) for kind in type(error).__mro__[:MOST_KINDS])
    return Thrown(_name(type(error)), kinds, _text(error), _trace(error), mark)


def revived(thrown: Thrown) -> Exception:
    """Make an exception of the nearest builtin type, with the same text; its traceback is a note.

    It is never one that would end this process, an iteration or a generator here.
    """
    name = "".join(filter(str.isprintable, thrown.name))[:80] or "Exception"
    base = next((BUILTIN[kind] for kind in thrown.kinds if kind in BUILTIN), Stopped)
    if issubclass(base, StopIteration | StopAsyncIteration):
        base = RuntimeError
    kind: type[_Text] = type(name, (_Text, base), {"__module__": __name__})
    error = kind.__new__(kind)
    error.args, error.thrown = (thrown.text[:MOST_TEXT],), thrown
    if thrown.trace:
        error.add_note(thrown.trace[:MOST_TEXT])
    return error


class _Text(Relayed, Exception):  # noqa: N818
    """An exception that is made without its type's own constructor, which may want more than a text."""

    def __init__(self, *arguments: object) -> None:
        pass

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def _name(kind: type) -> str:
    return str(kind.__name__)[:200]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MOST_TEXT]
    except Exception as second:
        return f"(its text can't be had: {type(second).__name__})"


def _trace(error: BaseException) -> str:
    try:
        lines = traceback.format_exception(type(error), error, _own(error.__traceback__))
    except Exception as second:
        return f"(its traceback can't be had: {type(second).__name__})"
    return "".join(lines)[-MOST_TEXT:]


def _own(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the first frames, which are those of the grader."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OWN_FOLDER):
        trace = trace.tb_next
    return trace
