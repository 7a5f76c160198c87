"""A stream of samples from tar shards, wherever they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from datakit.datasets.shard_fields import Decoder, decode_sample
from datakit.datasets.shard_file import read_shard
from datakit.datasets.stream import FileStream
from datakit.datasets.urls import Url
from datakit.datasets.worker_split import Reader


class ShardStream(FileStream):
    """The samples of tar shards, which ranks and workers divide among themselves shard by shard.

    A shard is a plain tar file by the WebDataset convention: ``0001.jpg`` and ``0001.cls``, side by side, are the
    fields ``jpg`` and ``cls`` of sample ``0001``. A few large files are read in order, which is what disks, networks
    and object stores do best. In return samples can't be picked by index, and are shuffled only as far as the order of
    shards and a buffer go.

    Of *n* readers (ranks × workers) reader *r* takes shards *r*, *r + n*, and so on, of the epoch's order. So each
    shard is read by one reader. Shares are even where the number of shards is a multiple of *n*; where ranks must take
    equally many steps, write it so.

    A sample is a dict: ``__key__``, ``__url__`` (its shard), and its fields. Fields ``cls``, ``id`` and ``index`` are
    decoded to ``int``, ``txt`` and ``text`` to ``str``, ``json`` to what it holds, ``npy`` to an array; others are
    bytes unless ``decoders`` has their extension. Samples wait in the buffer undecoded: a JPEG is some ten
    times smaller than its pixels.

    Args:
        urls: paths or URLs of ``.tar`` or ``.tar.gz`` files, such as ``s3://bucket/train-*.tar``, or a list of them.
        decoders: extension → function from bytes to a value.
        shuffle_buffer: 0 keeps the order. A larger number shuffles the shards, and the samples within a buffer of that
            many. The order then depends on seed, epoch and reader alone.
        seed: with the epoch it fixes the order.
        rank: this training process; by default from ``torch.distributed`` or torchrun's environment.
        world_size: how many training processes there are; by default likewise.
        transform: called with each sample.
        storage_options: passed on to the storage that fsspec opens: credentials, an endpoint.

    Raises:
        FileNotFoundError: if a shard is not there (while reading), or no file matches a ``*``.
        ValueError: if an argument is out of range. While reading: if there are fewer shards than readers, or a shard is
            cut short, corrupt or without samples, or a field can't be decoded.

    Example:
        >>> from datakit import ShardWriter
        >>> with ShardWriter("memory://example/train-%03d.tar", maxcount=2) as writer:
        ...     for i in range(3):
        ...         writer.write({"__key__": f"{i:04}", "txt": "abc"[i], "cls": i})
        >>> [(sample["txt"], sample["cls"]) for sample in ShardStream("memory://example/train-*.tar")]
        [('a', 0), ('b', 1), ('c', 2)]

    Source: "WebDataset Format Specification".
    """

    def __init__(
        self,
        urls: Url | Sequence[Url],
        *,
        decoders: Mapping[str, Decoder] | None = None,
        shuffle_buffer: int = 0,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
        transform: Callable[[Any], Any] | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(urls, shuffle_buffer, seed, rank, world_size, transform, storage_options)
        self.decoders = dict(decoders or {})

    def _raw(self, urls: list[str], reader: Reader) -> Iterator[dict[str, Any]]:
        if len(urls) < reader.count:
            raise ValueError(
                f"ShardStream: there are {len(urls)} shards for {reader.count} readers (world_size={reader.world_size} "
                f"× {reader.num_workers} workers), and each reader needs a shard of its own. Use fewer workers, or "
                f"write at least {reader.count} shards: ShardWriter(..., maxcount=...) with a smaller maxcount."
            )
        for url in urls[reader.number :: reader.count]:
            empty = True
            for sample in read_shard(url, self.storage_options):
                empty = False
                yield sample
            if empty:
                raise ValueError(
                    f"ShardStream: {url} holds no sample. Its files must be named key.extension; check what wrote it."
                )

    def _sample(self, raw: dict[str, Any]) -> dict[str, Any]:
        return decode_sample(raw, self.decoders)
