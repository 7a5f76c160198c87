"""Why a submission is not run: a name that a report can count, and a sentence that a person can read."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - not a fault of this program: a verdict
    """A submission can't be taken as it is.

    Args:
        name: the verdict's name, such as ``link``; a few lower-case words joined by hyphens.
        sentence: what arrived, what was expected, what to do.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(name, sentence)
        self.name = name
        self.sentence = sentence

    def __str__(self) -> str:
        """The verdict as it is recorded and shown: ``[link] 'notes.txt' is …``."""
        return f"[{self.name}] {self.sentence}"


def name_of(refused: str) -> str:
    """The name in a recorded refusal: ``link`` of ``[link] 'notes.txt' is …``."""
    return refused.partition("]")[0].removeprefix("[")


def refusal_of(refused: str) -> Refused | None:
    """A recorded refusal, taken apart again; None where nothing was refused."""
    return Refused(name_of(refused), refused.partition("] ")[2] or refused) if refused else None
