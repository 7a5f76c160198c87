"""However a loop ends, it leaves no process, no thread and no shared memory behind."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

import datakit
from tests.workers.worlds import KINDS, Large, Placed, Squares, Stream

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something counts as hanging. Nothing here takes a tenth of it."""


def left_running() -> list[str]:
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("DataLoader")]
    return threads + [str(child) for child in multiprocessing.active_children()]


def left_for_good() -> list[str]:
    """What still runs after a while: a process that was told to end may need a moment on a busy machine."""
    deadline = time.monotonic() + PATIENCE
    while (left := left_running()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def shared_memory() -> set[str]:
    """Names in shared memory, but for those of programs that have nothing to do with this one: other tests, say."""
    if not Path("/dev/shm").is_dir():
        return set()
    names = {path.name for path in Path("/dev/shm").iterdir()}
    family = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    for process in psutil.process_iter():
        if process.pid not in family:
            # It may end while it is looked at.
            with suppress(psutil.Error, OSError):
                maps = Path(f"/proc/{process.pid}/maps").read_text(errors="replace")
                names -= {Path(line.split()[5]).name for line in maps.splitlines() if "/dev/shm/" in line}
    return names


def left_in_shared_memory(before: set[str]) -> set[str]:
    """What is there for good and was not there before; other programs' names come and go while one looks."""
    deadline = time.monotonic() + 10
    while (left := shared_memory() - before) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def made(kind: Any, dataset: Any = None, **more: Any) -> datakit.DataLoader:
    return datakit.DataLoader(dataset or Large(40), 4, num_workers=2, workers=kind, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dataset", [Large(40), Placed(40), Stream(40)], ids=["large", "in place", "stream"])
def test_after_the_last_batch(kind: str, dataset: Any) -> None:
    memory, files = shared_memory(), open_files()
    for _ in range(3):
        batches = list(made(kind, dataset))
        assert not left_for_good()
    del batches
    assert open_files() == files
    assert not left_in_shared_memory(memory)


@pytest.mark.parametrize("kind", KINDS)
def test_after_break(kind: str) -> None:
    memory, files = shared_memory(), open_files()
    for _ in made(kind):
        assert len(left_running()) == 2
        break
    assert not left_for_good()
    assert open_files() == files
    assert not left_in_shared_memory(memory)


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_error_in_the_loops_body(kind: str) -> None:
    with pytest.raises(ZeroDivisionError):
        for _ in made(kind):
            raise ZeroDivisionError
    assert not left_for_good()


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_error_in_the_dataset(kind: str) -> None:
    # In a program of its own: in this process, whatever an earlier test left behind may hold on to an error.
    program = f"""
        from tests.workers.test_shutdown import left_for_good, made
        from tests.workers.worlds import Trouble

        try:
            list(made({kind!r}, Trouble(40, "damaged")))
        except OSError as error:
            print(error)
        print(left_for_good())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "damaged" in done.stdout and done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_collector_found_the_loader(kind: str) -> None:
    loader = made(kind, persistent_workers=True)
    for _ in range(2):
        list(loader)
        assert len(left_running()) == 2
    del loader
    assert not left_for_good()
    ring: list[Any] = [made(kind, persistent_workers=True)]
    next(iter(ring[0]))
    ring.append(ring)
    del ring
    gc.collect()
    assert not left_for_good()


def test_a_batch_outlives_its_workers_and_returns_its_memory_when_it_goes() -> None:
    files = open_files()
    (batch,) = list(made("process", Large(4)))
    assert batch[0][3, 0, 0] == 3
    batch[0].zero_()
    del batch
    assert open_files() == files


def script(kind: str, body: str) -> str:
    """A program whose workers are slow; it prints ``ready`` and the worker processes once the first batch is there."""
    program = f"""
        import os, signal, sys, time
        import psutil
        import datakit

        class Slow:
            def __len__(self):
                return 1000

            def __getitem__(self, index):
                time.sleep(0.01)
                return index

        def ready():
            print("ready", *(child.pid for child in psutil.Process().children(recursive=True)), flush=True)

        loader = datakit.DataLoader(Slow(), 2, num_workers=2, workers={kind!r})
    """
    return textwrap.dedent(program) + textwrap.dedent(body)


def start(code: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Run a program until it is ready; return it and its workers."""
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert program.stdout is not None
    line = program.stdout.readline().split()
    assert line[:1] == ["ready"], program.communicate()[1]
    return program, [psutil.Process(int(pid)) for pid in line[1:]]


def finish(program: subprocess.Popen[str], workers: list[psutil.Process]) -> tuple[int, str]:
    """Wait until a program and its workers are gone; return its exit code and what it said on stderr."""
    _, said = program.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert alive == []
    return program.returncode, said


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        "loop = iter(loader); next(loop); ready()",
        "loader = datakit.DataLoader(Slow(), 2, num_workers=2, workers=loader.workers, persistent_workers=True)\n"
        "loop = iter(loader); next(loop); ready()",
    ],
    ids=["loop alive", "persistent"],
)
def test_at_the_interpreters_end(kind: str, body: str) -> None:
    memory = shared_memory()
    program, workers = start(script(kind, body))
    assert len(workers) == (2 if kind == "process" else 0)
    assert finish(program, workers) == (0, "")
    assert not left_in_shared_memory(memory)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        "for batch in loader:\n    batch[0] == 0 and ready()",
        "for batch in loader:\n    ready()\n    time.sleep(1000)",
        "try:\n    for batch in loader:\n        batch[0] == 0 and ready()\n"
        "except KeyboardInterrupt:\n    assert len(list(loader)) == 500\n    raise",
    ],
    ids=["while it waits", "in the body", "and the loader is used again"],
)
def test_after_ctrl_c(kind: str, body: str) -> None:
    program, workers = start(script(kind, body))
    # As a terminal does it: to all of them.
    for process in [program, *workers]:
        os.kill(process.pid, signal.SIGINT)
    code, said = finish(program, workers)
    assert code == -signal.SIGINT
    assert said.count("Traceback") == 1
    assert said.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.slow
def test_workers_whose_main_process_is_killed_go_too() -> None:
    memory = shared_memory()
    program, workers = start(script("process", "for batch in loader:\n    ready()\n    time.sleep(1000)"))
    program.kill()
    finish(program, workers)
    assert not left_in_shared_memory(memory)


@pytest.mark.slow
def test_workers_go_also_where_another_process_holds_their_pipes_open() -> None:
    body = """
        loop = iter(loader)
        next(loop)
        ready()
        bystander = os.fork()
        if bystander == 0:
            os.close(1), os.close(2)
            time.sleep(1000)
        print(bystander, flush=True)
        time.sleep(1000)
    """
    program, workers = start(script("process", body))
    assert program.stdout is not None
    bystander = psutil.Process(int(program.stdout.readline()))
    try:
        program.kill()
        finish(program, workers)
        assert bystander.is_running()
    finally:
        bystander.kill()


@pytest.mark.slow
def test_a_worker_that_does_not_listen_is_ended() -> None:
    class Deaf(Squares):
        def __getitem__(self, index: int) -> int:
            if index:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(1000)
            return index

    for _ in datakit.DataLoader(Deaf(9), num_workers=1):
        break
    assert not left_for_good()


@pytest.mark.slow
def test_a_fork_of_the_main_process_leaves_the_workers_alone() -> None:
    body = """
        loop = iter(loader)
        next(loop)
        child = os.fork()
        if child == 0:
            del loop
            os._exit(0)
        os.waitpid(child, 0)
        ready()
        assert len(list(loop)) == 499
    """
    for kind in KINDS:
        program, workers = start(script(kind, body))
        assert finish(program, workers) == (0, "")
