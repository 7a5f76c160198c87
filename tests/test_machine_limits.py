"""Readings of a container's limits, from files as the kernel writes them; and from this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from datakit.machine_limits import (
    allowed_cores,
    available_memory,
    cpu_quota,
    free_shared_memory,
    memory_limit,
    usable_cores,
)
from datakit.process_usage import ProcessUsage
from datakit.trials import run_trial

GIB = 2**30


def cgroup(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return folder


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu__cpu.cfs_quota_us": "200000\n", "cpu__cpu.cfs_period_us": "100000\n"}, 2.0),
        ({"cpu__cpu.cfs_quota_us": "-1\n", "cpu__cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_quotas_of_both_cgroup_versions(tmp_path: Path, files: dict[str, str], cores: float | None) -> None:
    assert cpu_quota(cgroup(tmp_path, **files)) == cores


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"memory.max": "1073741824\n"}, 2**30),
        ({"memory.max": "max\n"}, None),
        ({"memory__memory.limit_in_bytes": "2147483648\n"}, 2**31),
        ({}, None),
    ],
)
def test_memory_limits_of_both_cgroup_versions(tmp_path: Path, files: dict[str, str], limit: int | None) -> None:
    assert memory_limit(cgroup(tmp_path, **files)) == limit


@pytest.mark.parametrize(
    ("files", "available"),
    [
        ({"memory.max": "1000\n", "memory.current": "700\n"}, 300),
        ({"memory.max": "1000\n", "memory.current": "700\n", "memory.stat": "anon 5\ninactive_file 150\n"}, 450),
        ({"memory.max": "1000\n", "memory.current": "1200\n"}, 0),
        (
            {
                "memory__memory.limit_in_bytes": "1000\n",
                "memory__memory.usage_in_bytes": "900\n",
                "memory__memory.stat": "inactive_file 1\ntotal_inactive_file 50\n",
            },
            150,
        ),
    ],
)
def test_what_a_container_leaves(tmp_path: Path, files: dict[str, str], available: int) -> None:
    assert available_memory(cgroup(tmp_path, **files)) == available


def test_without_a_limit_the_machine_is_the_limit(tmp_path: Path) -> None:
    assert 0 < available_memory(tmp_path) <= psutil.virtual_memory().total


def test_without_psutil_the_error_names_the_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ModuleNotFoundError, match=r"available_memory\(\) needs the package psutil.*pip install"):
        available_memory()
    with pytest.raises(ModuleNotFoundError, match=r"tune\(\) needs the package psutil.*pip install"):
        run_trial(lambda num_workers: [1], {"num_workers": 0}, None, 0.01)
    with pytest.raises(ModuleNotFoundError, match=r"ProcessUsage needs the package psutil.*pip install"):
        ProcessUsage()


def test_this_machine() -> None:
    present = os.cpu_count() or 1
    assert 0 < usable_cores() <= allowed_cores(present) <= present


def test_shared_memory_is_a_file_system(tmp_path: Path) -> None:
    assert free_shared_memory(tmp_path / "absent") is None
    free = free_shared_memory(tmp_path)
    assert free is not None
    assert free > 0
