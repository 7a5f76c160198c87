"""A file that is either there and whole, or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem


class WholeFile:
    """Bytes that nobody sees under their name before all of them are written.

    They go to a local file of another name first: beside the target where that is local, else to the folder for
    temporary files. :meth:`publish` then renames that file, or uploads it: both show all or nothing. A process that
    dies leaves at most a file that ends in ``.part``.

    Args:
        url: where the file is to be.
        options: the storage's own options, for fsspec.
        owner: who writes, for messages.

    Attributes:
        file: the open file, to write to.

    Raises:
        FileExistsError: if the file is there already.

    Source: "rename", POSIX.1-2017; "Uploading and copying objects using multipart upload", Amazon S3 user guide.
    """

    def __init__(self, url: str, options: Mapping[str, Any], owner: str) -> None:
        self.url = url
        self._storage, self._path = fsspec.core.url_to_fs(url, **options)
        if self._storage.exists(self._path):
            raise FileExistsError(f"{owner}: {url} is already there. Delete it, or write to another folder or name.")
        self._local = isinstance(self._storage, LocalFileSystem)
        if self._local:
            # The process's number in the name: two writers by mistake must not write into one file.
            self._part = Path(f"{self._path}.{os.getpid()}.part")
            self._part.parent.mkdir(parents=True, exist_ok=True)
        else:
            handle, name = tempfile.mkstemp(suffix=".part")
            os.close(handle)
            self._part = Path(name)
        self.file = self._part.open("wb")

    def publish(self) -> None:
        """Let the file appear, whole."""
        if not self._local:
            self.file.close()
            self._storage.put_file(str(self._part), self._path)
            self._part.unlink()
            return
        # On the disk before it has its name: after a power cut too, what has the name is whole.
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Leave nothing behind."""
        self.file.close()
        self._part.unlink(missing_ok=True)
