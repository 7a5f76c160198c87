"""The files that the agent consists of, to be copied into a sandbox that has no `classroom`."""

from __future__ import annotations

from pathlib import Path

PATTERNS = ("agent.py", "agent_stand_ins.py", "exceptions.py", "wire*.py")


def agent_files() -> dict[str, bytes]:
    """Content by file name: put them into one package, with its ``__init__.py``, and import ``PACKAGE.agent``."""
    here = Path(__file__).parent
    found = {path.name: path.read_bytes() for pattern in PATTERNS for path in sorted(here.glob(pattern))}
    return {"__init__.py": b"", **found}
