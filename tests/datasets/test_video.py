"""Clips of videos that are encoded on the spot. The oracle decodes every frame and picks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader as TorchLoader

from datakit import VideoClips, check, random_times, strided_times, uniform_times
from datakit.datasets.video_file import FrameReader, scan_video

H264 = "libx264"
GOP = 12


def encode(
    path: Path,
    n: int = 60,
    codec: str = H264,
    b_frames: int = 2,
    ticks: Callable[[int], int] = lambda i: i,
    size: tuple[int, int] = (64, 48),
) -> Path:
    """Encode frames whose pictures differ, 25 ticks a second, a key frame every ``GOP`` at most."""
    options = (
        {"sc_threshold": "0"} if codec == "mpeg4" else {"x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0"}
    )
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, size=(n, 6, 8, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height = size
        stream.codec_context.gop_size = GOP
        stream.codec_context.max_b_frames = b_frames
        for i in range(n):
            picture = small[i].repeat(size[1] // 6, axis=0).repeat(size[0] // 8, axis=1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = ticks(i), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@lru_cache(maxsize=4)
def decode_all(path: Path) -> tuple[list[Fraction], torch.Tensor]:
    """Every frame of a video and its time, exactly."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.time_base is not None
        times = [(frame.pts - frames[0].pts) * stream.time_base for frame in frames]
    return times, torch.stack([torch.from_numpy(frame.to_ndarray(format="rgb24")) for frame in frames]).permute(
        0, 3, 1, 2
    )


def on_screen(times: list[Fraction], instant: float) -> int:
    """The last frame that has appeared; times that differ by rounding alone count as equal."""
    return max((i for i, time in enumerate(times) if time <= Fraction(instant) + Fraction(1, 10**9)), default=0)


@pytest.fixture(scope="module", params=["h264.mp4", "h264.mkv", "h264.ts", "plain.mp4", "mpeg4.mkv", "mpeg4.avi"])
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / request.param
    codec = "mpeg4" if request.param.startswith("mpeg4") else H264
    return encode(path, codec=codec, b_frames=0 if request.param.startswith("plain") else 2)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames, a key frame every 12, no frame that refers to a later one."""
    return encode(tmp_path_factory.mktemp("video") / "plain.mp4", b_frames=0)


# What a clip holds


@settings(max_examples=25, deadline=None)
@given(
    clip_seconds=st.floats(0.1, 2.4),
    frames=st.integers(1, 8),
    step=st.floats(0.05, 1.0),
    strategy=st.sampled_from(["uniform", "random", "strided"]),
    data=st.data(),
)
def test_equals_decoding_everything(
    video: Path, clip_seconds: float, frames: int, step: float, strategy: str, data: st.DataObject
) -> None:
    strided = partial(strided_times, stride=clip_seconds / frames * data.draw(st.floats(0.1, 0.99)))
    sampling = {"uniform": uniform_times, "random": random_times, "strided": strided}[strategy]
    asked: list[list[float]] = []

    def spy(start: float, end: float, frames: int) -> list[float]:
        asked.append(sampling(start, end, frames))
        return asked[-1]

    dataset = VideoClips([video], clip_seconds, frames, step_seconds=step, sampling=spy)
    clip = dataset[data.draw(st.integers(0, len(dataset) - 1))]
    times, pictures = decode_all(video)
    expected = [on_screen(times, instant) for instant in asked[0]]
    assert torch.equal(clip.frames, pictures[expected])
    assert clip.times.tolist() == pytest.approx([float(times[i]) for i in expected])
    assert (clip.frames.dtype, clip.times.dtype) == (torch.uint8, torch.float64)


def test_every_frame_by_itself(video: Path) -> None:
    reader = FrameReader(scan_video(video, "test"), "test")
    for number, picture in enumerate(decode_all(video)[1]):
        assert torch.equal(reader.read([number])[0], picture), number


def test_uneven_frame_times(tmp_path: Path) -> None:
    path = encode(tmp_path / "uneven.mp4", n=40, ticks=lambda i: i * i // 4 + i)
    times, pictures = decode_all(path)
    assert len({b - a for a, b in pairwise(times)}) > 5
    dataset = VideoClips([path], clip_seconds=3.0, frames=7)
    for clip in (dataset[i] for i in range(len(dataset))):
        expected = [on_screen(times, instant) for instant in uniform_times(clip.start, clip.start + 3.0, 7)]
        assert torch.equal(clip.frames, pictures[expected])


def test_a_frame_is_not_on_the_screen_before_its_time(tmp_path: Path) -> None:
    # The container with the coarsest ticks, one a frame.
    index = scan_video(encode(tmp_path / "t.avi", codec="mpeg4", b_frames=0), "test")
    assert index.tick == pytest.approx(1 / 25)
    for number in range(1, 60):
        assert index.frame_at(number / 25 - 1e-6) == number - 1
        assert index.frame_at(index.time_of(number)) == index.frame_at(number / 25) == number


def test_the_clip_index(tmp_path: Path) -> None:
    paths = [encode(tmp_path / "a.mp4", n=50), encode(tmp_path / "b.mp4", n=30, codec="mpeg4")]
    dataset = VideoClips(paths, clip_seconds=0.8, frames=2, step_seconds=0.4)
    assert dataset.videos.tolist() == [0, 0, 0, 0, 1, 1]
    assert dataset.starts.tolist() == pytest.approx([0, 0.4, 0.8, 1.2, 0, 0.4])
    assert [(clip.video, clip.start) for clip in (dataset[i] for i in range(6))] == [
        (video, pytest.approx(start))
        for video, start in zip(dataset.videos.tolist(), dataset.starts.tolist(), strict=True)
    ]
    assert len(VideoClips(paths[:1], clip_seconds=2.0, frames=1)) == 1
    assert len(VideoClips(paths[:1], clip_seconds=0.5, frames=1)) == 4


def test_keeps_the_contract_of_a_list(plain: Path) -> None:
    dataset = VideoClips([plain], clip_seconds=0.8, frames=2)
    check.indexing(dataset, [tuple(dataset[i]) for i in range(3)])


def test_transform_and_memory_format(plain: Path) -> None:
    frames = VideoClips([plain], 0.8, 3)[0].frames
    assert frames.shape == (3, 3, 48, 64)
    assert frames.is_contiguous(memory_format=torch.channels_last)
    assert VideoClips([plain], 0.8, 3, transform=lambda x: x.shape[0])[0].frames == 3


def test_worker_processes_decode_the_same(plain: Path) -> None:
    dataset = VideoClips([plain], 0.4, 3)
    assert dataset[0].video == 0  # this process has decoded when the workers start
    batches = list(TorchLoader(dataset, batch_size=2, num_workers=2))
    assert torch.equal(
        torch.cat([batch.frames for batch in batches]), torch.stack([dataset[i].frames for i in range(6)])
    )


# What it costs


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=6).map(sorted))
def test_decodes_no_more_than_the_runs_from_key_frames(plain: Path, wanted: list[int]) -> None:
    reader = FrameReader(scan_video(plain, "test"), "test")
    assert torch.equal(reader.read(wanted), decode_all(plain)[1][wanted])
    needed = {number for last in wanted for number in range(last - last % GOP, last + 1)}
    assert reader.decoded == len(needed)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=6).map(sorted))
def test_decodes_at_most_a_run_more_in_files_that_are_searched_roughly(video: Path, wanted: list[int]) -> None:
    reader = FrameReader(scan_video(video, "test"), "test")
    assert torch.equal(reader.read(wanted), decode_all(video)[1][wanted])
    keys = np.searchsorted(reader.index.keys[:, 0], reader.index.pts[wanted], side="right")
    needed = {n for n, key in zip(wanted, keys, strict=True) for n in range(
        int(np.searchsorted(reader.index.pts, reader.index.keys[max(key - 1, 0), 0])), n + 1)}  # fmt: skip
    assert reader.decoded <= len(needed) + 2 * len(set(keys.tolist()))


def test_a_scan_decodes_nothing(video: Path) -> None:
    index = scan_video(video, "test")
    times, _ = decode_all(video)
    assert [index.time_of(i) for i in range(len(index.pts))] == pytest.approx([float(time) for time in times])
    assert index.duration == pytest.approx(60 / 25)


PEAK = """
import resource, sys
from datakit import VideoClips
VideoClips([sys.argv[1]], clip_seconds=0.2, frames=2)[0]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
VideoClips([sys.argv[1]], clip_seconds=8.0, frames=2)[0]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_the_whole_video_is_never_in_memory(tmp_path: Path) -> None:
    path = encode(tmp_path / "large.mp4", n=200, codec="mpeg4", b_frames=0, size=(640, 480))
    ran = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
    decoded_kilobytes = 200 * 640 * 480 * 3 // 1024
    assert int(ran.stdout) < decoded_kilobytes / 5


# Strategies


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e4), st.floats(0.01, 100), st.integers(1, 50))
def test_instants_are_as_many_as_asked_ascending_and_in_the_clip(start: float, length: float, frames: int) -> None:
    end = start + length
    part = length / frames
    for strategy in (uniform_times, random_times, partial(strided_times, stride=part / 2)):
        times = strategy(start, end, frames)
        assert len(times) == frames
        assert times == sorted(times)
        assert start <= times[0] <= times[-1] <= end
    for i, time in enumerate(random_times(start, end, frames)):
        assert start + i * part - 1e-6 <= time <= start + (i + 1) * part + 1e-6
    assert np.allclose(uniform_times(start, end, frames), np.linspace(start, end, 2 * frames + 1)[1::2])


def test_random_instants_differ_each_time() -> None:
    assert random_times(0, 1, 4) != random_times(0, 1, 4)


@pytest.mark.parametrize("stride", [0.5, 0, -1])
def test_strides_that_do_not_fit_are_refused(stride: float) -> None:
    with pytest.raises(ValueError, match=rf"strided_times: 3 frames every {stride} s don't fit into a clip of 1.000 s"):
        strided_times(4.0, 5.0, 3, stride)


# Refusals


def test_a_missing_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"VideoClips: there is no file '.*none.mp4'. Check the path"):
        VideoClips([tmp_path / "none.mp4"], 1.0, 2)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.mp4").write_bytes(content)
    with pytest.raises(
        OSError, match=r"VideoClips: .*t.mp4 can't be read as a video: .* Replace the file, or leave it"
    ):
        VideoClips([tmp_path / "t.mp4"], 1.0, 2)


def test_a_video_cut_short_is_refused(tmp_path: Path, plain: Path) -> None:
    (tmp_path / "cut.mp4").write_bytes(plain.read_bytes()[:-3000])
    with pytest.raises(OSError, match=r"VideoClips: .*cut.mp4 can't be read as a video"):
        VideoClips([tmp_path / "cut.mp4"], 1.0, 2)


def test_frames_that_are_broken_are_reported(tmp_path: Path, plain: Path) -> None:
    dataset = VideoClips([encode(tmp_path / "t.mp4", b_frames=0)], 2.4, 8)
    content = bytearray((tmp_path / "t.mp4").read_bytes())
    begin = content.index(b"mdat") + 4
    content[begin:-2000] = bytes(len(content) - 2000 - begin)
    (tmp_path / "t.mp4").write_bytes(content)
    with pytest.raises(OSError, match=r"VideoClips: .*t.mp4 can't be read as a video"):
        dataset[0]


def without_key_frames(path: Path, copy: Path) -> Path:
    """Copy a video but for its key frames, as where a recording begins too late."""
    with av.open(str(path)) as container, av.open(str(copy), "w") as written:
        stream = written.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(container.streams.video[0]):
            if packet.dts is not None and not packet.is_keyframe:
                packet.stream = stream
                written.mux(packet)
    return copy


def test_a_video_without_key_frames_is_refused(tmp_path: Path) -> None:
    copy = without_key_frames(encode(tmp_path / "t.mkv"), tmp_path / "copy.mkv")
    with pytest.raises(ValueError, match=r"VideoClips: .*copy.mkv has no key frame, so decoding can't begin anywhere"):
        VideoClips([copy], 1.0, 2)


def test_key_frames_that_are_gone_when_a_clip_is_read_are_reported(tmp_path: Path) -> None:
    path = encode(tmp_path / "t.mp4")
    dataset = VideoClips([path], 1.0, 2)
    without_key_frames(path, tmp_path / "copy.mp4").replace(path)
    with pytest.raises(OSError, match=r"VideoClips: .*t.mp4 can't be read as a video: the frame at .* s doesn't come"):
        dataset[0]


def test_a_file_that_changed_after_the_scan_is_reported(tmp_path: Path) -> None:
    dataset = VideoClips([encode(tmp_path / "t.mp4")], 1.0, 2)
    encode(tmp_path / "t.mp4", n=30)
    assert dataset[0].frames.shape[0] == 2
    with pytest.raises(OSError, match=r"t.mp4 can't be read as a video: the frame at 1.240 s doesn't come out of the"):
        dataset[1]


def test_frames_without_timestamps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"VideoClips: .*t.h264 has frames without a timestamp. Write it anew as MP4"):
        VideoClips([encode(tmp_path / "t.h264")], 1.0, 2)


def test_a_file_with_sound_alone_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "t.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(ValueError, match=r"VideoClips: .*t.wav has no video in it, only audio. Leave it out"):
        VideoClips([tmp_path / "t.wav"], 1.0, 2)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, plain: Path) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ModuleNotFoundError, match=r"VideoClips needs the package av, .* pip install 'datakit\[data\]'"):
        VideoClips([plain], 1.0, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"paths": []}, "the list of videos is empty. Pass at least one path"),
        ({"clip_seconds": 0}, "clip_seconds must be a positive number of seconds; 0 arrived"),
        ({"clip_seconds": float("nan")}, "clip_seconds must be a positive number of seconds; nan arrived"),
        ({"step_seconds": -1.0}, "step_seconds must be a positive number of seconds; -1.0 arrived"),
        ({"frames": 0}, "frames must be a positive integer; 0 arrived"),
        ({"clip_seconds": 2.5}, r".*plain.mp4 lasts 2.400 s, less than a clip of 2.5 s. Leave it out, or choose"),
    ],
)
def test_bad_arguments_are_refused(plain: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"VideoClips: {words}"):
        VideoClips(**{"paths": [plain], "clip_seconds": 1.0, "frames": 2, **arguments})


@pytest.mark.parametrize("kind", [str, Path])
def test_a_single_path_is_no_list(plain: Path, kind: Any) -> None:
    with pytest.raises(TypeError, match=r"VideoClips: paths is a single path, '.*plain.mp4'. Pass a list of paths"):
        VideoClips(kind(plain), 1.0, 2)


@pytest.mark.parametrize("times", [[0.1], [0.5, 0.1], [0.5, 1.5], [-1.0, 0.0]])
def test_a_sampling_that_goes_astray_is_refused(plain: Path, times: list[float]) -> None:
    with pytest.raises(ValueError, match=r"the clip from 0.0 s to 1.0 s the sampling returned .* 2 instants within"):
        VideoClips([plain], 1.0, 2, sampling=lambda start, end, frames: times)[0]
