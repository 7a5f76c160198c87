"""The images, as far as they can be tested without Docker: what goes in, what may not, and that it can be built."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from classroom.leaks import MARKER

from .image_files import IMAGES, NAMES, ROOT, copied, files, lay_down

HADOLINT = Path(sys.executable).with_name("hadolint")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wheel(project: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, project]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint isn't installed (it comes with datakit[dev] on Linux)")
@pytest.mark.parametrize("name", NAMES)
def test_the_linter_finds_nothing(name: str) -> None:
    command = [HADOLINT, "--failure-threshold", "style", IMAGES / name / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_the_build_sees_what_is_copied_and_nothing_else(name: str) -> None:
    lines = (IMAGES / name / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(rule[1:] for rule in rules if rule.startswith("!")) == copied(name)
    assert {"**/__pycache__", "**/.ipynb_checkpoints"} <= set(rules)
    assert all((ROOT / source).exists() for source in copied(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_copied_and_installed_has_fixed_versions(name: str) -> None:
    text = (IMAGES / name / "Dockerfile").read_text().replace("\\\n", " ")
    for package in re.findall(r"pip install [^&\n]*?--no-cache-dir (\S+)", text):
        assert re.fullmatch(r"[\w-]+==[\d.]+", package)
    assert re.search(r"^ARG PYTHON=python:3\.11\.\d+-slim-\w+$", text, re.M)
    for command in re.findall(r"uv pip install[^&\n]*", text):
        assert "--constraint /build/versions.txt" in command or "--require-hashes" in command
    for command in re.findall(r"uv build[^&\n]*", text):
        assert "--build-constraint requirements.lock" in command


def test_the_learners_image_holds_no_solution_no_hidden_test_and_no_grader() -> None:
    given = files("learner")
    assert Path("datakit/check/compare.py") in given
    assert Path("labs/01_datasets/01_datasets.ipynb") in given
    assert {path.parts[0] for path in given} == {
        *("LICENSE", "README.md", "pyproject.toml", "requirements.lock"),
        *("datakit", "hub", "labs"),
    }
    assert not [path for path in given if {"solutions", "answers", "classroom", "tests", "course"} & set(path.parts)]
    text = {path: (ROOT / path).read_text(errors="replace") for path in given}
    assert not [path for path, content in text.items() if path.parts[0] != "datakit" and MARKER.search(content)]


def test_no_file_of_the_graders_side_is_in_the_learners_image_under_another_name() -> None:
    given = {digest(ROOT / path): path for path in files("learner") if (ROOT / path).stat().st_size}
    answers = [path for path in ROOT.glob("solutions/*/answers/**/*") if path.is_file()]
    sources = [folder / f"{folder.name}.py" for folder in ROOT.glob("solutions/*/")]
    grader = [path for path in ROOT.glob("classroom/**/*.py") if path.stat().st_size]
    secret = [*answers, *(source for source in sources if source.exists()), *grader]
    assert len(secret) > 100
    assert not [(path, given[digest(path)]) for path in secret if digest(path) in given]


def test_what_the_learners_build_gets_is_enough_for_datakit_and_holds_it_alone(tmp_path: Path) -> None:
    made = wheel(lay_down("learner", tmp_path / "src"), tmp_path / "wheels")
    target = tmp_path / "site"
    zipfile.ZipFile(made).extractall(target)
    assert {path.name for path in target.iterdir()} == {"datakit", "datakit-0.1.0.dist-info"}
    assert not [path for path in target.rglob("*") if "solution" in path.name or "answers" in path.name]
    # Nothing but this folder and the standard library: is there a grader to import?
    look = "import importlib.util as u, sys; sys.exit(not (u.find_spec('datakit') and not u.find_spec('classroom')))"
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(target)!r}); {look}"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0


def test_what_the_instructors_build_gets_is_enough_for_the_grader(tmp_path: Path) -> None:
    source = lay_down("instructor", tmp_path / "src")
    names = zipfile.ZipFile(wheel(source / "classroom", tmp_path / "wheels")).namelist()
    assert "classroom/grading/grade.py" in {name.removeprefix("./").replace("/./", "/") for name in names}
    assert (source / "solutions/01_datasets/01_datasets.py").exists()
    assert (source / "hub/roles/grader/nbgrader_config.py").exists()


def test_each_role_finds_its_settings_and_the_exchange_where_the_images_put_them() -> None:
    """On one machine a role's settings load the exchange's from the folder above; the images lay them the same way."""
    for role, name in (("learner", "learner"), ("instructor", "instructor"), ("grader", "instructor")):
        text = (IMAGES / name / "Dockerfile").read_text()
        assert f"COPY hub/roles/{role} /etc/datakit/{role}\n" in text
        own = IMAGES / "instructor" / "nbgrader_config.py"
        settings = own if role == "grader" else ROOT / "hub" / "roles" / role / "nbgrader_config.py"
        assert 'load_subconfig("exchange.py", path=str(Path(__file__).resolve().parents[1]))' in settings.read_text()
    assert "COPY hub/images/exchange.py /etc/datakit/\n" in (IMAGES / "learner" / "Dockerfile").read_text()


def test_versions_are_the_lock_s_but_for_those_that_an_image_has_itself() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    command = [IMAGES / "versions.sh", ROOT / "requirements.lock", "jupyterhub", "sqlalchemy"]
    kept = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    entry = re.compile(r"^([a-z0-9][\w.-]*==\S+)", re.M)
    gone = {name.split("==")[0] for name in set(entry.findall(lock)) - set(entry.findall(kept))}
    assert gone == {"jupyterhub", "sqlalchemy"}
    assert kept.count("--hash=") < lock.count("--hash=")
    assert set(kept.splitlines()) <= set(lock.splitlines())
