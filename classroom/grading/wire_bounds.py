"""How much one value may be, whoever sends it."""

from __future__ import annotations

from typing import Any

MOST_BYTES = 64 << 20
MOST_VALUES = 500_000
MOST_DEPTH = 60
CONSTANTS: dict[bytes, Any] = {b"N": None, b"1": True, b"0": False, b"E": Ellipsis, b"I": NotImplemented}


class WireError(ValueError):
    """A value that can't be sent, or bytes that hold no value."""
