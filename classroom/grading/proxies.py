"""In the examiner: what stands for an object of the learner's.

Values that can be copied arrive as plain copies and are compared here. Everything else arrives as a proxy: using it
asks the learner's process, which may answer what it likes, again and again. A proxy equals itself and nothing else,
whatever the learner's ``__eq__`` says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from .wire import Handle
from .wire_kinds import telling_base

T = TypeVar("T")
Ask = Callable[..., Any]
SPECIAL = frozenset({"__getitems__", "__doc__", "__name__", "__qualname__", "__version__", "__all__"})
"""Names with two underscores that tests and loaders look up. Others mean something to Python, NumPy or torch: an
``__array_interface__``, say, is an address in memory."""


class Proxy:
    """Stands for an object of the learner's."""

    def __init__(self, number: int, ask: Ask) -> None:
        object.__setattr__(self, "_proxy_number", number)
        object.__setattr__(self, "_proxy_ask", ask)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_proxy") or (name.startswith("__") and name.endswith("__") and name not in SPECIAL):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._proxy_ask("getattr", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._proxy_ask("setattr", self, name, value)

    def __call__(self, *arguments: Any, **options: Any) -> Any:  # noqa: D102
        return self._proxy_ask("call", self, arguments, options)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        return _exactly(int, self._proxy_ask("len", self))

    def __getitem__(self, index: object) -> Any:
        return self._proxy_ask("getitem", self, index)

    def __setitem__(self, index: object, value: object) -> None:
        self._proxy_ask("setitem", self, index, value)

    def __delitem__(self, index: object) -> None:
        self._proxy_ask("delitem", self, index)

    def __contains__(self, item: object) -> bool:
        return _exactly(bool, self._proxy_ask("contains", self, item))

    def __iter__(self) -> Any:
        return _Items(self._proxy_ask("iter", self), self._proxy_ask)

    def __reversed__(self) -> Any:
        return _Items(self._proxy_ask("reversed", self), self._proxy_ask)

    def __next__(self) -> Any:
        return _next(self, self._proxy_ask)

    def __bool__(self) -> bool:
        return _exactly(bool, self._proxy_ask("bool", self))

    def __int__(self) -> int:
        return _exactly(int, self._proxy_ask("int", self))

    def __float__(self) -> float:
        return _exactly(float, self._proxy_ask("float", self))

    def __str__(self) -> str:
        return _exactly(str, self._proxy_ask("str", self))

    def __repr__(self) -> str:
        return _exactly(str, self._proxy_ask("repr", self))

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __enter__(self) -> Any:
        return self._proxy_ask("enter", self)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return bool(self._proxy_ask("exit", self, error))

    def __instancecheck__(self, other: object) -> bool:
        return isinstance(other, Proxy) and _exactly(bool, self._proxy_ask("isinstance", other, self))

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError(f"a {type(self).__name__} of the learner's can't be copied or sent on: it stays where it is")


class _Items:
    """An iterator over an object of the learner's."""

    def __init__(self, iterator: object, ask: Ask) -> None:
        self.iterator, self.ask = iterator, ask

    def __iter__(self) -> _Items:
        return self

    def __next__(self) -> Any:
        return _next(self.iterator, self.ask)


def proxy(handle: Handle, ask: Ask) -> Proxy:
    """Make what stands for an object of the learner's.

    Args:
        handle: what the learner's process told about it. Its type's name is shown in messages.
        ask: how to ask the learner's process.
    """
    name = "".join(filter(str.isprintable, handle.name))[:80]
    return _kind(name, telling_base(handle.kinds))(handle.number, ask)


@lru_cache(maxsize=1024)
def _kind(name: str, base: type | None) -> type[Proxy]:
    return type(name, (Proxy, base) if base else (Proxy,), {"__module__": __name__})


def _next(iterator: object, ask: Ask) -> Any:
    more, item = ask("next", iterator)
    if not more:
        raise StopIteration
    return item


def _exactly(kind: type[T], value: object) -> T:
    if isinstance(value, kind) and type(value) is kind:
        return value
    raise TypeError(f"a {kind.__name__} was asked for, {type(value).__name__} arrived")
