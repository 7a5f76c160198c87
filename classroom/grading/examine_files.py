"""The examiner's folder, and what of it the learner's process has not seen yet."""

from __future__ import annotations

import os
import time
from pathlib import Path

RACY = 1_000_000_000  # nanoseconds: a file written within this time may be written again without a new time stamp
MOST_FILES_BYTES = 32 << 20

Mark = tuple[int, int, int]
Changes = tuple[dict[str, bytes], list[str], list[str]]


class Mirror:
    """What a test writes into its folder appears in the learner's, so that a path can be handed over.

    It is a one-way mirror: what the learner's code writes stays there.

    Args:
        root: the examiner's folder. What it holds now is taken as known.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.known: dict[str, tuple[Mark, int, bytes]] = {}
        self.folders: set[str] = set()
        self.changes()

    def changes(self) -> Changes | None:
        """What changed since the last call: files with their content, new folders, and what is gone; None if nothing.

        Raises:
            ValueError: if a file is too large to be handed over.
        """
        now = time.time_ns()
        changed: dict[str, bytes] = {}
        folders: list[str] = []
        there: set[str] = set()
        for entry in _walk(self.root):
            name = os.path.relpath(entry.path, self.root)
            there.add(name)
            if entry.is_dir(follow_symlinks=False):
                if name not in self.folders:
                    folders.append(name)
                continue
            status = entry.stat()
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
            old = self.known.get(name)
            if old is not None and old[0] == mark and mark[0] < old[1] - RACY:
                continue
            if status.st_size > MOST_FILES_BYTES:
                raise ValueError(f"the test's file {name} has {status.st_size:,} bytes; at most {MOST_FILES_BYTES:,}")
            content = Path(entry.path).read_bytes()
            if old is None or old[2] != content:
                changed[name] = content
            self.known[name] = (mark, now, content)
        # What lay in a folder goes before the folder.
        removed = sorted((self.known.keys() | self.folders) - there, reverse=True)
        for name in removed:
            self.known.pop(name, None)
            self.folders.discard(name)
        self.folders.update(folders)
        return (changed, folders, removed) if changed or folders or removed else None


def _walk(folder: str) -> list[os.DirEntry[str]]:
    found: list[os.DirEntry[str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += [entry, *_walk(entry.path)]
            elif entry.is_file():
                found.append(entry)
    return found
