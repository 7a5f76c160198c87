"""The fields of a sample in a shard: value ↔ bytes, chosen by the field's extension, as WebDataset does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datakit._errors import kind_of

Decoder = Callable[[bytes], Any]


@dataclass(frozen=True)
class Codec:
    """How one kind of field is written and read.

    Attributes:
        encode: value → bytes.
        decode: bytes → value.
        takes: the types that ``encode`` takes.
    """

    encode: Callable[[Any], bytes]
    decode: Decoder
    takes: tuple[type, ...]


def _encode_array(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    # Pickled objects are refused on both ways: reading them would run whatever code a file holds.
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _decode_array(content: bytes) -> np.ndarray[Any, Any]:
    array: np.ndarray[Any, Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array


_NUMBER = Codec(lambda value: str(int(value)).encode(), int, (int, np.integer))
_TEXT = Codec(str.encode, bytes.decode, (str,))

CODECS = {
    "cls": _NUMBER,
    "id": _NUMBER,
    "index": _NUMBER,
    "txt": _TEXT,
    "text": _TEXT,
    "json": Codec(lambda value: json.dumps(value).encode(), json.loads, (object,)),
    "npy": Codec(_encode_array, _decode_array, (np.ndarray,)),
}


def encode_field(value: Any, name: str, key: str) -> bytes:
    """Make bytes of a field: as they are, or by the codec of its extension (``seg.json`` is a ``json``).

    Args:
        value: ``bytes``, or what the extension's codec takes.
        name: the field's name.
        key: the sample's key, for messages.

    Raises:
        TypeError: if the value is neither.
        ValueError: if the codec can't write it: an array of objects, say.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    codec = CODECS.get(name.rpartition(".")[2])
    if codec is None or not isinstance(value, codec.takes):
        raise TypeError(
            f"ShardWriter: field {name!r} of sample {key!r} is {kind_of(value)}, and bytes are expected. "
            "Encode it first (an image by torchvision.io.encode_jpeg, say), or use an extension that encodes: "
            "cls, id or index for an int, txt for a str, json for plain Python values, npy for a NumPy array."
        )
    try:
        return codec.encode(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"ShardWriter: field {name!r} of sample {key!r} can't be written: {error}.") from error


def decode_sample(raw: Mapping[str, Any], decoders: Mapping[str, Decoder]) -> dict[str, Any]:
    """Decode the fields that have a decoder; others stay bytes, and ``__key__`` and ``__url__`` as they are.

    Args:
        raw: field → bytes.
        decoders: extension → decoder, asked before the codecs above.

    Raises:
        ValueError: if a field can't be decoded; the decoder's own error is chained to it.
    """
    sample = {}
    for name, content in raw.items():
        extension = name.rpartition(".")[2]
        decode = decoders.get(extension) or (CODECS[extension].decode if extension in CODECS else None)
        if name.startswith("__") or decode is None:
            sample[name] = content
            continue
        try:
            sample[name] = decode(content)
        except Exception as error:
            raise ValueError(
                f"ShardStream: field {name!r} of sample {raw['__key__']!r} in {raw['__url__']} can't be decoded: "
                f"{error}. Write the shard again, or pass a decoder: decoders={{{extension!r}: ...}}."
            ) from error
    return sample
