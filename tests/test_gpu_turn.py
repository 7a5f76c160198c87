"""One notebook of a learner uses their share at a time: real processes, each of which may die."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from datakit.gpu_turn import ShareInUseError, take_turn

TAKES = """
import sys
from pathlib import Path
from datakit.gpu_turn import take_turn
take_turn(Path({folder!r}), {patience})
print("mine", flush=True)
{then}
"""
WAITS, ENDS = "sys.stdin.read()", ""
HANGS = 100.0  # seconds after which something hangs


def taker(folder: Path, then: str = ENDS, patience: float = 0.0) -> str:
    return TAKES.format(folder=str(folder), patience=patience, then=then)


@contextmanager
def notebook(folder: Path, then: str = WAITS) -> Iterator[subprocess.Popen[str]]:
    """Another kernel, which uses the GPU until its input is closed."""
    environment = {**os.environ, "JPY_SESSION_NAME": "/home/ada/my-labs/07_feeding.ipynb"}
    words, pipe = [sys.executable, "-c", taker(folder, then)], subprocess.PIPE
    with subprocess.Popen(words, env=environment, text=True, stdin=pipe, stdout=pipe) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "mine\n"
            yield process
        finally:
            process.kill()


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANGS)


def test_a_second_notebook_is_told_where_the_share_is(tmp_path: Path) -> None:
    with notebook(tmp_path) as first:
        with pytest.raises(ShareInUseError) as error:
            take_turn(tmp_path, patience=0)
        assert f"in use by 07_feeding.ipynb (process {first.pid})" in str(error.value)
        assert "Shut that one's kernel down" in str(error.value)


def test_a_kernel_that_was_killed_gives_it_back(tmp_path: Path) -> None:
    with notebook(tmp_path) as first:
        first.kill()
        first.wait(HANGS)
        assert run(taker(tmp_path)).stdout == "mine\n"


def test_a_kernel_that_is_being_restarted_is_waited_for(tmp_path: Path) -> None:
    with notebook(tmp_path) as first:
        second = subprocess.Popen([sys.executable, "-c", taker(tmp_path, patience=HANGS)], stdout=subprocess.PIPE)
        assert first.stdin is not None
        first.stdin.close()
        assert second.communicate(timeout=HANGS)[0] == b"mine\n"


def test_what_the_holder_starts_may_use_it_too(tmp_path: Path) -> None:
    child = f"import subprocess; subprocess.run([sys.executable, '-c', {taker(tmp_path)!r}], check=True)"
    assert run(taker(tmp_path, child)).stdout == "mine\nmine\n"


def test_a_child_that_forks_and_ends_takes_nothing_with_it(tmp_path: Path) -> None:
    forks = "import os\nif os.fork() == 0:\n    sys.exit()\nos.wait()\nprint('forked', flush=True)\nsys.stdin.read()"
    with notebook(tmp_path, forks) as first:
        assert first.stdout is not None and first.stdout.readline() == "forked\n"
        with pytest.raises(ShareInUseError):
            take_turn(tmp_path, patience=0)


def test_a_holder_that_has_not_said_who_it_is_yet_is_waited_for_as_well(tmp_path: Path) -> None:
    with notebook(tmp_path):
        (tmp_path / "holder.json").unlink()
        with pytest.raises(ShareInUseError, match="another program of yours"):
            take_turn(tmp_path, patience=0)


def test_it_lies_in_the_learners_own_cache(tmp_path: Path) -> None:
    code = "from datakit.gpu_turn import take_turn; take_turn()"
    for variable, place in (("XDG_CACHE_HOME", tmp_path / "a"), ("HOME", tmp_path / "b" / ".cache")):
        environment = {key: value for key, value in os.environ.items() if key != "XDG_CACHE_HOME"}
        environment[variable] = str(tmp_path / place.relative_to(tmp_path).parts[0])
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=HANGS)
        folder = place / "datakit" / "gpu-share"
        assert (folder / "holder.json").exists()
        assert folder.stat().st_mode & 0o777 == 0o700
