"""ngshare and its exchange, installed as the images install them: hub/images/ngshare and hub/images/learner."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .image_files import IMAGES, ROOT

UV = next(filter(None, [shutil.which("uv", path=str(Path(sys.executable).parent)), shutil.which("uv")]), None)


def ngshare_python(folder: Path) -> Path:
    """A Python with ngshare, in an environment of its own with the image's versions."""
    versions = folder / "versions.txt"
    command = [IMAGES / "versions.sh", ROOT / "requirements.lock", "jupyterhub", "sqlalchemy", "alembic"]
    versions.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    _uv("venv", "--quiet", "--python", sys.executable, folder / "ngshare")
    python = folder / "ngshare" / "bin" / "python"
    wanted = IMAGES / "ngshare" / "requirements.txt"
    _uv("pip", "install", "--quiet", "--python", python, "--constraint", versions, "--requirement", wanted)
    return python


def exchange_packages(folder: Path) -> Path:
    """A folder with ngshare_exchange alone, for PYTHONPATH."""
    place, wanted = folder / "exchange", IMAGES / "learner" / "exchange.txt"
    _uv("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", place, "--requirement", wanted)
    return place


def _uv(*words: str | Path) -> None:
    if UV is None:
        pytest.skip("ngshare's environment needs uv")
    done = subprocess.run([UV, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"ngshare can't be installed here: {done.stderr.strip().splitlines()[-1:]}")
