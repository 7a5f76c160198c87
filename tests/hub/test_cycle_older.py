"""The same cycle on JupyterHub 5.5, which the current Kubernetes chart brings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .cycle import whole_cycle
from .running import ClassroomHub, running_hub

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
OLDER = "5.5"


@pytest.fixture(scope="module")
def older(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JupyterHub 5.5 alone, to be put before the installed one: all that it needs is installed."""
    folder = tmp_path_factory.mktemp("older")
    command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--no-deps"]
    command += ["--python", sys.executable, "--target", str(folder), f"jupyterhub=={OLDER}.*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"JupyterHub {OLDER} can't be installed here: {done.stderr.strip()[-300:]}")
    return folder


@pytest.fixture(scope="module")
def hub(older: Path) -> Iterator[ClassroomHub]:
    path = os.pathsep.join(filter(None, [str(older), os.environ.get("PYTHONPATH")]))
    with running_hub(environment={"PYTHONPATH": path}) as running:
        yield running


def test_the_whole_cycle(hub: ClassroomHub) -> None:
    whole_cycle(hub)
    log = (hub.places.state / "hub.log").read_text()
    assert f"Running JupyterHub version {OLDER}" in log
    ada = hub.person("ada").log_in()
    server = ada.start_server().ask("GET", f"user/{ada.name}/api").headers["X-JupyterHub-Version"]
    assert server.startswith(OLDER)
