"""Resizing into place, against torchvision's resize."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as v2

from datakit import resize
from datakit.resize import resize_into
from datakit.transforms import Resize

SIDE = st.integers(1, 90)


def random_image(
    height: int,
    width: int,
    seed: int,
    dtype: torch.dtype = torch.uint8,
    channels: int = 3,
    channels_first: bool = False,
) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (height, width, channels), dtype=torch.uint8, generator=generator)
    image = pixels.permute(2, 0, 1).to(dtype)
    return image.contiguous() if channels_first else image


@pytest.mark.parametrize("way", ["direct", "interpolate"])
@settings(max_examples=80, deadline=None)
@given(
    crop=st.tuples(st.integers(0, 20), st.integers(0, 20), SIDE, SIDE),
    out=st.tuples(SIDE, SIDE),
    channels=st.integers(1, 5),
    channels_first=st.booleans(),
    channels_last=st.booleans(),
    seed=st.integers(0, 99),
    dtype=st.sampled_from([torch.uint8, torch.float32]),
)
def test_equals_torchvision(
    way: str,
    crop: tuple[int, int, int, int],
    out: tuple[int, int],
    channels: int,
    channels_first: bool,
    channels_last: bool,
    seed: int,
    dtype: torch.dtype,
) -> None:
    assume(out[1] > 1)  # a single column torchvision gets wrong: see the test below
    top, left, height, width = crop
    image = random_image(top + height + 3, left + width + 5, seed, dtype, channels, channels_first)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    batch = torch.full((3, channels, *out), 99, dtype=dtype).contiguous(memory_format=layout)
    with pytest.MonkeyPatch.context() as patch:
        if way == "interpolate":
            patch.setattr(resize, "_direct", None)
        resize_into(image[:, top : top + height, left : left + width], batch[1])
    wanted = v2.resized_crop(image, top, left, height, width, list(out), antialias=True)
    torch.testing.assert_close(batch[1], wanted, rtol=0, atol=0 if dtype == torch.uint8 else 1e-3)
    assert (batch[0] == 99).all()
    assert (batch[2] == 99).all()


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_few_pixels_are_right_in_every_layout(dtype: torch.dtype, channels_first: bool, channels_last: bool) -> None:
    """Against Pillow, since PyTorch's antialiasing is wrong for a single column; bytes may be rounded either way."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    for channels, *old, high, wide in product((1, 3, 4), (1, 2, 5), (1, 2, 5), (1, 2, 3), (1, 2, 3)):
        image = random_image(*old, 0, dtype, channels, channels_first)
        batch = torch.full((3, channels, high, wide), 99, dtype=dtype).contiguous(memory_format=layout)
        resize_into(image, batch[1])
        planes = (Image.fromarray(plane.float().numpy()) for plane in image)
        resized = [np.asarray(plane.resize((wide, high), Image.Resampling.BILINEAR)) for plane in planes]
        exact = torch.from_numpy(np.stack(resized))
        torch.testing.assert_close(batch[1].float(), exact, rtol=0, atol=1.01 if dtype == torch.uint8 else 1e-3)
        torch.testing.assert_close(Resize((high, wide))(image), batch[1], rtol=0, atol=1e-3)
        assert (batch[0] == 99).all()
        assert (batch[2] == 99).all()


def test_this_pytorch_has_the_operator() -> None:
    # If a new PyTorch changes it, the package still works, slower: look whether the new one can be used.
    assert resize._direct is not None


def test_a_changed_operator_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resize, "SIGNATURE", "aten::_upsample_bilinear2d_aa.out(Tensor self, int mode) -> Tensor")
    assert resize._find_direct() is None


def test_the_result_is_not_made_elsewhere_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.functional, "interpolate", None)
    resize_into(random_image(30, 40, 0)[:, 3:20, 5:30], torch.empty(3, 8, 8, dtype=torch.uint8))


@pytest.mark.parametrize(
    ("source", "out", "words"),
    [
        (torch.zeros(3, 4, 4), torch.zeros(3, 2, 2, dtype=torch.uint8), r"float32 \[3, 4, 4\] .* uint8 \[3, 2, 2\]"),
        (torch.zeros(1, 4, 4), torch.zeros(3, 2, 2), "with the same channels and dtype"),
        (torch.zeros(1, 3, 4, 4), torch.zeros(3, 2, 2), r"Both must be \[channels, height, width\]"),
        (torch.zeros(3, 0, 4), torch.zeros(3, 2, 2), "one of them without pixels"),
    ],
)
def test_what_does_not_fit_is_refused(source: Tensor, out: Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resize_into(source, out)
