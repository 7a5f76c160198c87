"""What a learner's image installs holds no grader, no solution and no hidden test."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def files_in_wheel(project: Path, folder: Path) -> list[str]:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, project],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return [name.removeprefix("./").replace("/./", "/") for name in zipfile.ZipFile(wheel).namelist()]


def test_a_learners_wheel_holds_datakit_alone(tmp_path: Path) -> None:
    names = files_in_wheel(ROOT, tmp_path)
    assert "datakit/check/compare.py" in names
    assert "datakit/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"datakit", "datakit-0.1.0.dist-info"}
    assert not [name for name in names if "solution" in name or "classroom" in name]


def test_an_instructors_wheel_holds_the_classroom(tmp_path: Path) -> None:
    names = files_in_wheel(ROOT / "classroom", tmp_path)
    assert "classroom/build.py" in names
    assert "classroom/cli.py" in names
    assert {name.split("/")[0] for name in names} == {"classroom", "datakit_classroom-0.1.0.dist-info"}
