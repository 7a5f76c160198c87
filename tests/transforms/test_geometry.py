"""Flips, crops, resizing and rotation against torchvision v2, with the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from datakit.datasets.decode import decode_rgb
from datakit.samples import photographs
from datakit.transforms import (
    CenterCrop,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Resize,
)
from datakit.transforms.rotation import rotate
from tests.strategies import identical
from tests.transforms.images import images, with_seed

seeds = st.integers(0, 2**32)


def close(ours: torch.Tensor, theirs: torch.Tensor, steps: int = 0) -> bool:
    """Whether two images agree, to ``steps`` of a byte."""
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    if ours.dtype == torch.uint8:
        return bool(((ours.int() - theirs.int()).abs() <= steps).all())
    return torch.allclose(ours, theirs, rtol=0, atol=1e-5)


@settings(deadline=None)
@given(images(), st.sampled_from([RandomHorizontalFlip, RandomVerticalFlip]))
def test_flips(image: torch.Tensor, kind: Any) -> None:
    oracle = F.horizontal_flip if kind is RandomHorizontalFlip else F.vertical_flip
    assert identical(kind(p=1)(image), oracle(image))
    assert kind(p=0)(image) is image


def test_a_flip_comes_with_its_probability() -> None:
    flip = RandomHorizontalFlip(0.3)
    drawn = with_seed(0, lambda: [flip.draw() for _ in range(5000)])
    assert 0.27 < sum(drawn) / 5000 < 0.33


@settings(deadline=None)
@given(images(), st.data())
def test_center_crop(image: torch.Tensor, data: st.DataObject) -> None:
    height, width = image.shape[-2:]
    size = (data.draw(st.integers(1, height)), data.draw(st.integers(1, width)))
    assert identical(CenterCrop(size)(image), F.center_crop(image, list(size)))


@settings(deadline=None)
@given(images(), st.integers(0, 3), st.sampled_from([0, 1]), st.data(), seeds)
def test_random_crop(image: torch.Tensor, padding: int, fill: int, data: st.DataObject, seed: int) -> None:
    height, width = (side + 2 * padding for side in image.shape[-2:])
    size = (data.draw(st.integers(1, height)), data.draw(st.integers(1, width)))
    crop = RandomCrop(size, padding, fill)
    box = with_seed(seed, lambda: crop.draw(height - size[0], width - size[1]))
    expected = F.crop(F.pad(image, [padding], fill=fill), box.top, box.left, *size)
    assert identical(with_seed(seed, lambda: crop(image)), expected)


def test_random_crop_reaches_every_place() -> None:
    crop = RandomCrop(2)
    places = {tuple(crop.draw(2, 1))[:2] for _ in range(300)}
    assert places == {(top, left) for top in range(3) for left in range(2)}


def resized(image: torch.Tensor, oracle: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """What torchvision makes of the image; from floats where its bytes would meet PyTorch's bug with one pixel."""
    exact = oracle(image.float())
    return (
        oracle(image) if exact.shape[-2:] != (1, 1) else (exact.round().byte() if image.dtype == torch.uint8 else exact)
    )


@settings(deadline=None)
@given(images(), st.integers(1, 30) | st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_resize(image: torch.Tensor, size: Any) -> None:
    height, width = image.shape[-2:]
    if isinstance(size, int) and size * max(height, width) // min(height, width) > 500:
        size = (size, size)
    sides = [size] if isinstance(size, int) else list(size)
    expected = resized(image, lambda image: F.resize(image, sides, antialias=True))
    # PyTorch gets a single column wrong; tests/test_resize.py compares these with Pillow.
    assume(expected.shape[-1] > 1 or expected.shape[-2] == 1)
    assert close(Resize(size)(image), expected, steps=1)


@settings(deadline=None)
@given(images(least=4), st.integers(1, 12), seeds)
def test_random_resized_crop(image: torch.Tensor, size: int, seed: int) -> None:
    transform = RandomResizedCrop(size, scale=(0.2, 1.0))
    box = with_seed(seed, lambda: transform.draw(*image.shape[-2:]))
    expected = resized(image, lambda image: F.resized_crop(image, *box, [size, size], antialias=True))
    assert close(with_seed(seed, lambda: transform(image)), expected, steps=1)


@settings(deadline=None)
@given(images(least=2), st.floats(-180, 180), st.sampled_from([0.0, 0.5]))
def test_bilinear_rotation(image: torch.Tensor, angle: float, fill: float) -> None:
    if image.dtype == torch.uint8:
        fill = fill * 255 // 1
    # torchvision fades the border to its own fill twice. Without a fill it fades once, to 0; so 0 is made the fill.
    expected = F.rotate(image.float() - fill, angle, v2.InterpolationMode.BILINEAR) + fill
    assert close(rotate(image.float(), angle, "bilinear", fill) / 255, expected / 255)
    if image.dtype == torch.uint8:
        assert close(rotate(image, angle, "bilinear", fill), expected.round().byte(), steps=1)


@settings(deadline=None)
@given(images(least=2), st.sampled_from([-180, -90, 0, 90, 180]), st.sampled_from(["nearest", "bilinear"]))
def test_quarter_turns_move_pixels_whole(image: torch.Tensor, angle: int, interpolation: Any) -> None:
    side = min(image.shape[-2:])
    square = image[..., :side, :side]
    assert close(rotate(square, angle, interpolation), square.rot90(angle // 90, (-2, -1)))


def test_a_photograph_may_shrink_to_its_mean() -> None:
    image = torch.randint(0, 256, (3, 2, 2), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    mean = image.float().mean(dim=(1, 2), keepdim=True)
    assert close(Resize(1)(image), mean.round().byte(), steps=1)


@pytest.mark.parametrize("angle", [-75.0, -13.3, 4.0, 31.0, 118.0])
def test_nearest_rotation_of_a_photograph(angle: float) -> None:
    photograph = decode_rgb(photographs()["china"])
    expected = F.rotate(photograph, angle)
    # Where a place lies halfway between two pixels, rounding may choose either.
    assert (rotate(photograph, angle) == expected).float().mean() > 0.999


@settings(deadline=None)
@given(images(), st.floats(0, 90), seeds)
def test_random_rotation_draws_its_angle(image: torch.Tensor, degrees: float, seed: int) -> None:
    transform = RandomRotation(degrees, "bilinear", fill=1)
    angle = with_seed(seed, transform.draw)
    assert -degrees <= angle <= degrees
    assert identical(with_seed(seed, lambda: transform(image)), rotate(image, angle, "bilinear", 1))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: RandomHorizontalFlip(1.5), r"RandomHorizontalFlip: p must be a probability from 0 to 1; 1\.5 arrived"),
        (lambda: RandomVerticalFlip(-1), "RandomVerticalFlip: p must be a probability from 0 to 1; -1 arrived"),
        (lambda: CenterCrop(0), "CenterCrop: size must be a positive integer; 0 arrived"),
        (lambda: CenterCrop((1, 2, 3)), r"CenterCrop: size must be one integer or \(height, width\); \(1, 2, 3\)"),  # type: ignore[arg-type]
        (lambda: Resize((4, -1)), "Resize: size must be a positive integer; -1 arrived"),
        (lambda: RandomCrop(4, padding=-1), "RandomCrop: padding must be an integer, 0 or above; -1 arrived"),
        (lambda: RandomResizedCrop(4, scale=(0.5, 0.1)), r"scale must be \(least, greatest\), above 0; \(0.5, 0.1\)"),
        (lambda: RandomResizedCrop(4, ratio=(0, 1)), r"ratio must be \(least, greatest\), above 0; \(0, 1\) arrived"),
        (lambda: RandomRotation(-5), "RandomRotation: degrees must be one number, 0 or above, or .*; -5 arrived"),
        (lambda: RandomRotation(5, "cubic"), "interpolation is 'nearest' or 'bilinear'; 'cubic' arrived"),  # type: ignore[arg-type]
    ],
)
def test_arguments_out_of_range_are_refused(build: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()


ALL = [CenterCrop(4), RandomCrop(4), RandomResizedCrop(4), Resize(4), RandomHorizontalFlip(), RandomRotation(5)]


@pytest.mark.parametrize("transform", ALL, ids=lambda transform: type(transform).__name__)
def test_what_is_no_image_is_refused(transform: Any) -> None:
    name = type(transform).__name__
    with pytest.raises(TypeError, match=rf"{name}: a ndarray arrived; a tensor \[..., C, H, W\] is expected"):
        transform(torch.zeros(3, 8, 8).numpy())
    with pytest.raises(ValueError, match=rf"{name}: a tensor of shape \[8, 8\] arrived; \[..., C, H, W\] with pixels"):
        transform(torch.zeros(8, 8))
    with pytest.raises(ValueError, match=rf"{name}: a tensor of shape \[3, 0, 8\] arrived"):
        transform(torch.zeros(3, 0, 8))


@pytest.mark.parametrize("transform", [CenterCrop(9), RandomCrop(9), RandomCrop(11, padding=1)])
def test_a_part_larger_than_the_image_is_refused(transform: Any) -> None:
    with pytest.raises(ValueError, match=r"smaller than the part of .* Resize it before, or ask for a smaller part"):
        transform(torch.zeros(3, 8, 20))
