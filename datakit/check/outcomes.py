"""Check how a call ends: with the right error, or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from datakit.check.describe import describe
from datakit.check.exercise import count_check
from datakit.check.failure import CheckFailed, is_unanswered
from datakit.check.mistakes import Mistake, recognise

T = TypeVar("T")


def raises(
    kind: type[Exception],
    action: Callable[[], object],
    what: str,
    mentions: Iterable[object] = (),
    mistakes: Iterable[Mistake] = (),
) -> None:
    """Check that ``action`` raises ``kind`` with a message that holds what a reader needs.

    Args:
        kind: the expected type of error; a subclass serves too.
        action: a function of no arguments.
        what: what is done, in the learner's terms (``"ds[5]"``).
        mentions: each of these must stand in the message (``5`` is looked for as ``"5"``).
        mistakes: known mistakes; they are shown the value that was returned, or the exception that was raised.

    Raises:
        CheckFailed: if nothing is raised, another type is raised, or the message lacks something.
        NotImplementedError: if the answer is still empty.
        NameError: if something isn't defined, as after a restart of the kernel; no known mistake explains that.
    """
    count_check()
    mistakes = list(mistakes)
    needed = [str(mention) for mention in mentions]
    wanted = f"{kind.__name__} with a message that mentions {', '.join(needed)}" if needed else kind.__name__
    try:
        returned = action()
    except Exception as error:
        if is_unanswered(error) or (type(error) is NameError and not issubclass(NameError, kind)):
            raise
        missing = [mention for mention in needed if mention not in str(error)]
        if isinstance(error, kind) and not missing:
            return
        lacks = f"\n(the message lacks {', '.join(missing)})" if isinstance(error, kind) else ""
        raise CheckFailed(what, describe(error) + lacks, wanted, recognise(error, mistakes)) from error
    raise CheckFailed(what, f"no error; {describe(returned)} was returned", wanted, recognise(returned, mistakes))


def runs(action: Callable[[], T], what: str, mistakes: Iterable[Mistake] = ()) -> T:
    """Check that ``action`` runs without an error, and return what it gives.

    Args:
        action: a function of no arguments.
        what: what is done, in the learner's terms (``"Photos(manifest)"``).
        mistakes: known mistakes; they are shown the exception.

    Raises:
        CheckFailed: if it raises one that a known mistake explains. Any other error goes through as it is, because its
            traceback shows the line of the learner's code.
    """
    count_check()
    try:
        return action()
    except Exception as error:
        hint = "" if is_unanswered(error) else recognise(error, mistakes)
        if not hint:
            raise
        raise CheckFailed(what, describe(error), "no error", hint) from error
