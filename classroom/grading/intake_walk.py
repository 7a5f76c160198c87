"""Look through a folder that somebody else wrote, by descriptors: what is checked is what is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from classroom.grading.intake_refused import Refused
from classroom.grading.intake_rules import Intake

# A link is never followed, and a pipe without a writer never waited for.
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
OPEN_FOLDER = OPEN | os.O_DIRECTORY


@dataclass
class Seen:
    """What was seen so far in one submission.

    Args:
        files: each regular file's status by its path.
        owners: the user ids to which the folder and its files belong.
        count: files and folders.
    """

    files: dict[str, os.stat_result] = field(default_factory=dict)
    owners: set[int] = field(default_factory=set)
    count: int = 0


@contextmanager
def folder(root: Path, *names: str) -> Iterator[int]:
    """Open ``root/names…`` without following a link below ``root``; yields its descriptor.

    Raises:
        Refused: if a part of the path is a link or no folder.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            descriptor = _step_into(descriptor, name)
        yield descriptor
    finally:
        os.close(descriptor)


def _step_into(parent: int, name: str) -> int:
    child = _open_folder(parent, name)
    os.close(parent)
    return child


def _open_folder(parent: int, name: str) -> int:
    try:
        return os.open(name, OPEN_FOLDER, dir_fd=parent)
    except PermissionError as error:
        raise _unreadable(name) from error
    except OSError as error:
        kind = "link" if _is_link(parent, name) else "not-a-folder"
        raise Refused(kind, f"{name!r} is no plain folder ({error.strerror}). Hand in a folder.") from error


def _unreadable(name: str) -> Refused:
    return Refused("unreadable", f"{name!r} can't be read. Check its permissions, and hand in again.")


def _is_link(parent: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except OSError:
        return False


def look_through(descriptor: int, rules: Intake) -> Seen:
    """Look at everything in an open folder.

    Raises:
        Refused: at a link, a special file, an odd name, a file too large, or too many of them.
    """
    seen = Seen()
    seen.owners.add(os.fstat(descriptor).st_uid)
    _walk(descriptor, "", 0, seen, rules)
    return seen


def _walk(descriptor: int, prefix: str, depth: int, seen: Seen, rules: Intake) -> None:
    if depth > rules.max_depth:
        raise Refused("too-deep", f"Folders lie more than {rules.max_depth} deep in each other. Hand in fewer levels.")
    with os.scandir(descriptor) as entries:
        for entry in entries:
            seen.count += 1
            if seen.count > rules.max_files:
                raise Refused(
                    "too-many-files", f"There are more than {rules.max_files} files. Hand in the notebook alone."
                )
            path = prefix + entry.name
            _check_name(path, entry.name)
            status = entry.stat(follow_symlinks=False)
            seen.owners.add(status.st_uid)
            if stat.S_ISDIR(status.st_mode):
                child = _open_folder(descriptor, entry.name)
                try:
                    _walk(child, f"{path}/", depth + 1, seen, rules)
                finally:
                    os.close(child)
            else:
                _check_file(path, status, rules)
                seen.files[path] = status


def _check_name(path: str, name: str) -> None:
    if not name.isprintable() or len(path) > 1000:
        raise Refused("odd-path", f"The file name {path[:100]!a} can't be used. Use printable letters, and few.")


def _check_file(path: str, status: os.stat_result, rules: Intake) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Refused("link", f"{path!r} is a symbolic link. Hand in the file itself.")
    if not stat.S_ISREG(status.st_mode):
        raise Refused("special-file", f"{path!r} is a pipe, a socket or a device. Hand in plain files.")
    if status.st_nlink > 1:
        raise Refused("hard-link", f"{path!r} is also a file elsewhere (a hard link). Hand in a copy.")
    limit = _limit(path, rules)
    if status.st_size > limit:
        raise Refused(
            "too-large",
            f"{path!r} has {status.st_size:,} bytes, at most {limit:,} are taken. Clear the outputs, or leave it out.",
        )


def _limit(path: str, rules: Intake) -> int:
    limit: int = rules.max_notebook_bytes if path.endswith(".ipynb") else rules.max_file_bytes
    return limit


def read_all(
    descriptor: int, paths: Iterable[str], rules: Intake
) -> tuple[dict[str, bytes], dict[str, os.stat_result]]:
    """Read files below an open folder; their contents, and the status of each, by path.

    Raises:
        Refused: if one has become a link, something special or too large since it was looked at.
    """
    files, statuses = {}, {}
    for path in paths:
        files[path], statuses[path] = read(descriptor, path, _limit(path, rules))
    return files, statuses


def read(descriptor: int, path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Read a file below an open folder; its content and the status of the very file that was read.

    Raises:
        Refused: if it has become a link, something special or too large since it was looked at.
    """
    *parents, name = path.split("/")
    parent = os.dup(descriptor)
    try:
        for part in parents:
            parent = _step_into(parent, part)
        try:
            file = os.open(name, OPEN, dir_fd=parent)
        except PermissionError as error:
            raise _unreadable(path) from error
        except OSError as error:
            raise Refused("link", f"{path!r} can't be opened as a plain file ({error.strerror}).") from error
        with os.fdopen(file, "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                raise Refused("changed-while-read", f"{path!r} was swapped while it was read. Hand in again.")
            content = opened.read(limit + 1)
    finally:
        os.close(parent)
    if len(content) > limit:
        raise Refused("changed-while-read", f"{path!r} grew beyond {limit:,} bytes while it was read. Hand in again.")
    return content, status
