"""A learner's process for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .forked_learner import ForkedLearner


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[ForkedLearner]:
    with ForkedLearner(tmp_path) as process:
        yield process
