"""Padded images, with torchvision's own batching of unequal images as oracle."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import pad

from datakit import PaddedImages, pad_images

sides = st.tuples(st.integers(1, 12), st.integers(1, 12))
dtypes = st.sampled_from([torch.uint8, torch.float32])


def draw_images(sizes: list[tuple[int, int]], channels: int, dtype: torch.dtype, seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, 256, (channels, *size), generator=generator).to(dtype) for size in sizes]


@settings(deadline=None, max_examples=60)
@given(st.lists(sides, min_size=1, max_size=4), st.integers(1, 8), st.integers(0, 2**32))
def test_equals_the_batches_of_torchvisions_detectors(sizes: list[tuple[int, int]], multiple: int, seed: int) -> None:
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    images = draw_images(sizes, 3, torch.float32, seed)
    theirs = GeneralizedRCNNTransform(1, 1, [0.0], [1.0]).batch_images(images, size_divisible=multiple)
    assert torch.equal(pad_images(images, multiple).images, theirs)


@settings(deadline=None)
@given(st.lists(sides, min_size=1, max_size=4), dtypes, st.integers(1, 4), st.integers(0, 9), st.integers(0, 2**32))
def test_image_mask_and_size_agree(
    sizes: list[tuple[int, int]], dtype: torch.dtype, channels: int, fill: int, seed: int
) -> None:
    images = draw_images(sizes, channels, dtype, seed)
    padded = pad_images(images, fill=fill)
    assert isinstance(padded, PaddedImages)
    assert padded.images.dtype == dtype
    assert padded.sizes.tolist() == [list(size) for size in sizes]
    height, width = padded.images.shape[-2:]
    assert (height, width) == (max(h for h, _ in sizes), max(w for _, w in sizes))
    for image, on_canvas, mask, (h, w) in zip(images, padded.images, padded.mask, sizes, strict=True):
        assert torch.equal(on_canvas, pad(image, (0, width - w, 0, height - h), value=fill))
        assert torch.equal(mask, pad(torch.ones(h, w), (0, width - w, 0, height - h)).bool())


def test_labels_are_collated_as_ever() -> None:
    padded, labels = pad_images([(torch.ones(1, 2, 2), 4), (torch.ones(1, 1, 3), 5)])
    assert padded.images.shape == (2, 1, 2, 3)
    assert labels.tolist() == [4, 5]


@pytest.mark.parametrize(
    ("batch", "multiple", "kind", "words"),
    [
        ([], 1, ValueError, "no samples arrived"),
        ([torch.zeros(3, 4)], 1, ValueError, r"sample 0 of the batch has shape \[3, 4\]"),
        (
            [torch.zeros(3, 4, 4), torch.zeros(1, 4, 4)],
            1,
            ValueError,
            r"sample 1 of the batch has shape \[1, 4, 4\], sample 0 \[3, 4, 4\]. Expected is \[C, height, width\]",
        ),
        ([("photo.jpg", 1)], 1, TypeError, r"sample 0 of the batch is a tuple that does not begin with a tensor"),
        ([torch.zeros(3, 4, 4), torch.zeros(3, 4, 4).byte()], 1, TypeError, "sample 1 of the batch is torch.uint8"),
        ([torch.zeros(3, 4, 4)], 0, ValueError, "multiple must be a positive integer; 0 arrived"),
    ],
)
def test_refusals(batch: list[Any], multiple: int, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"pad_images: {words}"):
        pad_images(batch, multiple)
