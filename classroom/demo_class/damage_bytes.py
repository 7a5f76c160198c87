"""Damages to a file's bytes."""

from __future__ import annotations

import random


def cut_off(content: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return content[: chance.randrange(1, len(content) - 2)]


def hole(content: bytes, chance: random.Random) -> bytes:
    """A stretch in the middle is zero, as after a crash."""
    start = chance.randrange(len(content) - 600)
    return content[:start] + b"\0" * 512 + content[start + 512 :]


def flipped_bits(content: bytes, chance: random.Random) -> bytes:
    """A few bits are wrong, structure among them."""
    bent = bytearray(content)
    for _ in range(20):
        bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
    bent[0] ^= 1  # '{' is lost in any case
    return bytes(bent)


def another_encoding(content: bytes, chance: random.Random) -> bytes:
    """Saved by an editor that knows no UTF-8."""
    return content.decode().encode(chance.choice(["utf-16", "utf-32", "utf-16-be"]))


def wrong_bytes(content: bytes, chance: random.Random) -> bytes:
    """Bytes that are no UTF-8."""
    start = chance.randrange(len(content))
    return content[:start] + b"\xff\xfe\xc3\x28" + content[start:]


def nothing(content: bytes, chance: random.Random) -> bytes:
    """An empty file, or one of blanks."""
    return b" \n" * chance.randrange(20)


def something_else(content: bytes, chance: random.Random) -> bytes:
    """Another kind of file under a notebook's name."""
    others = [b"\x89PNG\r\n\x1a\n" + chance.randbytes(500), b"PK\x03\x04" + chance.randbytes(500), b"%PDF-1.7\n"]
    return chance.choice([*others, b"<html><body>Please sign in</body></html>", chance.randbytes(4000)])


def other_json(content: bytes, chance: random.Random) -> bytes:
    """JSON, but no notebook."""
    others = [b"null", b"[]", b"42", b'"cells"', b"{}", b"NaN", b'{"cells": {}}', b'{"cells": null, "nbformat": 4}']
    return chance.choice([*others, b"[" + content + b"]", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}'])


def deep(content: bytes, chance: random.Random) -> bytes:
    """Brackets nested deeper than any reader goes."""
    depth = chance.randrange(50_000, 100_000)
    return b'{"cells": ' + b"[" * depth + b"]" * chance.choice([depth, 0]) + b"}"


def conflict(content: bytes, chance: random.Random) -> bytes:
    """The marks of a merge that failed."""
    lines = content.split(b"\n")
    place = chance.randrange(1, len(lines))
    mine = [b"<<<<<<< HEAD", lines[place], b"=======", lines[place], b">>>>>>> origin/main"]
    return b"\n".join([*lines[:place], *mine, *lines[place:]])


def twice(content: bytes, chance: random.Random) -> bytes:
    """The file's text stands in it twice, or with a tail."""
    return content + chance.choice([content, b"}", b"\n// saved by my editor", b"\0" * 4096])


def huge_number(content: bytes, chance: random.Random) -> bytes:
    """A version that no integer type holds."""
    return content.replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * chance.randrange(5000, 6000))


def windows_ends(content: bytes, chance: random.Random) -> bytes:
    """Windows line ends in the file."""
    return content.replace(b"\n", b"\r\n")


def marked(content: bytes, chance: random.Random) -> bytes:
    """A byte order mark, blanks around."""
    return b"\xef\xbb\xbf" + content + b"\n" * chance.randrange(9)


HEAVY_BYTES = (
    *(cut_off, hole, flipped_bits, another_encoding, wrong_bytes, nothing, something_else, other_json, deep, conflict),
    *(twice, huge_number),
)
LIGHT_BYTES = (windows_ends, marked)
