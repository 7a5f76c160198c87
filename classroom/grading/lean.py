"""Import nbformat without the slowest thing that it brings along and never uses."""

from __future__ import annotations

import sys

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
