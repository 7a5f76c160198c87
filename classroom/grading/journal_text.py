"""A verdict as text and back: JSON, since a journal must be readable by the next version, and by a person."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import nbformat

from classroom.grading.items import CellRun, Result, Verdict


def verdict_text(verdict: Verdict) -> str:
    """A verdict as JSON."""
    return json.dumps(asdict(verdict), default=str)


def verdict_from(text: str) -> Verdict:
    """The verdict in a text that `verdict_text` made."""
    data = json.loads(text)
    data["results"] = tuple(Result(**_known(Result, result)) for result in data["results"])
    data["runs"] = tuple(_run(run) for run in data["runs"])
    data["notes"] = tuple(data["notes"])
    return Verdict(**_known(Verdict, data))


def _run(data: dict[str, Any]) -> CellRun:
    outputs = tuple(nbformat.from_dict(output) for output in data["outputs"])
    return CellRun(**_known(CellRun, {**data, "outputs": outputs}))


def _known(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
