"""environment.yml, pyproject.toml, requirements.lock and the Makefile agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CLASSROOM = tomllib.loads((ROOT / "classroom/pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
# What benchmarks compare with. It is not locked: these libraries don't all fit into one environment.
BENCHMARKS_ONLY = {name for name in PROJECT["optional-dependencies"] if name == "bench"}
LOCK = dict(re.findall(r"^([a-z0-9-]+)==([^ \\]+)", (ROOT / "requirements.lock").read_text(), re.M))


def pip_lines() -> list[str]:
    return next(entry["pip"] for entry in CONDA if isinstance(entry, dict))


def test_conda_asks_for_the_python_that_the_project_asks_for() -> None:
    assert f"python{PROJECT['requires-python']}" in CONDA
    assert "pip" in CONDA
    assert PROJECT["requires-python"] == CLASSROOM["requires-python"]


def test_conda_installs_this_project_with_an_extra_that_exists() -> None:
    (extras,) = (re.search(r"\.\[(.+)\]", line) for line in pip_lines() if "--editable .[" in line)
    assert extras is not None
    assert set(extras[1].split(",")) <= set(PROJECT["optional-dependencies"])
    assert "--editable ./classroom" in pip_lines()


def test_conda_uses_the_locked_versions() -> None:
    assert "--constraint requirements.lock" in pip_lines()


def test_the_extras_are_those_that_are_documented() -> None:
    assert set(PROJECT["optional-dependencies"]) == {"lab", "data", "classroom", "hub", "dev"} | BENCHMARKS_ONLY


@pytest.mark.parametrize("group", ["base", "lab", "data", "classroom", "hub", "dev"])
def test_every_requirement_is_locked_to_a_version_that_it_allows(group: str) -> None:
    lines = PROJECT["dependencies"] if group == "base" else PROJECT["optional-dependencies"][group]
    for requirement in map(Requirement, lines):
        if requirement.name != "datakit":
            assert Version(LOCK[requirement.name]) in requirement.specifier, requirement


def test_the_lock_has_hashes_and_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.M).strip())
    assert len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_versions_of_both_distributions_are_the_same() -> None:
    assert PROJECT["version"] == CLASSROOM["version"]
