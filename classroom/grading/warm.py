"""The grader's end of the warm parent: starts it in its sandbox, and asks it for kernels."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from classroom.grading import sandbox
from classroom.grading.inside.pages import FROM_THE_START
from classroom.grading.items import Limits
from classroom.grading.sandbox import NoSandboxError, refusal
from classroom.grading.warm_gifts import archive, lab_folder, listen, variables
from classroom.grading.warm_kernel import DOORS, KEEPER_KILLED, WarmKernel

MODULES = ("torch", "numpy", "matplotlib.pyplot", "datakit.check")
AGENT = "classroom.grading.agent"
START = 120.0  # seconds that importing may take on a busy machine
_MAIN = "import sys; sys.path.append({path!r}); from classroom.grading.inside.parent import main; main(*{arguments!r})"
_LARGEST = 1 << 16


class WarmParent:
    """A process that has imported torch once and forks a confined kernel in tenths of a second. A context manager.

    Args:
        modules: what it imports; what isn't installed is left out.
        hidden: folders that no submission may see, should they lie within the Python environment or below /usr.
        gpu: whether the GPUs' device files are visible inside.
        threads: how many threads numpy and torch use in each kernel; 0 leaves it to them.
        unsafe_no_sandbox: run without any confinement but the caps on one process. For submissions you wrote yourself.
        wait: until it has imported everything; who says no calls `await_ready` before the first kernel.

    Raises:
        NoSandboxError: if submissions can't be confined here; the message says why and what to do.
    """

    def __init__(
        self,
        modules: Iterable[str] = MODULES,
        hidden: Iterable[Path] = (),
        gpu: bool = False,
        threads: int = 0,
        unsafe_no_sandbox: bool = False,
        wait: bool = True,
    ) -> None:
        self._owner = os.getpid()
        self.confined, self.gpu = not unsafe_no_sandbox, gpu
        self._threads = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if threads}
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))
        atexit.register(self.close)
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log = (self._folder / "log").open("w+b")
        try:
            with theirs:
                self._process = self._start(theirs, (*modules, AGENT), hidden)
            if wait:
                self.await_ready()
        except BaseException:
            self.close()
            raise

    def __getstate__(self) -> dict[str, Any]:
        """What a process that this one starts needs to ask for kernels as well."""
        return {name: vars(self)[name] for name in ("_owner", "confined", "gpu", "_threads", "_folder", "_orders")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process's number: of bubblewrap, below which the warm parent and all kernels run."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs. A process that was forked from the one that started it can't know, and assumes so."""
        return os.getpid() != self._owner or self._process.poll() is None

    def spawn(
        self,
        files: Mapping[str, bytes],
        limits: Limits,
        environment: Mapping[str, str] | None = None,
        again: WarmKernel | None = None,
    ) -> WarmKernel:
        """Fork a kernel.

        Args:
            files: what lies in its working folder, content by path.
            limits: what it may use.
            environment: variables beside the few that every kernel has.
            again: a kernel that has ended, whose address and key the new one takes over.

        Raises:
            NoSandboxError: if its room can't be furnished.
            BrokenPipeError: if the warm parent has ended.
        """
        folder = again.folder if again else Path(tempfile.mkdtemp(dir=self._folder))
        listening = [listen(folder / name) for name in DOORS]
        report, theirs = socket.socketpair()
        key = again.key if again else secrets.token_hex(16)
        request = {
            "limits": asdict(limits),
            "environment": {**variables(None if self.confined else folder), **self._threads, **(environment or {})},
            "folder": "" if self.confined else str(lab_folder(folder)),
            "gpu": self.gpu,
            "key": key,
        }
        with archive(files) as packed, theirs, contextlib.ExitStack() as ours:
            for door in listening:
                ours.enter_context(door)
            descriptors = [theirs.fileno(), packed.fileno(), *(door.fileno() for door in listening)]
            with self._lock:
                socket.send_fds(self._orders, [json.dumps(request).encode()], descriptors)
        kernel = WarmKernel(report, folder, key)
        if failure := kernel.failed_to_start():
            kernel.close()
            if failure == KEEPER_KILLED:
                raise BrokenPipeError("The warm parent, or the new kernel's keeper, was killed.")
            raise NoSandboxError(refusal(failure)) if self.confined else OSError(failure)
        return kernel

    def await_ready(self) -> None:
        """Wait until it has imported everything.

        Raises:
            NoSandboxError: if submissions can't be confined here.
            OSError: if it didn't start for another reason.
        """
        self._orders.settimeout(START)
        try:
            answer = self._orders.recv(_LARGEST)
        except TimeoutError:
            answer = f"importing took longer than {START:.0f} s".encode()
        if answer != b"ready":
            self._log.seek(0)
            why = " ".join([answer.decode(), self._log.read()[-2000:].decode(errors="replace")]).strip()
            raise NoSandboxError(refusal(why)) if self.confined else OSError(f"The warm parent didn't start: {why}")
        self._orders.settimeout(None)

    def close(self) -> None:
        """End the warm parent and every kernel that it has forked."""
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.close)
        self._orders.close()
        self._log.close()
        if hasattr(self, "_process"):
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, theirs: socket.socket, modules: tuple[str, ...], hidden: Iterable[Path]) -> Popen[bytes]:
        arguments = (theirs.fileno(), self.confined, sandbox.ACCOUNT, modules)
        path = str(sandbox.OWN if self.confined else sandbox.HERE.parents[1])
        words = [sys.executable, "-I", "-c", _MAIN.format(path=path, arguments=arguments)]
        if self.confined:
            made = self._folder / "made"
            made.mkdir()
            words = [*sandbox.command(made, hidden, self.gpu), *words]
        return Popen(
            words,
            pass_fds=[theirs.fileno()],
            stdin=DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={**variables(Path("/tmp")), **self._threads, **FROM_THE_START},
            cwd="/",
        )
