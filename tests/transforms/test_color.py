"""Colours against torchvision v2, with the same factors, and Python's own colorsys."""

from __future__ import annotations

import colorsys
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms.v2 import functional as F

from datakit.transforms import ColorJitter, Normalize, ToFloat
from datakit.transforms.color import CHANGES
from datakit.transforms.hsv import hsv_to_rgb, rgb_to_hsv
from tests.strategies import identical
from tests.transforms.images import images, with_seed

ORACLES = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
}
factors = {name: st.floats(0, 3) for name in ORACLES} | {"hue": st.floats(-0.5, 0.5)}


def assert_near(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    """Floats agree; bytes to one step, because the one rounds where the other cuts off."""
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    if ours.dtype == torch.uint8:
        assert int((ours.int() - theirs.int()).abs().max()) <= 1
    else:
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ORACLES)
@settings(deadline=None, max_examples=60)
@given(images(channels=3), st.data())
def test_each_change_equals_torchvision(name: str, image: torch.Tensor, data: st.DataObject) -> None:
    factor = data.draw(factors[name])
    assert_near(CHANGES[name](image, factor), ORACLES[name](image, factor))


@settings(deadline=None)
@given(images(channels=3), st.integers(0, 2**32))
def test_jitter_applies_what_it_draws_in_that_order(image: torch.Tensor, seed: int) -> None:
    jitter = ColorJitter(0.5, (0.5, 2), 0.3, 0.2)
    changes = with_seed(seed, jitter.draw)
    assert sorted(name for name, _ in changes) == sorted(ORACLES)
    expected = image
    for name, factor in changes:
        low, high = {"brightness": (0.5, 1.5), "contrast": (0.5, 2), "saturation": (0.7, 1.3), "hue": (-0.2, 0.2)}[name]
        assert low <= factor <= high
        expected = CHANGES[name](expected, factor)
    assert identical(with_seed(seed, lambda: jitter(image)), expected)


def test_the_order_changes_and_idle_changes_are_left_out() -> None:
    jitter = ColorJitter(brightness=0.1, hue=0.1)
    orders = {tuple(name for name, _ in jitter.draw()) for _ in range(50)}
    assert orders == {("brightness", "hue"), ("hue", "brightness")}
    image = torch.rand(3, 4, 4)
    assert ColorJitter()(image) is image


@settings(deadline=None)
@given(st.tuples(*[st.floats(0, 1, width=32)] * 3))
def test_hsv_equals_pythons_colorsys(rgb: tuple[float, ...]) -> None:
    image = torch.tensor(rgb, dtype=torch.float64)[:, None, None]
    hsv = rgb_to_hsv(image)
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
    arrived = hsv.flatten().tolist()
    assert arrived[1:] == pytest.approx([saturation, value])
    # Hues lie on a circle: just below 1 and just above 0 are the same red.
    assert abs((arrived[0] - hue + 0.5) % 1 - 0.5) < 1e-6
    assert hsv_to_rgb(hsv).flatten().tolist() == pytest.approx(rgb)


@settings(deadline=None)
@given(images())
def test_to_float_and_normalize_equal_torchvision(image: torch.Tensor) -> None:
    channels = image.shape[-3]
    mean, std = [0.4, 0.5, 0.6][:channels], [0.2, 0.3, 0.4][:channels]
    if image.dtype == torch.uint8:
        scaled = ToFloat()(image)
        torch.testing.assert_close(scaled, F.to_dtype(image, torch.float32, scale=True))
        image = scaled
    torch.testing.assert_close(Normalize(mean, std)(image), F.normalize(image, mean, std))


@pytest.mark.parametrize(
    ("build", "kind", "words"),
    [
        (lambda: ColorJitter(brightness=-1), ValueError, r"ColorJitter: brightness=-1 arrived; a number, 0 or above"),
        (lambda: ColorJitter(contrast=(2, 1)), ValueError, r"ColorJitter: contrast=\(2, 1\) arrived"),
        (lambda: ColorJitter(hue=0.6), ValueError, r"hue=0\.6 arrived; .* with factors from -0\.5 to 0\.5"),
        (lambda: ColorJitter(hue=0.1)(torch.zeros(1, 4, 4)), ValueError, "1 channels arrived; 3 are expected: red, gr"),
        (lambda: ColorJitter(0.1)(torch.zeros(3, 4, 4).long()), TypeError, "dtype torch.int64 arrived; uint8 or float"),
        (lambda: ToFloat()(torch.zeros(3, 4, 4)), TypeError, "uint8 is expected. Is it converted twice"),
        (lambda: Normalize([0.5], [0.0]), ValueError, r"mean=\[0.5\] and std=\[0.0\] arrived; .* must be above 0"),
        (lambda: Normalize([], []), ValueError, r"mean=\[\] and std=\[\] arrived; one number a channel is expected"),
        (lambda: Normalize([0.5, 0.5], [1.0]), ValueError, "one number a channel is expected in each"),
        (lambda: Normalize([0.5], [1.0])(torch.zeros(3, 4, 4).byte()), TypeError, "put ToFloat before Normalize"),
        (
            lambda: Normalize([0.5] * 3, [1.0] * 3)(torch.zeros(4, 2, 2)),
            ValueError,
            "4 channels arrived, but there are 3",
        ),
    ],
)
def test_refusals(build: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        build()
