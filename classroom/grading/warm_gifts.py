"""What a new kernel is given: variables, files, open sockets."""

from __future__ import annotations

import io
import os
import socket
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

HOME = "/home/learner"


def variables(home: Path | None) -> dict[str, str]:
    """The few environment variables that every kernel has; its home is the sandbox's where none is given."""
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), "/usr/bin", "/bin"])
    return {"PATH": path, "HOME": str(home or HOME), "USER": "learner", "LANG": "C.UTF-8", "CUDA_VISIBLE_DEVICES": ""}


def lab_folder(folder: Path) -> Path:
    """Make the working folder of a kernel that isn't confined."""
    lab = folder / "lab"
    lab.mkdir(exist_ok=True)
    return lab


def listen(path: Path) -> socket.socket:
    """Open a socket at which the kernel will take calls."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)
    door.bind(str(path))
    door.listen()
    return door


def archive(files: Mapping[str, bytes]) -> io.FileIO:
    """Pack files, content by path, into memory that can be handed to another process."""
    file = io.FileIO(os.memfd_create("files"), "w+")
    with tarfile.open(fileobj=file, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    file.seek(0)
    return file
