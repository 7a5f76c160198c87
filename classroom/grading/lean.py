"""Import quickly: without what is never used, and without looking for garbage time and again."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESSES = "rfc3987_syntax"
"""On import it compiles a grammar of international addresses, a second of work. No notebook has such a field."""


def import_nbformat() -> None:
    """Import nbformat; where it is imported already this changes nothing."""
    hidden = sys.modules.setdefault(ADDRESSES, None) is None  # type: ignore[arg-type]  # None: "can't be imported"
    try:
        import nbformat  # noqa: F401
    finally:
        if hidden:
            del sys.modules[ADDRESSES]


@contextmanager
def uncollected() -> Iterator[None]:
    """Import within this what lasts: no collection looks through it, neither now nor later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
