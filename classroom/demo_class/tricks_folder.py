"""What is done to a submission's folder: links, pipes, another time of handing in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from classroom.demo_class.handin import HandIn
from classroom.demo_class.tricks import Trick


def link(made: HandIn, name: str, target: str) -> None:
    """Put a link beside the notebook; NOTEBOOK stands for the notebook itself."""

    def put(folder: Path) -> None:
        path = folder / (f"{made.lab}.ipynb" if name == "NOTEBOOK" else name)
        path.unlink(missing_ok=True)
        path.symlink_to(target.replace("LAB", made.lab))

    made.finish.append(put)


def folder_link(made: HandIn, target: str) -> None:
    """Make the whole folder a link."""

    def put(folder: Path) -> None:
        shutil.rmtree(folder)
        folder.symlink_to(target.replace("LAB", made.lab), target_is_directory=True)

    made.finish.append(put)


def pipe(made: HandIn, name: str) -> None:
    """Put a named pipe beside the notebook (or in its place): whoever reads it waits for ever."""

    def put(folder: Path) -> None:
        path = folder / (f"{made.lab}.ipynb" if name == "NOTEBOOK" else name)
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    made.finish.append(put)


def timestamp(made: HandIn, *words: str) -> None:
    """Write another time of handing in than the true one."""
    made.files["timestamp.txt"] = " ".join(words).encode()


TRICKS: dict[str, Trick] = {"link": link, "folder_link": folder_link, "pipe": pipe, "timestamp": timestamp}
