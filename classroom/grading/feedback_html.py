"""Pages for people: templates with everything escaped, one style sheet, and a policy under which no script runs."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["points"] = points
    return made


def points(value: float) -> str:
    """Points as people write them: 2, 1.5, 0.33."""
    return f"{round(value, 2):g}"


def policy(style: str) -> str:
    """A Content-Security-Policy that allows this style sheet and pictures within the page, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def render(template: str, **values: object) -> str:
    """A page from one of the templates; whatever isn't marked as HTML is escaped."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return _environment().get_template(template).render(style=style, policy=policy(style), **values)
