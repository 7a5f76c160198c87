"""One tar file → samples, with every cut and every break noticed."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from datakit.datasets.urls import BROKEN_COMPRESSION, open_url

# `folder/key.extension`: the key ends at the first dot of the file's name, so an extension may have dots, a key none.
MEMBER_NAME = re.compile(r"(?P<key>(?:.*/)?[^/.]+)\.(?P<field>[^/]+)")

MANY_BYTES = 2**20


def read_shard(url: str, options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the samples of a shard: members that follow each other and share a key are one sample.

    The tar is read once from front to end, so any storage will do, and one sample is held at a time. Members without
    an extension, folders, links, and WebDataset's own notes (``__name__``) are passed over.

    Args:
        url: a tar file, which may be compressed.
        options: the storage's own options, for fsspec.

    Yields:
        ``{"__key__": ..., "__url__": ..., field: bytes, ...}``; fields in lower case.

    Raises:
        FileNotFoundError: if there is no such shard.
        ValueError: if the tar is cut short or corrupt, or a field of a sample comes twice; the message names the shard
            and the byte (of the tar itself, where it is compressed).

    Source: "WebDataset Format Specification"; "pax Interchange Format", POSIX.1-2017.
    """
    sample: dict[str, Any] = {}
    for name, content in _members(url, options):
        match = MEMBER_NAME.fullmatch(name)
        if match is None or name.startswith("__"):
            continue
        key, field = match["key"], match["field"].lower()
        if sample and key != sample["__key__"]:
            yield sample
            sample = {}
        sample = sample or {"__key__": key, "__url__": url}
        if field in sample:
            raise ValueError(
                f"ShardStream: {url} has field {field!r} of sample {key!r} twice. "
                "Give each sample its own key, and write the shard again."
            )
        sample[field] = content
    if sample:
        yield sample


class _StrictTarInfo(tarfile.TarInfo):
    """A header that must be whole. ``tarfile`` itself takes a broken one for the end, and loses all that follows."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _StrictTarInfo:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # a block of zeros: the mark that ends a tar
            raise tarfile.ReadError(f"a header is expected, but: {error}") from error


def _members(url: str, options: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    with open_url(url, options, "ShardStream") as file:
        offset = 0
        try:
            with tarfile.open(fileobj=file, mode="r|", tarinfo=_StrictTarInfo) as tar:
                for member in tar:
                    offset = member.offset
                    content = tar.extractfile(member)
                    if content is not None and member.isreg():
                        yield member.name, content.read()
                    tar.members = []  # type: ignore[attr-defined]  # it would keep a header of each
                    offset = tar.offset
                _check_nothing_follows(tar)
        except (tarfile.TarError, *BROKEN_COMPRESSION) as error:
            raise ValueError(
                f"ShardStream: {url} is cut short or corrupt at byte {offset}: {error}. "
                "Copy or write the shard again, or leave it out."
            ) from error


def _check_nothing_follows(tar: tarfile.TarFile) -> None:
    assert tar.fileobj is not None
    while block := tar.fileobj.read(MANY_BYTES):
        if block.strip(b"\0"):
            raise tarfile.ReadError("more data follows the end of the tar, which no reader would see")
