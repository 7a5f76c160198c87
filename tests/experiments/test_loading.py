from __future__ import annotations

import subprocess
import sys

import pytest

from datakit.experiments.loading import KINDS, start_method


def test_processes_fork_where_that_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {"linux": {"process": "fork", "thread": None}, "darwin": {"process": None, "thread": None}}
    for platform, methods in expected.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert {kind: start_method(kind) for kind in KINDS.values()} == methods


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"kind='fibre' arrived; workers are one of 'process', 'thread'\."):
        start_method("fibre")


def test_importing_the_experiments_is_light() -> None:
    program = (
        "import sys; from datakit.experiments import bottleneck, coverage_grid, loader_queue, workers_grid; "
        "print(sorted({'pandas', 'matplotlib', 'ipywidgets', 'torchvision', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
