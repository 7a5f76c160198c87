"""The files of hub/kubernetes as text, and the chart's published schema where this machine has it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.kubernetes.check.files import MANIFESTS, VALUES

SCHEMA = Path(__file__).parents[3] / "shared" / "hub" / "values.schema.yaml"


def texts() -> dict[str, str]:
    """The text of values.yaml and of each manifest, by file name."""
    return {name: (VALUES.parent / name).read_text() for name in ("values.yaml", *MANIFESTS)}


@cache
def schema() -> dict[str, Any]:
    """The chart's schema; a test that needs it is skipped where it is absent."""
    if not SCHEMA.exists():
        pytest.skip(f"the chart's published schema isn't at {SCHEMA}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(SCHEMA.read_text(), Loader=loader)
    return read
