from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil
import pytest
import torch

from datakit.experiments.machine import Machine, _processor, this_machine


def test_this_machine_is_this_machine() -> None:
    machine = this_machine()
    assert machine.cores_present == os.cpu_count()
    assert 0 < machine.cores <= len(psutil.Process().cpu_affinity() or [])
    assert 0 < machine.memory_gib <= psutil.virtual_memory().total / 2**30
    assert machine.torch == torch.__version__
    assert machine.python == platform.python_version()
    assert (machine.gpu is None) != torch.cuda.is_available()
    assert machine.processor in str(machine)


@pytest.mark.parametrize(
    ("cores", "words"), [(1.0, "1 of 8 cores"), (1.5, "1.5 of 8 cores"), (8.0, "A CPU, 8 cores, 16.0 GiB")]
)
def test_the_sentence_names_the_quota(cores: float, words: str) -> None:
    assert words in str(Machine("A CPU", cores, 8, 16.0, None, "2.15", "3.11"))


def test_the_sentence_says_whether_there_is_a_gpu() -> None:
    assert "no GPU" in str(Machine("A CPU", 8, 8, 16.0, None, "2.15", "3.11"))
    assert "NVIDIA L4" in str(Machine("A CPU", 8, 8, 16.0, "NVIDIA L4", "2.15", "3.11"))


def test_a_system_without_cpuinfo_still_has_a_name(tmp_path: Path) -> None:
    assert _processor(tmp_path / "absent")
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A CPU: fast\n")
    assert _processor(tmp_path / "cpuinfo") == "A CPU: fast"
