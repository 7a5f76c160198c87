"""`datakit lab` as a learner meets it: real processes, a real JupyterLab."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from datakit.lab_server import free_port, port_problem
from tests.browser.lab_process import any_port

DATAKIT = [sys.executable, "-m", "datakit.cli"]


def datakit(*words: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DATAKIT, *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lab(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return datakit("lab", *options, folder=folder, **environment)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    (tmp_path / "labs/01_one").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "labs/01_one/01_one.ipynb")
    return tmp_path


def test_the_command_brings_no_torch() -> None:
    program = "import sys, datakit.cli; print(sorted({'torch', 'pandas', 'jupyterlab'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


def test_missing_labs_are_a_sentence(tmp_path: Path) -> None:
    result = lab(tmp_path, "--port", str(any_port()))
    assert result.returncode == 1
    assert result.stderr == (
        "datakit lab: There is no folder labs with labs. Start in datakit's folder, or pass --labs FOLDER.\n"
    )


def test_a_taken_port_names_who_has_it_and_what_to_do(course: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = lab(course, "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} is taken by {psutil.Process().name()} (process {os.getpid()})." in result.stderr
    other = re.search(r"datakit lab --port (\d+) \(or: make lab PORT=\1\)", result.stderr)
    assert other and int(other[1]) != port
    assert not (course / "my-labs").exists()


def test_the_port_that_is_advised_is_free() -> None:
    assert port_problem(free_port()) == ""


def test_a_port_of_the_system_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may use every port, so only a refusal from below shows it here.
    monkeypatch.setattr("datakit.lab_server._try_port", refuse)
    assert port_problem(80).startswith("Port 80 is reserved for the system. Choose another: datakit lab --port ")


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs root, to mount a tiny disk")
def test_a_full_disk_is_a_sentence(course: Path) -> None:
    (course / "labs/01_one/large.bin").write_bytes(b"x" * 2**20)
    (course / "tiny").mkdir()
    command = (
        f"mount -t tmpfs -o size=64k tmpfs tiny && {' '.join(DATAKIT)} lab --work tiny/my-labs --port {any_port()}"
    )
    result = subprocess.run(
        ["unshare", "-m", "sh", "-c", command], cwd=course, capture_output=True, text=True, check=False
    )
    if "mount:" in result.stderr or "unshare:" in result.stderr:
        pytest.skip(f"this container may not mount: {result.stderr.strip()}")
    assert "can't be written: No space left on device. Nothing of yours was changed. Free some space" in result.stderr


def test_a_wrong_option_is_no_traceback(tmp_path: Path) -> None:
    result = lab(tmp_path, "--port", "many")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.fixture
def server(course: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Start `datakit lab`; give the process, the address with token, and what it printed."""
    log = course / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*DATAKIT, "lab", "--port", str(any_port())],
            cwd=course,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "BROWSER": "none"},
        )
    address = None
    while address is None and process.poll() is None:
        time.sleep(0.1)
        address = re.search(r"(http://127\.0\.0\.1:\d+)(/lab/\S+)\?token=(\w+)", log.read_text())
    assert address, log.read_text()
    yield process, address[0], log.read_text()
    process.kill()
    process.wait()


def ask(address: str, path: str, data: dict[str, object] | None = None) -> tuple[int, bytes]:
    base, token = re.match(r"(http://[^/]+).*token=(\w+)", address).groups()  # type: ignore[union-attr]
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(base + path, data=body, headers={"Authorization": f"token {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.slow
def test_jupyterlab_serves_the_learners_copy_quietly(
    course: Path, server: tuple[subprocess.Popen[str], str, str]
) -> None:
    process, address, printed = server
    assert "/lab/tree/01_one/01_one.ipynb?token=" in address
    if os.geteuid() == 0:
        assert "JupyterLab is started with --allow-root." in printed
    assert "[W" not in printed and "[E" not in printed and "[I" not in printed
    assert json.loads(ask(address, "/api/contents/01_one")[1])["content"][0]["name"] == "01_one.ipynb"

    status, page = ask(address, "/lab")
    assert status == 200
    config = json.loads(re.search(rb'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    off = config["disabledExtensions"]
    for name in ("formgrader", "course-list", "create-assignment"):
        assert f"@jupyter/nbgrader:{name}" in off
    assert "@jupyter/nbgrader:validate-assignment" not in off
    assert ask(address, "/formgrader")[0] == 404
    assert config["news"] == {"disabled": True}
    setting = json.loads(ask(address, "/lab/api/settings/@jupyterlab/apputils-extension:notification")[1])
    assert setting["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert setting["schema"]["properties"]["checkForUpdates"]["default"] is False

    # Ctrl-C: the server ends, and its kernel with it.
    ask(address, "/api/kernels", {"name": "python3"})
    deadline = time.monotonic() + 60
    while not (kernels := psutil.Process(process.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernels
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    _, alive = psutil.wait_procs(kernels, timeout=10)
    assert not alive


@pytest.mark.slow
def test_a_port_taken_by_a_running_lab_is_told(course: Path, server: tuple[subprocess.Popen[str], str, str]) -> None:
    process, address, _ = server
    port = re.search(r":(\d+)/", address)[1]  # type: ignore[index]
    result = lab(course, "--port", port)
    assert result.returncode == 1
    assert f"(process {process.pid})" in result.stderr
