"""Which of two submissions counts where one was changed after intake. Light to import, for the command line."""

from __future__ import annotations

from enum import StrEnum


class Accept(StrEnum):
    """Which of two that differ an instructor accepts."""

    now = "now"
    first = "first"
