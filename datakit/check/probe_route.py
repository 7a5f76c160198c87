"""Where a probe runs: beside the learner's objects, in whichever process they live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Route = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
_route: ContextVar[Route | None] = ContextVar("how to call a function beside the learner's objects", default=None)


def beside(function: Callable[..., Any], *arguments: object, **options: object) -> Any:
    """Call a library's function where the learner's objects live, and return what it gives.

    In a notebook that is here. An examiner outside the learner's process has the function called there, with the real
    objects instead of those that stand for them, and gets the result as plain data.

    Args:
        function: a function that can be imported by name from an installed package; none of a notebook's own.
        arguments: the learner's objects, and plain values.
        options: the same by name.
    """
    route = _route.get()
    return function(*arguments, **options) if route is None else route(function, arguments, options)


@contextmanager
def elsewhere(route: Route) -> Iterator[None]:
    """Run probes through ``route`` while the context lasts: an examiner's side of :func:`beside`."""
    token = _route.set(route)
    try:
        yield
    finally:
        _route.reset(token)
