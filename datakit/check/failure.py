"""The error that a failed check raises, and how a notebook shows it."""

from __future__ import annotations

import re
import textwrap

WIDTH = 92  # characters that a notebook shows in a line on a small screen
INDENT = " " * 12  # the texts stand in one column, to the right of what they are


def is_unanswered(error: BaseException) -> bool:
    """Does this come from an answer that is still ``raise NotImplementedError()``?

    A library's own says more, such as which method a class lacks; then its words help further than "no answer yet". A
    worker's is relayed with its traceback, whose last line has no words either.
    """
    return isinstance(error, NotImplementedError) and (not str(error) or "\nNotImplementedError\n" in f"{error}\n")


class CheckFailed(AssertionError):  # noqa: N818 - read by learners: a check failed, their program did not break
    """A check that did not hold.

    Args:
        what: what was looked at, in the learner's terms (``"ds[-1]"``).
        arrived: what the learner's code gave, described.
        expected: what was expected, described.
        hint: what to try next; begins with ``[slug]`` where a known mistake was recognised.

    Attributes:
        exercise: the exercise in which it failed, where there is one.
    """

    def __init__(self, what: str, arrived: str, expected: str, hint: str = "") -> None:
        super().__init__(what, arrived, expected, hint)
        self.what = what
        self.arrived = arrived
        self.expected = expected
        self.hint = hint
        self.exercise = ""

    @property
    def slug(self) -> str:
        """The recognised mistake's name, empty if none was recognised."""
        found = re.match(r"\[([a-z0-9][a-z0-9-]*)\]", self.hint)
        return found[1] if found else ""

    def __str__(self) -> str:
        """The whole message, one aspect a line."""
        aspects = [("arrived", self.arrived), ("expected", self.expected), ("hint", self.hint)]
        lines = [f"  {name:<9} {_indented(text)}" for name, text in aspects if text]
        return "\n".join([self.what, *lines])

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback.

        The stack of a failed check leads through the test, which is no news to the learner; where the learner's own
        code raises, that error is shown with its full traceback instead.
        """
        return [f"✗ {_wrapped(str(self))}"]


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + INDENT)


def _wrapped(text: str) -> str:
    """Break long lines between words, as a notebook's output would break them anywhere."""
    lines = text.splitlines()
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False)
        for line in lines
    )
