"""The API reference is built from the docstrings, and holds every public name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import datakit

ROOT = Path(__file__).parent.parent


def test_every_public_name_is_in_the_reference(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "scripts" / "api_docs.py"), str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "datakit.html").read_text(encoding="utf-8")
    pages = {path.stem for path in (tmp_path / "datakit").glob("*.html")}
    missing = [name for name in datakit.__all__ if f'id="{name}"' not in page and name not in pages]
    assert not missing
    assert str(ROOT) not in page
