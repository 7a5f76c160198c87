"""A kernel that starts behind another command: `env` to set variables, `bwrap` to take the network away."""

from __future__ import annotations

import shutil
import subprocess

from jupyter_client.manager import AsyncKernelManager
from traitlets import List, Unicode

SANDBOX = ("bwrap", "--dev-bind", "/", "/", "--unshare-net", "--proc", "/proc", "--die-with-parent")


class PrefixedKernelManager(AsyncKernelManager):
    """Starts the kernel's command behind a prefix, and talks to it through files instead of the network."""

    prefix = List(Unicode(), help="Words to put before the kernel's command.").tag(config=True)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The kernel's command line, with the prefix."""
        return [*self.prefix, *super().format_kernel_cmd(extra_arguments)]


def offline_prefix() -> tuple[str, ...]:
    """The words that start a command without a network.

    Raises:
        OSError: if that can't be had here; the message says why.
    """
    if shutil.which(SANDBOX[0]) is None:
        raise OSError("bwrap isn't installed (Debian: apt install bubblewrap)")
    trial = subprocess.run([*SANDBOX, "true"], capture_output=True, text=True, check=False)
    if trial.returncode != 0:
        raise OSError(f"bwrap can't take the network away here: {trial.stderr.strip()}")
    return SANDBOX
