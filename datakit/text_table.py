"""Tables in plain text, for reports that are printed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

NUMBER = re.compile(r"\d[\d.,]*(\W|$)")


def text_table(rows: Sequence[Mapping[str, str]]) -> str:
    """Line up rows under their headings.

    Args:
        rows: heading → text, the same headings in each row; at least one row. A column of numbers, each with or
            without a unit, is aligned to the right.

    Example:
        >>> print(text_table([{"what": "copy", "ms": "0.2"}, {"what": "forward", "ms": "12.0"}]))
        what       ms
        copy      0.2
        forward  12.0
    """
    columns = []
    for heading in rows[0]:
        texts = [row[heading] for row in rows]
        width = max(map(len, [heading, *texts]))
        numbers = all(NUMBER.match(text) for text in texts)
        columns.append([text.rjust(width) if numbers else text.ljust(width) for text in [heading, *texts]])
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def in_units(nbytes: float) -> str:
    """Write a number of bytes as people read it.

    Example:
        >>> in_units(9634304)
        '9.2 MiB'
    """
    if nbytes < 1024:
        return f"{nbytes:.0f} bytes"
    power = min(4, int(math.log(nbytes, 1024)))
    return f"{nbytes / 1024**power:.1f} {('KiB', 'MiB', 'GiB', 'TiB')[power - 1]}"
