"""Damaged notebooks: what disks, merges, editors and curious people do to a file, drawn from a seed.

A damage takes a notebook file's bytes and a random generator, and gives other bytes. `LIGHT` damages leave every answer
readable, so they must cost no point; after a `HEAVY` one nobody can say what was meant. Neither may bring a point.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from classroom.demo_class.damage_bytes import HEAVY_BYTES, LIGHT_BYTES
from classroom.demo_class.damage_fields import HEAVY_FIELDS, LIGHT_FIELDS


@dataclass(frozen=True)
class Damaged:
    """One damaged notebook.

    Args:
        name: the damage and its seed.
        light: can every answer still be read?
        content: the file's bytes.
    """

    name: str
    light: bool
    content: bytes


def damaged(content: bytes, rounds: int) -> list[Damaged]:
    """Each damage, ``rounds`` times with another seed.

    Args:
        content: the sound notebook file.
        rounds: how often each damage is drawn.
    """
    found = []
    for number in range(rounds):
        for light, changes in ((True, LIGHT_FIELDS), (False, HEAVY_FIELDS)):
            for change in changes:
                chance = random.Random(f"{change.__name__} {number}")
                notebook = change(json.loads(content), chance)
                text = json.dumps(notebook, indent=1).encode()  # ASCII: half a character stays readable, as an escape
                found.append(Damaged(f"{change.__name__}-{number}", light, text))
        for light, bends in ((True, LIGHT_BYTES), (False, HEAVY_BYTES)):
            for bend in bends:
                chance = random.Random(f"{bend.__name__} {number}")
                found.append(Damaged(f"{bend.__name__}-{number}", light, bend(content, chance)))
    return found
