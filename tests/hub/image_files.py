"""What a Dockerfile's build takes from the project."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "hub" / "images"
NAMES = ("learner", "instructor", "ngshare")
_MADE = {"__pycache__", ".ipynb_checkpoints"}


def copied(name: str) -> list[str]:
    """The sources of an image's COPY lines, as they stand there, without those from another stage."""
    text = (IMAGES / name / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    return sorted({source for line in lines if not line[0].startswith("--from") for source in line})


def files(name: str) -> list[Path]:
    """All files that get into an image's build, relative to the project's folder."""
    found: set[Path] = set()
    for source in copied(name):
        place = ROOT / source
        below = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
        found |= {path.relative_to(ROOT) for path in below}
    return sorted(path for path in found if not _MADE & set(path.parts))


def lay_down(name: str, folder: Path) -> Path:
    """A folder with what the build gets, and nothing else."""
    for path in files(name):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    return folder
