"""Boxes against torchvision's RandomResizedCrop and CenterCrop."""

from __future__ import annotations

import math
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.transforms import v2

from datakit import crop_boxes
from datakit.crop_boxes import Box, center_box, random_resized_box

SIDE = st.integers(1, 3000)


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(0)
    monkeypatch.setattr(crop_boxes, "sample_random", lambda: draw)


@given(height=SIDE, width=SIDE, low=st.floats(0.01, 1), high=st.floats(0.01, 1), narrow=st.floats(0.2, 5))
def test_every_box_lies_inside(height: int, width: int, low: float, high: float, narrow: float) -> None:
    scale = (min(low, high), max(low, high))
    box = random_resized_box(height, width, scale, (narrow, narrow * 1.5))
    assert 0 <= box.top <= box.top + box.height <= height
    assert 0 <= box.left <= box.left + box.width <= width
    assert min(box.height, box.width) >= 1


@pytest.mark.parametrize(("height", "width"), [(375, 500), (500, 200), (64, 64)])
def test_the_distribution_is_torchvisions(seeded: None, height: int, width: int) -> None:
    from scipy.stats import ks_2samp

    torch.manual_seed(0)
    theirs_transform = v2.RandomResizedCrop(32)
    image = torch.empty(3, height, width)
    n = 3000
    ours = [random_resized_box(height, width) for _ in range(n)]
    params = [theirs_transform.make_params([image]) for _ in range(n)]
    theirs = [Box(p["top"], p["left"], p["height"], p["width"]) for p in params]
    for side in range(4):
        assert ks_2samp([box[side] for box in ours], [box[side] for box in theirs]).pvalue > 0.001
    areas = [[box.height * box.width for box in boxes] for boxes in (ours, theirs)]
    shapes = [[box.width / box.height for box in boxes] for boxes in (ours, theirs)]
    assert ks_2samp(*areas).pvalue > 0.001
    assert ks_2samp(*shapes).pvalue > 0.001


@given(height=SIDE, width=SIDE)
def test_what_never_fits_becomes_torchvisions_central_box(height: int, width: int) -> None:
    scale, ratio = (4.0, 5.0), (3 / 4, 4 / 3)
    params = v2.RandomResizedCrop(32, scale, ratio).make_params([torch.empty(3, height, width, device="meta")])
    theirs = Box(params["top"], params["left"], params["height"], params["width"])
    ours = random_resized_box(height, width, scale, ratio)
    # torchvision leaves a box alone that already has an allowed ratio; both are the largest that fit.
    assert ours[2:] == (max(1, theirs.height), max(1, theirs.width))
    assert abs(ours.top - theirs.top) <= 1
    assert abs(ours.left - theirs.left) <= 1


@given(height=st.integers(256, 1200), width=st.integers(256, 1200))
def test_the_central_box_is_resize_then_center_crop(height: int, width: int) -> None:
    box = center_box(height, width)
    side = min(height, width) * 224 / 256
    assert box.height == box.width
    assert math.isclose(box.height, side, abs_tol=0.51)
    assert abs(box.top - (height - side) / 2) <= 1
    assert abs(box.left - (width - side) / 2) <= 1


def test_one_pixel_is_enough() -> None:
    assert center_box(1, 1) == Box(0, 0, 1, 1)
    assert random_resized_box(1, 1) == Box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 5), "one of height 0 and width 5 arrived"),
        ((5, 5, (0.5, 0.1)), r"scale and ratio are \(least, greatest\), both above 0; \(0.5, 0.1\) arrived"),
        ((5, 5, (0.1, 0.5), (0, 1)), r"\(0, 1\) arrived"),
    ],
)
def test_bad_ranges_are_refused(arguments: tuple[int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        random_resized_box(*arguments)


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_bad_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"above 0 and at most 1; {share} arrived"):
        center_box(5, 5, share)
