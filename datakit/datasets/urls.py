"""Files by URL: a local path, ``s3://``, ``memory://`` and whatever else fsspec knows."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from gzip import BadGzipFile
from lzma import LZMAError
from typing import Any, BinaryIO

import fsspec

# What a compressed file raises that is cut short or is none.
BROKEN_COMPRESSION = (EOFError, zlib.error, BadGzipFile, LZMAError)

Url = str | os.PathLike[str]


def list_urls(urls: Url | Sequence[Url], options: Mapping[str, Any], owner: str) -> list[str]:
    """Write out what files are meant, in order.

    Args:
        urls: one path or URL, or several. A ``*`` stands for any characters: ``logs/*.jsonl`` means every such file,
            sorted by name.
        options: the storage's own options, for fsspec.
        owner: who asks, for messages.

    Raises:
        FileNotFoundError: if no file matches a ``*``.
        ValueError: if nothing is listed.
    """
    given = [urls] if isinstance(urls, (str, os.PathLike)) else list(urls)
    if not given:
        raise ValueError(f"{owner}: the list of files is empty. Pass at least one path or URL.")
    found: list[str] = []
    for url in given:
        name = os.fspath(url)
        found += _matching(name, options, owner) if "*" in name else [name]
    return found


def _matching(pattern: str, options: Mapping[str, Any], owner: str) -> list[str]:
    storage, path = fsspec.core.url_to_fs(pattern, **options)
    matches = sorted(storage.glob(path))
    if not matches:
        raise FileNotFoundError(f"{owner}: no file matches {pattern!r}. Check the folder and the pattern.")
    return [storage.unstrip_protocol(match) if "://" in pattern else match for match in matches]


@contextmanager
def open_url(url: str, options: Mapping[str, Any], owner: str) -> Iterator[BinaryIO]:
    """Open a file for reading bytes; ``.gz``, ``.bz2`` and ``.xz`` are decompressed on the way.

    Nothing stays open between calls and no connection is kept here, so that a worker process shares none with another.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    try:
        file = fsspec.open(url, "rb", compression="infer", **options).open()
    except FileNotFoundError as error:
        braces = " Braces are not expanded: write a *, or list the files." if "{" in url else ""
        raise FileNotFoundError(
            f"{owner}: there is no file {url!r}. Check the path, or create the file.{braces}"
        ) from error
    with file:
        yield file
