"""A GPU that is a folder (a program called nvidia-smi, and files that every process sees), and work for it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.grading.items import Verdict, WorkItem
from tests.classroom.grading.run.conftest import printed, submission

SMI = """#!{python}
import pathlib
for used in sorted(pathlib.Path({folder!r}).glob("*.used")):
    print(f"{{used.stem}}, {{used.read_text()}}, 1000")
"""
PLAIN = "def bad(x):\n    return x + 1"
ASKS = "import os\nprint([os.environ.get(name) for name in ('CUDA_VISIBLE_DEVICES', 'DATAKIT_GPU_FRACTION')])"
NAMES = ("GPU-a", "GPU-b")


class FakeGpus:
    """GPUs of 1000 MiB each.

    Args:
        folder: an empty folder.
        count: how many there are.
    """

    def __init__(self, folder: Path, count: int = 1) -> None:
        self.folder = folder
        program = folder / "bin" / "nvidia-smi"
        program.parent.mkdir()
        program.write_text(SMI.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)
        for name in NAMES[:count]:
            self.use(name, 10)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the program first on the path, of this process and of those that it starts."""
        monkeypatch.setenv("PATH", f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")

    def use(self, name: str, mebibytes: int) -> None:
        """Say how much of a GPU is in use."""
        new = self.file(name).with_suffix(".new")
        new.write_text(str(mebibytes))
        new.replace(self.file(name))

    def file(self, name: str) -> Path:
        """The file that says it."""
        return self.folder / f"{name}.used"


def gpu_item(answer: str, shares: int, student: str = "ada") -> WorkItem:
    """A submission that is lent a share; a library for GPUs takes more address space than others."""
    item = submission(answer)
    return replace(item, student=student, limits=replace(item.limits, memory=16 << 30, gpu_shares=shares))


def says(verdict: Verdict) -> list[str]:
    """What the first answer printed."""
    return printed(next(run for run in verdict.runs if run.cell == 1)).splitlines()
