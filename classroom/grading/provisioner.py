"""Warm, confined kernels for all that speaks Jupyter: nbclient, papermill, JupyterLab, JupyterHub.

A kernel specification asks for it (see `kernelspec`):

    "metadata": {"kernel_provisioner": {"provisioner_name": "datakit-warm", "config": {"memory": 2147483648}}}

The first kernel of a process waits for the warm parent, some seconds; each later one is ready in tenths of a second. A
kernel works on a copy of the notebook's folder, in memory, which goes when the kernel ends: what it writes doesn't come
back, outputs in the notebook do.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Integer

from classroom.grading.items import Limits
from classroom.grading.warm_kernel import WarmKernel
from classroom.grading.warm_shared import shared_parent

NAME = "datakit-warm"
LARGEST = 64 << 20  # bytes of a folder that is copied into a kernel's memory


class WarmProvisioner(KernelProvisionerBase):
    """Forks kernels from this process's warm parent. Its options stand in the kernel specification under ``config``."""

    memory = Integer(Limits.memory, help="Bytes of memory and of scratch files, each.").tag(config=True)
    processes = Integer(Limits.processes, help="How many processes and threads.").tag(config=True)
    file_size = Integer(Limits.file_size, help="Bytes of one file.").tag(config=True)
    bring_folder = Bool(True, help="Give the kernel a copy of the folder in which it is started.").tag(config=True)

    kernel: WarmKernel | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel, running or ended."""
        return self.kernel is not None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; the command and the environment of an ordinary start are not used.

        Raises:
            NoSandboxError: if kernels can't be confined on this machine.
            ValueError: if the folder is too large to be copied.
        """
        files = folder_files(Path(kwargs.get("cwd") or ".")) if self.bring_folder else {}
        limits = replace(Limits(), memory=self.memory, processes=self.processes, file_size=self.file_size)
        again = self.kernel  # a restarted kernel keeps its address: its clients stay connected
        self.kernel = await asyncio.to_thread(lambda: shared_parent().spawn(files, limits, again=again))
        self.connection_info = cast("KernelConnectionInfo", {**self.kernel.connection, "key": self.kernel.key.encode()})
        return self.connection_info

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """What Jupyter prepares for a start, with no command: there is nothing to execute."""
        return {**await super().pre_launch(**kwargs), "cmd": []}

    async def poll(self) -> int | None:
        """None while the kernel runs, else 1."""
        return None if self.kernel and self.kernel.alive else 1

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        while self.kernel and self.kernel.alive:
            await asyncio.sleep(0.05)
        return 1

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel, or end it for any other signal than SIGINT and 0."""
        if self.kernel and signum == signal.SIGINT:
            self.kernel.interrupt()
        elif signum:
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all its processes."""
        if self.kernel:
            self.kernel.kill()

    async def terminate(self, restart: bool = False) -> None:
        """The same: a confined kernel leaves nothing that could be saved."""
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the kernel's sockets, unless it is about to start again."""
        if self.kernel and not restart:
            self.kernel.close()
            self.kernel = None


def folder_files(folder: Path) -> dict[str, bytes]:
    """The regular files of a folder and its subfolders, content by path, but for hidden ones and links.

    Raises:
        ValueError: if they have more than ``LARGEST`` bytes.
    """
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in name.parts):
            continue
        size += path.stat().st_size
        if size > LARGEST:
            raise ValueError(
                f"{folder} holds more than {LARGEST >> 20} MiB, too much to copy into a kernel's memory. Start the "
                'notebook in a smaller folder, or put "bring_folder": false into the kernel specification.'
            )
        found[str(name)] = path.read_bytes()
    return found
