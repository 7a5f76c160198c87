"""Little videos whose pictures say which video and which frame they are, also after they were compressed.

A picture has 6 × 8 blocks. From top to bottom: a row that is bright on the left and dark on the right, so that a mirror
is seen; two rows with the frame's number in bits; two rows with the video's number; and a row in which a bright block
moves to the right. Bright is yellow, dark is nearly black: red and blue that were exchanged are seen, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from datakit._errors import missing_package

BLOCK, ROWS, COLUMNS = 8, 6, 8
HEIGHT, WIDTH = BLOCK * ROWS, BLOCK * COLUMNS
BRIGHT, DARK = (215, 215, 60), (40, 40, 60)
TICKS_A_SECOND = 1000
BITS_A_SECOND = 2_000_000
NUMBERS = 2**COLUMNS


class Number(NamedTuple):
    """What a picture says of itself.

    Attributes:
        video: the number of its video.
        frame: its number in the video.
        mirrored: whether left and right are exchanged.
    """

    video: int
    frame: int
    mirrored: bool


def numbered_picture(frame: int, video: int = 0) -> Tensor:
    """Draw a picture, uint8 [3, 48, 64].

    Args:
        frame: 0 … 255.
        video: 0 … 255.

    Raises:
        ValueError: if a number is out of range.
    """
    if not (0 <= frame < NUMBERS and 0 <= video < NUMBERS):
        raise ValueError(
            f"numbered_picture: frame={frame}, video={video} arrived. Use numbers from 0 to {NUMBERS - 1}: each has "
            f"{COLUMNS} bits."
        )
    lit = torch.zeros(ROWS, COLUMNS, dtype=torch.bool)
    lit[0, : COLUMNS // 2] = True
    lit[1:3], lit[3:5] = _bits(frame), _bits(video)
    points = lit.repeat_interleave(BLOCK, 0).repeat_interleave(BLOCK, 1)
    place = frame % (WIDTH - BLOCK + 1)
    points[-BLOCK:, place : place + BLOCK] = True
    return torch.where(points, torch.tensor(BRIGHT).view(3, 1, 1), torch.tensor(DARK).view(3, 1, 1)).to(torch.uint8)


def read_number(picture: Tensor) -> Number:
    """Read from a picture, uint8 [3, 48, 64], which one it is.

    Raises:
        ValueError: if it has another shape or dtype, or says nothing that can be read.
    """
    picture = torch.as_tensor(picture)
    if picture.shape != (3, HEIGHT, WIDTH) or picture.dtype != torch.uint8:
        raise ValueError(
            f"read_number: {picture.dtype} {list(picture.shape)} arrived; a picture uint8 [3, {HEIGHT}, {WIDTH}] is "
            "expected."
        )
    red, _, blue = picture.float().reshape(3, ROWS, BLOCK, COLUMNS, BLOCK).mean(dim=(2, 4))
    mirrored = bool(red[0].argmax() >= COLUMNS // 2)
    lit = red.flip(-1) > 128 if mirrored else red > 128
    head = lit[0].tolist()
    if head != [True] * (COLUMNS // 2) + [False] * (COLUMNS // 2) or float(blue[0].max()) > 128:
        raise ValueError(
            "read_number: the picture's first row isn't bright on one side and dark on the other, or red and blue are "
            "exchanged. Is this a whole picture of one frame, red first?"
        )
    return Number(_value(red, mirrored, 3), _value(red, mirrored, 1), mirrored)


def write_video(
    path: str | Path,
    frames: int,
    *,
    key_every: int = 12,
    video: int = 0,
    ticks: Sequence[int] | None = None,
) -> Path:
    """Encode a video of numbered pictures.

    Args:
        path: the file; MP4 keeps all times as they are given.
        frames: how many, at most 256.
        key_every: from one key frame to the next, in frames.
        video: the number that its pictures carry.
        ticks: when each frame appears, in thousandths of a second, ascending; by default one every 40.

    Returns:
        The path.

    Raises:
        ModuleNotFoundError: if PyAV is not installed.
        ValueError: if ``ticks`` has another length.
    """
    try:
        import av
    except ModuleNotFoundError as error:
        raise missing_package("av", "write_video()") from error
    ticks = [40 * number for number in range(frames)] if ticks is None else ticks
    if len(ticks) != frames:
        raise ValueError(f"write_video: {len(ticks)} ticks for {frames} frames arrived. Each frame needs one.")
    # MPEG-4 is encoded and decoded by FFmpeg itself, in every build; a change of scene must not add key frames.
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=25, options={"sc_threshold": "1000000000"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = key_every
        stream.codec_context.bit_rate = BITS_A_SECOND
        stream.codec_context.max_b_frames = 0
        stream.codec_context.time_base = Fraction(1, TICKS_A_SECOND)
        for number, tick in enumerate(ticks):
            picture = np.ascontiguousarray(numbered_picture(number, video).permute(1, 2, 0).numpy())
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(tick), Fraction(1, TICKS_A_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return Path(path)


def _bits(number: int) -> Tensor:
    return torch.tensor([number >> place & 1 for place in reversed(range(COLUMNS))], dtype=torch.bool)


def _value(red: Tensor, mirrored: bool, row: int) -> int:
    blocks = red[row : row + 2].mean(0)
    bits = (blocks.flip(0) if mirrored else blocks) > 128
    return sum(1 << place for place, bit in enumerate(reversed(bits.tolist())) if bit)
