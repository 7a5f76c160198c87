"""How *Validate* runs a notebook: settings that all roles agree on, loaded by ``exchange.py``."""

from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from datakit.harmless_warnings import HarmlessWarnings


class PrivateKernelManager(AsyncKernelManager):
    """A kernel behind sockets in a folder that only its account can enter.

    By default it would listen on ports of the machine. Every account could hear there what the notebook prints, and
    among many kernels that start at once now and then two choose the same port, and one of them dies.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._folder = TemporaryDirectory(prefix="kernel-")  # gone with this object
        self.transport = "ipc"
        self.connection_file = f"{self._folder.name}/kernel.json"


c = get_config()
c.Execute.kernel_manager_class = PrivateKernelManager
c.Execute.on_cell_start = HarmlessWarnings()  # a warning costs no point, here as in grading
c.Execute.startup_timeout = 180  # a machine on which a class starts at once is slow
