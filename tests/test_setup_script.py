"""scripts/setup.sh fails with a sentence that helps. (CI itself shows that it works on a clean clone.)"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE_PYTHON = Path(sys.base_prefix) / "bin" / "python3"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout without .venv, and a `bin` folder that alone is on the PATH."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "df", "awk", "printf"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return tmp_path


def provide(clone: Path, name: str, script: str) -> None:
    path = clone / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def setup(clone: Path, **environment: str) -> str:
    """Run the script, which must fail, and return what it says."""
    done = subprocess.run(
        [clone / "bin/sh", clone / "scripts/setup.sh", "lab"],
        env={"PATH": str(clone / "bin"), "HOME": str(clone), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert not (clone / ".venv/.lab").exists()
    return done.stderr


def test_no_python_at_all(clone: Path) -> None:
    said = setup(clone)
    assert "Python 3.11 or newer is needed; found: none" in said
    assert "apt install python3" in said


def test_an_old_python(clone: Path) -> None:
    provide(clone, "python3", 'case "$1" in --version) echo "Python 3.9.2";; *) exit 1;; esac')
    assert "found: Python 3.9.2" in setup(clone)


def test_a_python_that_was_named_and_does_not_serve(clone: Path) -> None:
    said = setup(clone, PYTHON="python2")
    assert "PYTHON=python2 is not Python 3.11 or newer" in said


def test_a_full_disk(clone: Path) -> None:
    provide(clone, "df", "printf 'Filesystem 1M-blocks Used Available\\n/dev/x 100 88 12\\n'")
    said = setup(clone)
    assert "12 MiB are free" in said
    assert "Free some space" in said


def test_python_without_venv(clone: Path) -> None:
    provide(clone, "python3", 'case "$1" in -m) exit 1;; *) exit 0;; esac')
    assert "apt install python3-venv" in setup(clone)


def test_no_network(clone: Path) -> None:
    """A real Python and a real pip, sent to an address where nobody listens."""
    (clone / "bin/python3").symlink_to(BASE_PYTHON)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    said = setup(clone, **nowhere)
    assert "pip could not fetch uv. Is there a network?" in said
