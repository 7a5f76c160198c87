"""What stands for a value that stays in its own process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Handle:
    """An object of the sender's.

    Args:
        number: what the sender knows it by.
        name: its type's name.
        kinds: the dotted names of its type and of all its bases.
        can: what may be asked of it, a letter each: c call, l len, g getitem, i iterate, n next.
    """

    number: int
    name: str
    kinds: tuple[str, ...] = ()
    can: str = ""


@dataclass(frozen=True)
class Back:
    """An object of the receiver's, on its way home."""

    number: int


@dataclass(frozen=True)
class Named:
    """A library's own function, class or module, which the receiver has as well."""

    module: str
    path: str


@dataclass(frozen=True)
class Thrown:
    """An exception, as text.

    Args:
        name: its type's name.
        kinds: the names of its type and of all its bases, the nearest first.
        text: ``str()`` of it.
        trace: its traceback.
        mark: what the examiner knows it by, where it came from the examiner; else -1.
    """

    name: str
    kinds: tuple[str, ...]
    text: str
    trace: str = ""
    mark: int = -1


Reference = Handle | Back | Named


class Terms(Protocol):
    """How one side of a connection sends and receives what isn't plain."""

    def refer(self, value: object) -> Reference:
        """Stand for a value that has no plain form."""

    def resolve(self, reference: Reference) -> object:
        """Give what a received reference stands for."""

    def throw(self, error: BaseException) -> Thrown:
        """Put an exception into words."""

    def revive(self, thrown: Thrown) -> BaseException:
        """Make an exception of what was received."""

    def outgoing(self, text: str) -> str:
        """Rewrite a text that is sent."""

    def incoming(self, text: str) -> str:
        """Rewrite a text that was received."""
