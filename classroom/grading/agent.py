"""In the learner's process: answer what the examiner asks of the learner's names.

Nothing here is secret or trusted. The agent holds no test and no expected value, only the calls that the test makes;
whatever it answers, the examiner takes for what the learner's code says. It needs the standard library, NumPy, torch
and the files named in `agent_files`.
"""

from __future__ import annotations

import builtins
import importlib
import operator
import shutil
import socket
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

from .agent_stand_ins import StandIn, stand_in
from .exceptions import Relayed, put_into_words, revived
from .wire import Back, Handle, Named, Reference, Thrown
from .wire_kinds import can_of, ends_quietly, kinds_of
from .wire_link import Link


def serve(connection: socket.socket, namespace: dict[str, object]) -> None:
    """Answer the examiner until it is done or gone.

    Args:
        connection: this end of the conversation.
        namespace: the learner's names.

    Raises:
        Broken: if what arrives is no message.
    """
    agent = Agent(connection, namespace)
    try:
        agent.link.serve()
    finally:
        agent.close()


class Agent:
    """The learner's names, objects that the examiner knows by number, and a folder that mirrors the examiner's."""

    def __init__(self, connection: socket.socket, namespace: dict[str, object]) -> None:
        self.namespace, self.root = namespace, Path.cwd()
        self.objects: dict[int, object] = {}
        self.numbers: dict[int, int] = {}
        self.stand_ins: dict[int, StandIn] = {}
        self.link = Link(connection, self, self.answer)
        self.operations: dict[str, Callable[..., object]] = {
            **OPERATIONS,
            "name": self.look_up,
            "root": lambda: str(self.root),
            "files": self.write_files,
        }

    def close(self) -> None:
        """Let go of all that only the test needed: a loader's workers end with it."""
        self.link.over = True
        self.objects.clear()
        self.stand_ins.clear()

    def answer(self, operation: str, arguments: list[Any]) -> object:
        """Do what the examiner asks."""
        return self.operations[operation](*arguments)

    def look_up(self, name: str) -> tuple[bool, object]:
        """Find one of the learner's names: (true, value), or (false, None)."""
        return name in self.namespace, self.namespace.get(name)

    def write_files(self, changed: dict[str, bytes], folders: list[str], removed: list[str]) -> None:
        """Make this process's folder hold what a test wrote into its own."""
        for name in removed:
            path = self.root / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)  # with what the learner's code wrote there
            else:
                path.unlink(missing_ok=True)
        for name in folders:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name, content in changed.items():
            (self.root / name).write_bytes(content)

    def refer(self, value: object) -> Reference:
        """Keep an object, and stand for it by a number."""
        if isinstance(value, StandIn):
            return Back(value.number)
        number = self.numbers.setdefault(id(value), len(self.objects))
        self.objects[number] = value
        kind = type(value)
        return Handle(number, str(kind.__name__)[:200], kinds_of(kind), can_of(kind))

    def resolve(self, reference: Reference) -> object:
        """Find what the examiner means."""
        if isinstance(reference, Back):
            return self.objects[reference.number]
        if isinstance(reference, Named):
            path = reference.path.split(".") if reference.path else []
            return reduce(getattr, path, importlib.import_module(reference.module))
        if reference.number not in self.stand_ins:
            self.stand_ins[reference.number] = stand_in(reference, self.link.ask)
        return self.stand_ins[reference.number]

    def throw(self, error: BaseException) -> Thrown:
        """Put an exception into words."""
        return put_into_words(error, error.thrown.mark if isinstance(error, Relayed) else -1)

    def revive(self, thrown: Thrown) -> BaseException:
        """Make an exception of what the examiner raised."""
        return revived(thrown)

    def outgoing(self, text: str) -> str:
        """Leave texts as they are: the examiner knows this process's folder."""
        return text

    incoming = outgoing


def _leave(manager: Any, error: BaseException | None) -> object:
    return type(manager).__exit__(manager, type(error) if error else None, error, None)


OPERATIONS: dict[str, Callable[..., object]] = {
    "call": lambda function, arguments, options: function(*arguments, **options),
    "getattr": getattr,
    "setattr": setattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    "iter": iter,
    "next": ends_quietly,
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": _leave,
    "isinstance": isinstance,
    **{name: getattr(builtins, name) for name in ("len", "str", "repr", "bool", "int", "float", "reversed")},
}
