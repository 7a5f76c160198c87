"""A video that counts the frames it decodes, and a mirror for clips.

They lie in a module, because what a test hands over must be importable beside a learner's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from datakit._errors import missing_package
from datakit.datasets.video_file import scan_video

if TYPE_CHECKING:
    from av import VideoFrame


class Video(NamedTuple):
    """What is needed to read some frames of a video.

    Attributes:
        pts: when each frame appears, in ticks, ascending.
        keys: the ticks of the key frames, ascending.
        decode: tick → an iterator of pairs (tick, picture uint8 [3, H, W]). It begins at the last key frame at or
            before that tick and goes on to the video's end. A frame is decoded when the iterator is asked for it, not
            before.
    """

    pts: list[int]
    keys: list[int]
    decode: Callable[[int], Iterator[tuple[int, Tensor]]]


class CountedVideo:
    """A video file, and how many of its frames were decoded so far.

    Args:
        path: the file. Its key frames must stand in the order in which they are shown.

    Attributes:
        video: what a function that reads frames needs.
        decoded: how many frames have come out of the decoder, since this object was made, or since it was set to 0.

    Raises:
        FileNotFoundError: if there is no such file.
        ModuleNotFoundError: if PyAV is not installed.
        OSError: if it can't be read as a video.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.decoded = 0
        index = scan_video(path, "CountedVideo")
        self.video = Video(index.pts.tolist(), index.keys[:, 0].tolist(), self.decode)

    def decode(self, tick: int) -> Iterator[tuple[int, Tensor]]:
        """Decode from the last key frame at or before ``tick`` on, one picture after the other."""
        for frame in self.frames(tick):
            assert frame.pts is not None  # a video without times is refused at the start
            # Else FFmpeg starts threads for each picture, which stay as long as its frame: here, until the next one.
            yield frame.pts, torch.from_numpy(frame.to_ndarray(format="rgb24", threads=1)).permute(2, 0, 1)

    def frames(self, tick: int) -> Iterator[VideoFrame]:
        """Decode in the same way, without making pictures."""
        try:
            import av
        except ModuleNotFoundError as error:
            raise missing_package("av", "CountedVideo") from error
        with av.open(str(self.path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1  # several would decode ahead
            container.seek(int(tick), stream=stream, backward=True)
            for frame in container.decode(stream):
                self.decoded += 1
                yield frame


def mirror_half(frames: Tensor, rng: np.random.Generator) -> Tensor:
    """Mirror all frames [T, C, H, W] or none of them, each with probability one half."""
    return frames.flip(-1) if rng.random() < 0.5 else frames
