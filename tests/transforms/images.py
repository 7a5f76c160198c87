"""Images that Hypothesis draws, and the same random numbers twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

from datakit.randomness import sample_seed


@st.composite
def images(draw: st.DrawFn, least: int = 1, most: int = 24, channels: int | None = None) -> torch.Tensor:
    """Draw a uint8 or float32 image [..., C, H, W]; floats from 0 to 1."""
    leading = draw(st.sampled_from([[], [1], [3], [2, 2]]))
    shape = [
        *leading,
        channels or draw(st.sampled_from([1, 3])),
        draw(st.integers(least, most)),
        draw(st.integers(least, most)),
    ]
    pixels = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 2**32))))
    if draw(st.booleans()):
        # A flat region: grey, where hue and saturation are not defined.
        pixels[..., : shape[-1] // 2] = draw(st.integers(0, 255))
    return pixels.to(torch.uint8) if draw(st.booleans()) else pixels / 255


def with_seed(seed: int, call: Callable[[], Any]) -> Any:
    """Call with the random numbers of one sample, as a loader does."""
    with sample_seed(seed, 0, 0):
        return call()
