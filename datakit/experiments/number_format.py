"""Measured numbers as people read them."""

from __future__ import annotations

import numpy as np


def short(value: float) -> str:
    """Write a number with the digits that a measurement deserves, and never as ``2.99e-05``.

    Three significant digits, two for less than a hundredth, and none after the point from one hundred on.
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 3 if abs(value) >= 0.01 else 2
    return np.format_float_positional(value, precision=digits, fractional=False, trim="-")
