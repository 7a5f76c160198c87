"""The examiner's end of the conversation: it asks, and answers what a test's own objects are asked."""

from __future__ import annotations

import inspect
import operator
import socket
import sys
from collections.abc import Callable
from functools import reduce
from itertools import product
from types import ModuleType
from typing import Any

from .examine_files import Mirror
from .exceptions import put_into_words, revived
from .proxies import Proxy, proxy
from .wire import Back, Handle, Named, Reference, Thrown, WireError
from .wire_kinds import can_of, ends_quietly, kinds_of
from .wire_link import Link

PRIVATE = ("__main__", "classroom", "tests")  # whose names mean nothing, or too much, in the learner's process
LIBRARIES = ("torch", "torch.nn.functional", "numpy")  # where functions without a module's name are looked for
LENGTHS = range(3, 300)  # of a folder's name
MOST_TEXT = 1 << 20
FROM_LEARNERS: dict[str, Callable[..., object]] = {
    "call": lambda function, arguments, options: function(*arguments, **options),
    "len": len,
    "getitem": operator.getitem,
    "iter": iter,
    "next": ends_quietly,
}
"""What the learner's process may do with an object of the test."""


class Desk:
    """The test's own objects that were handed over, the learner's objects that arrived, and the line between them."""

    def __init__(self, connection: socket.socket, mirror: Mirror, deadline: float) -> None:
        self.objects: dict[int, object] = {}
        self.numbers: dict[int, int] = {}
        self.errors: list[BaseException] = []
        self.proxies: dict[int, Proxy] = {}
        self.mirror, self.there = mirror, ""
        self.link = Link(connection, self, self.answer, deadline)
        there = self.link.ask("root")
        # A text that is short would be replaced everywhere, a long one would make every text long.
        self.there = there if type(there) is str and there.startswith("/") and len(there) in LENGTHS else ""

    def ask(self, operation: str, *arguments: object) -> Any:
        """Ask the learner's process, after it has got the files that the test has written.

        Raises:
            Exception: what the learner's code raised.
            Broken: if the conversation is over.
        """
        changes = self.mirror.changes()
        if changes:
            self.link.ask("files", *changes)
        return self.link.ask(operation, *arguments)

    def look_up(self, name: str) -> Any:
        """The value of one of the learner's names.

        Raises:
            KeyError: if there is none.
        """
        found, value = self.ask("name", name)
        if found is not True:
            raise KeyError(name)
        return value

    def answer(self, operation: str, arguments: list[Any]) -> object:
        """Let the learner's process use an object of the test, as far as it may."""
        if operation not in FROM_LEARNERS or not arguments or id(arguments[0]) not in self.numbers:
            raise PermissionError("an object of the test can be called, indexed, measured and iterated over, no more")
        return FROM_LEARNERS[operation](*arguments)

    def refer(self, value: object) -> Reference:
        """Stand for an object of the test."""
        if isinstance(value, Proxy):
            return Back(value._proxy_number)
        named = library_name(value)
        if named is not None:
            return named
        number = self.numbers.setdefault(id(value), len(self.objects))
        self.objects[number] = value
        return Handle(number, type(value).__name__, kinds_of(type(value)), can_of(type(value)))

    def resolve(self, reference: Reference) -> object:
        """Find what the learner's process means; the same object is the same proxy each time."""
        if isinstance(reference, Back):
            return self.objects[reference.number]
        if isinstance(reference, Named):
            raise WireError("the learner's process may not name functions here")
        if reference.number not in self.proxies:
            self.proxies[reference.number] = proxy(reference, self.ask)
        return self.proxies[reference.number]

    def throw(self, error: BaseException) -> Thrown:
        """Put an error of the test's own objects into words: a failed check would tell what was expected."""
        self.errors.append(error)
        thrown = put_into_words(error, len(self.errors) - 1)
        text = "" if isinstance(error, AssertionError) else thrown.text
        return Thrown(thrown.name, thrown.kinds, text, "", thrown.mark)

    def revive(self, thrown: Thrown) -> BaseException:
        """Make an exception of what the learner's code raised; one of the test's own comes back as it went."""
        return self.errors[thrown.mark] if 0 <= thrown.mark < len(self.errors) else revived(thrown)

    def outgoing(self, text: str) -> str:
        """Put the learner's folder in the place of the examiner's."""
        return text.replace(self.mirror.root, self.there) if self.there else text

    def incoming(self, text: str) -> str:
        """Put the examiner's folder in the place of the learner's."""
        return text.replace(self.there, self.mirror.root) if self.there and len(text) <= MOST_TEXT else text


def library_name(value: object) -> Named | None:
    """How to find a library's own function, class or module in another process; None for anything else."""
    if isinstance(value, ModuleType):
        return None if value.__name__.split(".")[0] in PRIVATE else Named(value.__name__, "")
    if not isinstance(value, type) and not inspect.isroutine(value):
        return None
    # random.getrandbits is a method of an object that has no name, and stands in its class's module by its short name.
    home = getattr(value, "__module__", None) or type(getattr(value, "__self__", None)).__module__
    paths = [str(getattr(value, kind, "")) for kind in ("__qualname__", "__name__")]
    for module, path in product((home, *LIBRARIES), paths):
        if module in sys.modules and str(module).split(".")[0] not in PRIVATE:
            try:
                found: object = reduce(getattr, path.split("."), sys.modules[module])
            except AttributeError:
                continue
            if found is value:
                return Named(str(module), path)
    return None
