"""What a submission can see and reach: its own scratch disk, the Python environment, and nothing else."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from classroom.grading import sandbox
from classroom.grading.learner import Learner
from classroom.grading.sandbox import NoSandboxError
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import SMALL, cell, kernels, printed

ROOT = Path(__file__).resolve().parents[4]


def error_of(learner: Learner, code: str) -> str:
    """How a cell failed; it must have failed."""
    run = learner.run(cell(code))
    assert run.error, f"this went through: {code}"
    return run.error


def test_files_of_the_grader_are_not_there(learner: Learner, tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("every grade")
    places = [secret, ROOT / "solutions", ROOT / "classroom", ROOT / "tests", ROOT / "course", ROOT / ".git"]
    places += [Path("/etc/shadow"), Path.home() / ".ssh", Path("/var/log"), Path("/run"), Path(__file__)]
    seen = printed(learner.run(cell(f"import os\nprint([p for p in {list(map(str, places))} if os.path.exists(p)])")))
    assert seen == "[]"


def test_of_the_grader_only_the_agents_side_can_be_imported(learner: Learner) -> None:
    for module in ("classroom.grading.examine", "classroom.grading.items", "classroom.cli", "classroom.leaks"):
        assert error_of(learner, f"import {module}").startswith("ModuleNotFoundError")
    code = "import classroom, pathlib\nprint(sorted(p.name for p in pathlib.Path(classroom.__path__[0]).rglob('*.py')))"
    expected = {path.name for path in sandbox.own_files()} | {"__init__.py"}
    assert set(eval(printed(learner.run(cell(code))))) == expected


@pytest.mark.parametrize("place", ["/usr/x", "/etc/x", "/x", "/dev/x", "/opt/grader/x", sys.prefix + "/x", "/home/x"])
def test_nothing_outside_the_scratch_disk_can_be_written(learner: Learner, place: str) -> None:
    error = error_of(learner, f"open({place!r}, 'w')")
    assert "Read-only file system" in error or "Permission denied" in error


def test_there_is_no_network_but_the_own_loopback(learner: Learner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()[1]
        assert "refused" in error_of(learner, f"import socket\nsocket.create_connection(('127.0.0.1', {here}), 5)")
    assert "unreachable" in error_of(learner, "socket.create_connection(('192.0.2.1', 80), 5)")
    assert error_of(learner, "socket.getaddrinfo('example.org', 80)").startswith("gaierror")
    own = "server = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname(), 5).close()"
    assert not learner.run(cell(own)).error


def test_other_processes_are_neither_seen_nor_hit(learner: Learner, parent: WarmParent) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        code = """
import os, signal
for number in range(2, 70000):
    try:
        os.kill(number, signal.SIGKILL)
    except OSError:
        pass
print(os.getppid(), [n for n in os.listdir('/proc') if n.isdecimal()])
"""
        assert printed(learner.run(cell(code))) == "0 ['1']"
        assert bystander.poll() is None and psutil.pid_exists(os.getpid()) and parent.alive
    finally:
        bystander.send_signal(signal.SIGKILL)
        bystander.wait()


def test_it_has_no_rights_and_gets_none(learner: Learner) -> None:
    status = printed(learner.run(cell("print(open('/proc/self/status').read())")))
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")} == {0}
    assert fields["NoNewPrivs"] == "1" and fields["Uid"].split()[0] == "1000"
    host = printed(learner.run(cell("print(open('/proc/self/uid_map').read())"))).split()
    assert host[0] == "1000"
    for code in (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nassert libc.unshare(0x10000000) == 0",
        "assert libc.mount(b'tmpfs', b'/lab', b'tmpfs', 0, None) == 0",
        "assert libc.umount2(b'/tmp', 0) == 0",
        "os.memfd_create('x')",
        "os.setuid(0)",
        "os.mknod('disk', 0o60600, os.makedev(254, 0))",
        "assert libc.ptrace(16, 0, 0, 0) == 0",
        "os.chroot('.')",
    ):
        error_of(learner, code)


def test_the_learners_account_is_not_root_outside_either(learner: Learner, parent: WarmParent) -> None:
    accounts = {process.uids().effective for process in kernels(parent)}
    assert len(kernels(parent)) == 2 and 0 not in accounts


def test_a_folder_within_the_environment_can_be_hidden(tmp_path: Path) -> None:
    inside = Path(sys.prefix)
    words = sandbox.command(tmp_path, hidden=[inside / "share", tmp_path])
    covered = [place for word, place in pairwise(words) if word == "--tmpfs"]
    assert str(inside / "share") in covered  # within what is visible
    assert str(tmp_path) not in covered  # not visible anyway


def test_without_bubblewrap_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandboxError, match=r"bwrap isn't installed.*nothing was run.*--unsafe-no-sandbox"):
        WarmParent(modules=())


def test_where_the_system_refuses_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NoSandboxError, match="No permissions to create new namespace"):
        WarmParent(modules=())


def test_unsafe_runs_without_a_sandbox_and_still_leaves_no_process() -> None:
    with (
        WarmParent(modules=(), unsafe_no_sandbox=True) as warm,
        Learner(warm, {"words.txt": b"one"}, SMALL) as learner,
    ):
        code = "import subprocess\nsleeper = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        code += "print(open('words.txt').read(), sleeper.pid)"
        word, number = printed(learner.run(cell(code))).split()
        assert word == "one" and psutil.pid_exists(int(number))
        learner.close()
        assert not psutil.pid_exists(int(number))
