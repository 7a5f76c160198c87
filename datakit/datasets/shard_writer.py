"""Samples → tar shards."""

from __future__ import annotations

import io
import tarfile
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from datakit._errors import check_positive
from datakit.datasets.shard_fields import encode_field
from datakit.datasets.shard_file import MEMBER_NAME
from datakit.datasets.whole_file import WholeFile

BLOCK = 512
END_OF_TAR = 2 * BLOCK


class ShardWriter:
    """Write samples to tar files by the WebDataset convention; :class:`datakit.ShardStream` reads them, as do others.

    A shard appears under its name when it is whole, and not before: if the writer is killed, what is there can be
    trusted. If the ``with`` block ends in an exception, the shard that was being written is dropped.

    One writer writes a pattern. Several processes write side by side if each has a pattern of its own, with its number
    in it. The same samples make the same bytes, whenever they are written.

    Args:
        pattern: path or URL of the shards with a place for their number: ``data/train-%06d.tar``.
        maxcount: begin a new shard after this many samples.
        maxsize: begin a new shard where this one would get larger, in bytes. A single larger sample has its own shard.
        storage_options: passed on to the storage that fsspec opens: credentials, an endpoint.

    Attributes:
        shards: URLs of the shards that are whole, in order.

    Raises:
        FileExistsError: if a shard of that name is there already.
        ValueError: if the pattern has no place for a number, or a limit is not positive.

    Example:
        >>> with ShardWriter("memory://shards/part-%02d.tar", maxcount=1000) as writer:
        ...     writer.write({"__key__": "cat/0001", "jpg": b"...", "cls": 3, "json": {"source": "camera"}})
        >>> writer.shards
        ['memory://shards/part-00.tar']

    Source: "WebDataset Format Specification".
    """

    def __init__(
        self,
        pattern: str,
        maxcount: int = 100_000,
        maxsize: int = 3 * 10**9,
        *,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        check_positive(maxcount, "maxcount", "ShardWriter")
        check_positive(maxsize, "maxsize", "ShardWriter")
        _check_pattern(pattern)
        self.pattern = pattern
        self.maxcount = maxcount
        self.maxsize = maxsize
        self.storage_options = dict(storage_options or {})
        self.shards: list[str] = []
        self._shard: _Shard | None = None

    def write(self, sample: Mapping[str, Any]) -> None:
        """Add a sample.

        Args:
            sample: ``__key__``, which names the sample, and at least one field. A field's name is its extension, in
                lower case. Its value is bytes, or as the extension says: ``cls``, ``id``, ``index`` an int, ``txt``
                and ``text`` a str, ``json`` plain Python values, ``npy`` a NumPy array. ``__url__`` is passed over, so
                that samples of a stream can be written again.

        Raises:
            TypeError: if a field is neither.
            ValueError: if the key can't name a sample, came before in this shard, or there is no field.
        """
        key, members = _members(sample)
        size = sum(BLOCK + -(-len(content) // BLOCK) * BLOCK for content in members.values())
        if self._shard is not None and self._shard.size + size + END_OF_TAR > self.maxsize:
            self._finish()
        if self._shard is None:
            self._shard = _Shard(self.pattern % len(self.shards), self.storage_options)
        self._shard.add(key, members)
        if self._shard.count == self.maxcount:
            self._finish()

    def close(self) -> None:
        """Finish the last shard. A ``with`` block does this by itself."""
        if self._shard is not None:
            self._finish()

    def _finish(self) -> None:
        assert self._shard is not None
        shard, self._shard = self._shard, None
        shard.publish()
        self.shards.append(shard.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        elif self._shard is not None:
            self._shard.discard()
            self._shard = None

    def __del__(self) -> None:
        if getattr(self, "_shard", None) is not None:
            assert self._shard is not None
            self._shard.discard()
            warnings.warn(
                f"ShardWriter: it was never closed, so the {self._shard.count} samples of {self._shard.url} are lost. "
                "Write inside a with block, or call close().",
                RuntimeWarning,
                stacklevel=1,
            )


class _Shard:
    """The shard that is being written."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self.url = url
        self.count = 0
        self._keys: set[str] = set()
        self._target = WholeFile(url, options, "ShardWriter")
        # Compression is chosen by the name, as the reader does.
        compressed = url.endswith(".gz")
        self._tar = tarfile.open(fileobj=self._target.file, mode="w|gz" if compressed else "w|")  # noqa: SIM115

    @property
    def size(self) -> int:
        """Bytes so far, uncompressed."""
        return self._tar.offset

    def add(self, key: str, members: Mapping[str, bytes]) -> None:
        if key in self._keys:
            raise ValueError(f"ShardWriter: two samples have the key {key!r}. Give each its own.")
        self._keys.add(key)
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            self._tar.addfile(header, io.BytesIO(content))
        self.count += 1

    def publish(self) -> None:
        self._tar.close()
        self._target.publish()

    def discard(self) -> None:
        self._tar.close()
        self._target.discard()


def _members(sample: Mapping[str, Any]) -> tuple[str, dict[str, bytes]]:
    """Check a sample, and encode its fields: file name → content."""
    key = sample.get("__key__")
    match = MEMBER_NAME.fullmatch(f"{key}.x")
    if not isinstance(key, str) or match is None or match["key"] != key or key.startswith(("/", "__")):
        raise ValueError(
            f"ShardWriter: __key__={key!r} arrived. A sample's key is a non-empty str such as '0001' or 'cat/0001', "
            "without a dot in its last part: the extension begins there."
        )
    fields = {name: value for name, value in sample.items() if name not in ("__key__", "__url__")}
    if not fields:
        raise ValueError(f"ShardWriter: sample {key!r} has no field. Add at least one, such as 'jpg' or 'txt'.")
    for name in fields:
        if not name or "/" in name or name.startswith(("_", ".")) or name != name.lower():
            raise ValueError(
                f"ShardWriter: sample {key!r} has a field {name!r}. A field's name is a file's extension in lower "
                "case, such as 'jpg' or 'seg.png', without a slash and with no underscore in front."
            )
    return key, {f"{key}.{name}": encode_field(fields[name], name, key) for name in sorted(fields)}


def _check_pattern(pattern: str) -> None:
    try:
        numbered = pattern % 0 != pattern % 1
    except (TypeError, ValueError):
        numbered = False
    if not numbered:
        raise ValueError(
            f"ShardWriter: the pattern {pattern!r} has no place for the shard's number. "
            "Write it as in 'train-%06d.tar', with one %d."
        )
