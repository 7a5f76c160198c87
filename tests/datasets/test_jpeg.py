"""The fast decoder against Pillow's: the same pixels, or it leaves the work to Pillow."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from datakit.datasets import decode, jpeg


def picture(height: int, width: int, seed: int) -> Image.Image:
    """Smooth colours with some noise, so that subsampling and rounding matter."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, size=(3, 4, 3), dtype=np.uint8)).resize((width, height))
    noise = rng.integers(-20, 21, size=(height, width, 3))
    return Image.fromarray((np.asarray(coarse).astype(int) + noise).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "jpeg", **options)
    return file.getvalue()


def pillow(data: bytes) -> torch.Tensor:
    return torch.from_numpy(np.array(Image.open(io.BytesIO(data)).convert("RGB"))).permute(2, 0, 1)


@settings(max_examples=80, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    seed=st.integers(0, 9),
    quality=st.integers(5, 95),
    subsampling=st.sampled_from(["4:4:4", "4:2:2", "4:2:0"]),
    progressive=st.booleans(),
    grey=st.booleans(),
)
def test_pixels_equal_pillows(
    height: int, width: int, seed: int, quality: int, subsampling: str, progressive: bool, grey: bool
) -> None:
    image = picture(height, width, seed)
    data = encoded(
        image.convert("L") if grey else image, quality=quality, subsampling=subsampling, progressive=progressive
    )
    decoded = jpeg.decode_jpeg(data)
    assert decoded is not None
    assert decoded.dtype == torch.uint8
    assert torch.equal(decoded, pillow(data))
    assert decoded.unsqueeze(0).is_contiguous(memory_format=torch.channels_last)


def damaged(kind: str) -> bytes:
    whole = encoded(picture(40, 60, 0), quality=90)
    return {
        "empty": b"",
        "no jpeg": b"\x89PNG\r\n\x1a\n" + bytes(50),
        "three bytes": whole[:3],
        "header only": whole[:100],
        "cut": whole[: len(whole) // 2],
        "four colours": encoded(Image.new("CMYK", (20, 10), (10, 80, 30, 0))),
    }[kind]


@pytest.mark.parametrize("kind", ["empty", "no jpeg", "three bytes", "header only", "cut", "four colours"])
def test_what_it_can_not_decode_is_left_to_pillow(kind: str, tmp_path: Path) -> None:
    data = damaged(kind)
    assert jpeg.decode_jpeg(data) is None
    (tmp_path / "image.jpg").write_bytes(data)
    if kind == "four colours":
        assert torch.equal(decode.decode_rgb(tmp_path / "image.jpg"), pillow(data))
    else:
        with pytest.raises(decode.UNDECODABLE):
            decode.decode_rgb(tmp_path / "image.jpg")


def test_an_image_that_would_fill_the_memory_is_left_to_pillow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = encoded(picture(40, 60, 0))
    (tmp_path / "image.jpg").write_bytes(data)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40 * 60 // 2 - 1)
    assert jpeg.decode_jpeg(data) is None
    with pytest.raises(Image.DecompressionBombError):
        decode.decode_rgb(tmp_path / "image.jpg")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert jpeg.decode_jpeg(data) is not None


def test_without_the_fast_decoder_pillow_gives_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "image.jpg").write_bytes(encoded(picture(33, 47, 1), quality=85))
    fast = decode.decode_rgb(tmp_path / "image.jpg")
    monkeypatch.setattr(jpeg, "_simplejpeg", lambda: None)
    assert torch.equal(decode.decode_rgb(tmp_path / "image.jpg"), fast)
