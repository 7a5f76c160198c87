"""One video file: an index of its frames, and the decoding of those that are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from datakit._errors import missing_package

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

Ticks = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class VideoIndex:
    """Where the frames of a video stand. Light: eight bytes a frame.

    Attributes:
        path: the file.
        tick: the length of a tick in seconds; timestamps count ticks.
        pts: int64 [N], ascending: when each frame appears on the screen, in ticks.
        keys: int64 [K, 2]: the key frames' places in time and in the file (pts and dts). Only at these can decoding
            begin: every other frame says how it differs from those before it.
        duration: seconds from the first frame's appearance to the last one's end.
    """

    path: Path
    tick: float
    pts: Ticks
    keys: Ticks
    duration: float

    def frame_at(self, seconds: float) -> int:
        """Return the number of the frame on the screen at a time, counted from the first frame's appearance."""
        # A nanosecond more, as a frame's own time in seconds may be rounded down.
        ticks = self.pts[0] + int(np.floor((seconds + 1e-9) / self.tick))
        return max(int(np.searchsorted(self.pts, ticks, side="right")) - 1, 0)

    def time_of(self, frame: int) -> float:
        """Return when a frame appears, in seconds."""
        return float((self.pts[frame] - self.pts[0]) * self.tick)


def scan_video(path: str | Path, owner: str) -> VideoIndex:
    """Read the timestamps of a video's frames. The file is read through once, and no frame is decoded.

    Raises:
        FileNotFoundError: if there is no such file.
        ModuleNotFoundError: if PyAV is not installed.
        OSError: if it can't be read as a video.
        ValueError: if it has no video in it, or its frames have no timestamps.
    """
    path = Path(path)
    pts, keys, last = [], [], 0
    with _opened(path, owner) as container:
        if not container.streams.video:
            raise ValueError(f"{owner}: {path} has no video in it, only {_kinds(container)}. Leave it out.")
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                raise ValueError(
                    f"{owner}: {path} has frames without a timestamp. Write it anew as MP4 or Matroska: "
                    "ffmpeg -i old -c copy new.mp4"
                )
            pts.append(packet.pts)
            last = max(last, packet.pts + (packet.duration or 0))
            if packet.is_keyframe:
                keys.append((packet.pts, packet.pts if packet.dts is None else packet.dts))
        tick = float(stream.time_base or 0)
    if not keys:
        raise ValueError(f"{owner}: {path} has no key frame, so decoding can't begin anywhere. Leave it out.")
    ticks = np.unique(np.array(pts, dtype=np.int64))
    return VideoIndex(path, tick, ticks, np.array(sorted(keys), dtype=np.int64), float(last - ticks[0]) * tick)


class FrameReader:
    """Decode chosen frames of a video, and as few others as can be.

    Decoding begins at the last key frame before a wanted frame, and goes on from there, or from the frame before, if
    no key frame lies between. Frames in between are decoded and dropped at once.

    Args:
        index: the video's index.
        owner: who reads, for messages.

    Attributes:
        decoded: how many frames were decoded so far.
    """

    def __init__(self, index: VideoIndex, owner: str) -> None:
        self.index = index
        self.owner = owner
        self.decoded = 0

    def read(self, frames: Sequence[int]) -> Tensor:
        """Decode frames.

        Args:
            frames: their numbers in ascending order; repeats allowed.

        Returns:
            uint8 tensor [T, 3, height, width]; its memory is channels-last.

        Raises:
            OSError: if a frame can't be decoded.
        """
        with _opened(self.index.path, self.owner) as container:
            stream = container.streams.video[0]
            pictures = torch.empty(len(frames), stream.height, stream.width, 3, dtype=torch.uint8)
            for place, frame in enumerate(self._wanted(container, frames)):
                picture = frame.to_ndarray(format="rgb24", width=stream.width, height=stream.height)
                pictures[place] = torch.from_numpy(picture)
        return pictures.permute(0, 3, 1, 2)

    def _wanted(self, container: InputContainer, frames: Sequence[int]) -> Iterator[VideoFrame]:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1  # several would decode ahead; a loader's workers keep the cores busy
        run: Iterator[VideoFrame] = iter(())
        frame: VideoFrame | None = None
        for number in frames:
            target = int(self.index.pts[number])
            at = None if frame is None else frame.pts
            if at is None or at < target:
                key = max(int(np.searchsorted(self.index.keys[:, 0], target, side="right")) - 1, 0)
                if at is None or self.index.keys[key, 0] > at:
                    run = self._run_from(container, key)
                frame = next((frame for frame in run if frame.pts is not None and frame.pts >= target), None)
            if frame is None or frame.pts != target or frame.is_corrupt:
                missing = f"the frame at {self.index.time_of(number):.3f} s doesn't come out of the decoder"
                raise _unreadable(self.index.path, self.owner, missing)
            yield frame

    def _run_from(self, container: InputContainer, key: int) -> Iterator[VideoFrame]:
        """Begin to decode at a key frame."""
        stream = container.streams.video[0]
        begin = int(self.index.keys[key, 0])
        # Some kinds of file are searched by time on the screen, others by place in the file, which may be earlier.
        for place in self.index.keys[key].tolist():
            container.seek(place, stream=stream, backward=True)
            frames = self._counted(container.decode(stream))
            first = next(frames, None)
            # A later frame means that the search went too far: to frames that refer to some it has passed over.
            if first is not None and first.pts is not None and first.pts <= begin:
                return chain([first], frames)
        return iter(())

    def _counted(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            self.decoded += 1
            yield frame


@contextmanager
def _opened(path: Path, owner: str) -> Iterator[InputContainer]:
    """Open a video, and say which one it was if FFmpeg can't go on."""
    try:
        import av
    except ModuleNotFoundError as error:
        raise missing_package("av", owner, "data") from error
    try:
        with av.open(str(path)) as container:
            yield container
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{owner}: there is no file {str(path)!r}. Check the path.") from error
    except av.FFmpegError as error:
        raise _unreadable(path, owner, error) from error


def _unreadable(path: Path, owner: str, cause: object) -> OSError:
    return OSError(f"{owner}: {path} can't be read as a video: {cause}. Replace the file, or leave it out.")


def _kinds(container: InputContainer) -> str:
    return ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
