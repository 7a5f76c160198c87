"""Short clips of long videos, of which only the frames that are looked at are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, SupportsIndex

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import check_positive
from datakit.datasets.indexing import position
from datakit.datasets.video_file import FrameReader, scan_video
from datakit.datasets.video_sampling import FrameSampling, uniform_times


class Clip(NamedTuple):
    """Some frames of a clip.

    Attributes:
        frames: uint8 [T, 3, height, width], or what the transform made of it.
        times: float64 [T]: when each frame appears, in seconds from the video's first frame.
        video: the number of the video.
        start: where the clip begins, in seconds.
    """

    frames: Any
    times: Tensor
    video: int
    start: float


class VideoClips(Dataset[Clip]):
    """Clips of equal length from several videos: the clip index is light, and frames are decoded when asked for.

    The constructor reads each file through for its frames' timestamps and decodes nothing. A sample decodes from the
    key frame before the first wanted frame, and jumps ahead where a key frame lies between two wanted ones. One decoded
    frame is held at a time, besides those of the sample.

    Args:
        paths: the videos, in any format that FFmpeg reads.
        clip_seconds: the length of a clip.
        frames: how many frames a sample has.
        step_seconds: from the start of a clip to the next one's; by default ``clip_seconds``: clips that don't overlap.
            What is left at a video's end and too short for a clip is not used.
        sampling: which instants to look at: :func:`datakit.uniform_times`, :func:`datakit.random_times`, or
            ``functools.partial(datakit.strided_times, stride=0.1)``; or a function like these.
        transform: called with the frames, a uint8 tensor [T, 3, height, width].

    Attributes:
        paths: the videos; ``paths[clip.video]`` is a clip's.
        videos: int64 [N], for each clip the number of its video.
        starts: float64 [N], for each clip its start in seconds.

    Raises:
        FileNotFoundError: if a video is not there.
        ModuleNotFoundError: if PyAV is not installed.
        OSError: if a file can't be read as a video.
        TypeError: if ``paths`` is a single path.
        ValueError: if a number is out of range, there is no video, or one is shorter than a clip.

    Example:
        >>> import av, numpy as np, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> with av.open(f"{folder.name}/grey.mp4", "w") as container:
        ...     stream = container.add_stream("mpeg4", rate=10)
        ...     stream.width, stream.height = 64, 48
        ...     for i in range(40):
        ...         picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 5 * i, np.uint8), format="rgb24")
        ...         container.mux(stream.encode(picture))
        ...     container.mux(stream.encode())
        >>> dataset = VideoClips([f"{folder.name}/grey.mp4"], clip_seconds=2.0, frames=4)
        >>> clip = dataset[1]
        >>> len(dataset), clip.start, clip.frames.shape, clip.times.tolist()
        (2, 2.0, torch.Size([4, 3, 48, 64]), [2.2, 2.7, 3.2, 3.7])
        >>> folder.cleanup()

    Source: "Decoding a video with TorchCodec" (frames played at a time), TorchCodec documentation.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        clip_seconds: float,
        frames: int,
        *,
        step_seconds: float | None = None,
        sampling: FrameSampling = uniform_times,
        transform: Callable[[Tensor], Any] | None = None,
    ) -> None:
        check_positive(frames, "frames", "VideoClips")
        step_seconds = clip_seconds if step_seconds is None else step_seconds
        for name, value in {"clip_seconds": clip_seconds, "step_seconds": step_seconds}.items():
            if not value > 0:
                raise ValueError(f"VideoClips: {name} must be a positive number of seconds; {value!r} arrived.")
        if isinstance(paths, (str, Path)):
            raise TypeError(f"VideoClips: paths is a single path, {str(paths)!r}. Pass a list of paths.")
        if not paths:
            raise ValueError("VideoClips: the list of videos is empty. Pass at least one path.")
        self.paths = [Path(path) for path in paths]
        self.clip_seconds = clip_seconds
        self.frames = frames
        self.step_seconds = step_seconds
        self.sampling = sampling
        self.transform = transform
        self.indices = [scan_video(path, "VideoClips") for path in self.paths]
        counts = [self._count(video) for video in range(len(self.paths))]
        self.videos = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
        self.starts = torch.cat([torch.arange(count, dtype=torch.float64) for count in counts]) * step_seconds

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, index: SupportsIndex) -> Clip:
        """Decode one clip's frames.

        Raises:
            IndexError: if there is no such clip.
            OSError: if a frame can't be decoded.
            ValueError: if the sampling returns other than ``frames`` ascending instants within the clip.
        """
        at = position(index, len(self), "VideoClips")
        video, start = int(self.videos[at]), float(self.starts[at])
        known = self.indices[video]
        numbers = [known.frame_at(time) for time in self._instants(start)]
        frames: Any = FrameReader(known, "VideoClips").read(numbers)
        times = torch.tensor([known.time_of(number) for number in numbers], dtype=torch.float64)
        return Clip(frames if self.transform is None else self.transform(frames), times, video, start)

    def _instants(self, start: float) -> list[float]:
        end = start + self.clip_seconds
        times = self.sampling(start, end, self.frames)
        if len(times) != self.frames or list(times) != sorted(times) or not start <= times[0] <= times[-1] <= end:
            raise ValueError(
                f"VideoClips: for the clip from {start} s to {end} s the sampling returned {times}. "
                f"{self.frames} instants within the clip, in ascending order, are expected."
            )
        return times

    def _count(self, video: int) -> int:
        duration = self.indices[video].duration
        # A clip may end with the video, and both lengths may be rounded.
        count = int((duration - self.clip_seconds) / self.step_seconds + 1e-6) + 1
        if duration + 1e-6 < self.clip_seconds:
            raise ValueError(
                f"VideoClips: {self.paths[video]} lasts {duration:.3f} s, less than a clip of {self.clip_seconds} s. "
                "Leave it out, or choose shorter clips."
            )
        return count
