"""The numbered videos say who they are after lossy encoding, and the counter counts what is decoded."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from datakit.experiments.clip_counter import CountedVideo, mirror_half
from datakit.experiments.clip_videos import Number, numbered_picture, read_number, write_video

BYTE = st.integers(0, 255)


@given(BYTE, BYTE, st.booleans())
def test_a_picture_says_who_it_is(frame: int, video: int, mirrored: bool) -> None:
    picture = numbered_picture(frame, video)
    assert (picture.dtype, picture.shape) == (torch.uint8, (3, 48, 64))
    assert read_number(picture.flip(-1) if mirrored else picture) == Number(video, frame, mirrored)


@given(BYTE, st.sampled_from(["channels", "rows", "blend"]))
def test_what_is_no_picture_of_one_frame_is_not_read(frame: int, spoiled: str) -> None:
    picture = numbered_picture(frame)
    wrong = {
        "channels": picture.flip(0),
        "rows": picture.flip(1),
        "blend": (picture.float() * 0.5 + picture.flip(-1).float() * 0.5).to(torch.uint8),
    }[spoiled]
    with pytest.raises(ValueError, match="bright on one side and dark on the other"):
        read_number(wrong)


def test_wrong_shapes_and_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\[48, 64, 3\] arrived; a picture uint8 \[3, 48, 64\] is expected"):
        read_number(numbered_picture(1).permute(1, 2, 0))
    with pytest.raises(ValueError, match=r"frame=256, video=0 arrived\. Use numbers from 0 to 255"):
        numbered_picture(256)
    with pytest.raises(ValueError, match="2 ticks for 3 frames arrived"):
        write_video(tmp_path / "a.mp4", 3, ticks=[0, 40])


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_every_frame_survives_the_encoder_at_its_time(tmp_path: Path, name: str) -> None:
    ticks = [250 + 40 * number + number**2 for number in range(100)]
    path = write_video(tmp_path / name, 100, key_every=7, video=77, ticks=ticks)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.time_base is not None
        assert [frame.pts * stream.time_base * 1000 for frame in frames if frame.pts is not None] == ticks
    pictures = [torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1) for frame in frames]
    assert [read_number(picture) for picture in pictures] == [Number(77, number, False) for number in range(100)]
    assert [number for number, frame in enumerate(frames) if frame.key_frame] == list(range(0, 100, 7))


def test_the_counter_counts_from_the_key_frame_on_and_only_what_is_asked_for(tmp_path: Path) -> None:
    counted = CountedVideo(
        write_video(tmp_path / "film.mp4", 40, key_every=12, ticks=[900 + 40 * k for k in range(40)])
    )
    video = counted.video
    assert [video.pts.index(key) for key in video.keys] == [0, 12, 24, 36]
    assert counted.decoded == 0
    for number in range(40):
        counted.decoded = 0
        run = video.decode(video.pts[number])
        assert counted.decoded == 0
        tick, picture = next(run)
        key = number - number % 12
        assert (tick, read_number(picture).frame, counted.decoded) == (video.pts[key], key, 1)
        list(islice(run, 2))
        assert counted.decoded == min(3, 40 - key)
    assert [read_number(picture).frame for _, picture in video.decode(video.pts[30])] == list(range(24, 40))
    # A tick between two frames belongs to the run that is on then.
    assert next(video.decode(video.pts[24] - 1))[0] == video.pts[12]


def test_iterators_that_wait_hold_no_threads(tmp_path: Path) -> None:
    # A grader limits threads, and an iterator that isn't read to its end may wait for long.
    counted = CountedVideo(write_video(tmp_path / "film.mp4", 24))
    process = psutil.Process()
    before = process.num_threads()
    runs = [counted.video.decode(tick) for tick in counted.video.pts]
    assert len([next(run) for run in runs]) == 24
    assert process.num_threads() < before + 12


def test_a_mirror_takes_all_frames_or_none() -> None:
    clip = torch.stack([numbered_picture(number) for number in range(3)])
    sides = [{read_number(frame).mirrored for frame in mirror_half(clip, np.random.default_rng(k))} for k in range(20)]
    assert {True} in sides and {False} in sides
    assert all(len(side) == 1 for side in sides)


@pytest.mark.parametrize("call", ["write_video", "CountedVideo"])
def test_a_missing_pyav_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = write_video(tmp_path / "film.mp4", 3)
    counted = CountedVideo(path)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ModuleNotFoundError, match=rf"{call}.*needs the package av.*pip install 'datakit\[lab\]'"):
        write_video(path, 3) if call == "write_video" else next(counted.decode(0))


def test_importing_is_light() -> None:
    program = (
        "import sys, datakit.experiments.clip_counter, datakit.experiments.clip_videos; print('av' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
