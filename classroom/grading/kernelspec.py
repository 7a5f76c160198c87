"""The kernel specification of warm, confined kernels.

``python -m classroom.grading.kernelspec`` installs it into this Python environment, ``--user`` for yourself alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from classroom.grading.provisioner import NAME


def specification(config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What stands in ``kernel.json``.

    Args:
        config: options of ``WarmProvisioner``.
    """
    return {
        "argv": [sys.executable],  # never executed: the warm parent forks
        "display_name": "Python 3 (warm, confined)",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": NAME, "config": dict(config or {})}},
    }


def install(prefix: Path | None = None, user: bool = False, config: Mapping[str, Any] | None = None) -> Path:
    """Install the specification.

    Args:
        prefix: of the environment that gets it.
        user: put it into the user's own folder instead.
        config: options of ``WarmProvisioner``.

    Returns:
        The folder it was written to.
    """
    with tempfile.TemporaryDirectory() as folder:
        # A folder of our own: a temporary one is closed to others, and Jupyter would copy that along.
        made = Path(folder) / NAME
        made.mkdir()
        (made / "kernel.json").write_text(json.dumps(specification(config), indent=1))
        target = None if user else str(prefix or sys.prefix)
        place = KernelSpecManager().install_kernel_spec(str(made), NAME, user=user, prefix=target)
    return Path(place)


def main() -> None:
    """Install it and say where."""
    parser = argparse.ArgumentParser(prog="python -m classroom.grading.kernelspec", description="Install the kernel.")
    parser.add_argument("--user", action="store_true", help="for you alone")
    parser.add_argument("--prefix", type=Path, help="the environment that gets it (default: this one)")
    arguments = parser.parse_args()
    print(f"Installed {NAME} in {install(arguments.prefix, arguments.user)}")


if __name__ == "__main__":
    main()
