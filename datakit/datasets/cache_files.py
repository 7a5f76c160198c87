"""Write a file that other processes see whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

PART = ".part"


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, or replace one, in a single step for everybody who looks.

    The pieces go to a file of another name in the same folder, which is then renamed. Whoever has the old file open
    keeps reading the old one. It is not forced onto the disk: a power cut may lose it, or leave damage that its reader
    must be able to notice.

    Args:
        path: the file.
        pieces: its content, in order.

    Raises:
        OSError: if it can't be written, because the disk is full, say. Nothing is left behind.

    Source: "rename", POSIX.1-2017.
    """
    # Named after its writer, so that two processes or threads never write into one file.
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{PART}")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
