"""How many frames must be decoded for a clip?

**Question.** A model gets a few frames of a video. A frame between two key frames says only how it differs from those
before it, so these must be decoded, too. How many frames are decoded for each one that is used, for which stride, and
for which way to read?

**Set-up.** One video of 240 frames, encoded anew with the key frames as far apart as you say. From it the same number
of clips for each stride, at random places, read in three ways. *Each frame alone*: for every frame a search for the key
frame before it, as if frames were independent. *One run*: one search, and then everything from there to the clip's last
frame. *Runs with jumps* (:class:`datakit.VideoClips` reads so): a new search where a key frame lies between two wanted
frames, and nowhere else. Every frame that comes out of the decoder is counted.

**Plot.** For each stride and way: frames decoded for each frame that is used.

**Look for**

- Seeking isn't free: each search begins at a key frame, and pays for the frames from there on.
- With stride 1 one run is cheap, and each frame alone costs most.
- With large strides one run decodes what nobody asked for, and a jump saves it, if key frames are near.
- With every frame a key frame jumps decode nothing in vain. But the file is several times larger.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from datakit._errors import missing_package
from datakit.datasets.video_file import FrameReader, scan_video
from datakit.experiments.clip_counter import CountedVideo
from datakit.experiments.clip_videos import write_video
from datakit.experiments.figures import grouped_bars, new_figure
from datakit.experiments.number_format import short
from datakit.experiments.prediction import Prediction
from datakit.experiments.watch import Progress, Stop, Watch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from datakit.experiments.view import View

STRIDE, SPAN, FILE = "stride", "frames from first to last", "file (kB)"
ALONE, ONE_RUN, JUMPS = "each frame alone", "one run", "runs with jumps"
WAYS = (ALONE, ONE_RUN, JUMPS)
FRAMES = 240
STRIDES = (1, 2, 4, 8, 16)
ASKED_STRIDE = 4

# As a learner reads it → from one key frame to the next.
KEY_FRAMES = {"1 frame": 1, "6 frames": 6, "12 frames": 12, "30 frames": 30, "120 frames": 120}

# As a learner reads it → the frames decoded for each used one that it stays below.
ANSWERS = {"1": 1.05, "1 to 2": 2.0, "2 to 4": 4.0, "4 to 8": 8.0, "more than 8": float("inf")}
PREDICTION = Prediction(
    name="clip-cost",
    question=(
        "A clip has 8 frames, every fourth of its video (stride 4). The video has a key frame every 30 frames. A "
        "program goes to the key frame before the clip and decodes from there to the clip's last frame (one run). On "
        "average, how many frames are decoded for each frame that is used?"
    ),
    choices=tuple(ANSWERS),
)


def clip_cost(
    length: int = 8,
    key_every: int = 30,
    clips: int = 8,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> pd.DataFrame:
    """Read clips of several strides in three ways, and count the frames that are decoded.

    Args:
        length: frames in a clip, 1 to 15: with stride 16 it must fit into 240 frames.
        key_every: from one key frame to the next, in frames.
        clips: how many clips for each stride.
        seed: where the clips begin.
        progress: called with the share that is done, 0 to 1, and a few words.
        stop: asked again and again whether to stop.

    Returns:
        One row for each stride: from how many frames a clip is taken, the frames decoded for each used one, in each
        way, and the size of the file.

    Raises:
        ValueError: if a number is out of range.
        ModuleNotFoundError: if PyAV or pandas is not installed.
        StoppedError: if ``stop`` said so.
    """
    if min(length, key_every, clips) < 1 or (length - 1) * STRIDES[-1] >= FRAMES:
        raise ValueError(
            f"clip_cost: length={length}, key_every={key_every}, clips={clips} arrived. Use at least 1 everywhere, and "
            f"a length of at most {(FRAMES - 1) // STRIDES[-1] + 1}."
        )
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise missing_package("pandas", "clip_cost()") from error
    watch = Watch(progress, stop)
    watch.step(0, 1, "encoding the video")
    rng, rows = np.random.default_rng(seed), []
    with tempfile.TemporaryDirectory() as folder:
        path = write_video(Path(folder) / "video.mp4", FRAMES, key_every=key_every)
        size = path.stat().st_size / 1000
        counted, reader = CountedVideo(path), FrameReader(scan_video(path, "clip_cost"), "clip_cost")
        for turn, stride in enumerate(STRIDES):
            span = (length - 1) * stride + 1
            decoded = dict.fromkeys(WAYS, 0)
            for clip, start in enumerate(rng.integers(0, FRAMES - span + 1, clips).tolist()):
                watch.step(turn * clips + clip, len(STRIDES) * clips, f"reading clips with stride {stride}")
                wanted = list(range(start, start + span, stride))
                decoded[ALONE] += sum(_run(counted, number, number) for number in wanted)
                decoded[ONE_RUN] += _run(counted, wanted[0], wanted[-1])
                before = reader.decoded
                reader.read(wanted)
                decoded[JUMPS] += reader.decoded - before
            used = {way: frames / (clips * length) for way, frames in decoded.items()}
            rows.append({STRIDE: stride, SPAN: span, **used, FILE: size})
    watch.step(1, 1, "done")
    return pd.DataFrame(rows)


def _run(counted: CountedVideo, first: int, last: int) -> int:
    """Decode from the key frame before ``first`` to ``last``; return how many frames came out of the decoder."""
    before, pts = counted.decoded, counted.video.pts
    for frame in counted.frames(pts[first]):
        if frame.pts is None or frame.pts >= pts[last]:
            break
    return counted.decoded - before


def plot(table: pd.DataFrame) -> Figure:
    """Draw the frames decoded for each used one, for each stride and way."""
    figure = new_figure(height=0.9 + 0.8 * len(table))
    axes = figure.subplots()
    names = [f"stride {stride}" for stride in table[STRIDE]]
    grouped_bars(axes, names, {way: list(table[way]) for way in WAYS}, "frames decoded for each frame that is used")
    figure.legend(frameon=False, fontsize=10, loc="outside upper left", ncols=len(WAYS))
    return figure


def describe(table: pd.DataFrame) -> str:
    """Say in words what :func:`plot` shows, for those who can't see it."""
    rows = [
        f"stride {row[STRIDE]}: " + ", ".join(f"{way} {short(row[way])}" for way in WAYS)
        for row in table.to_dict("records")
    ]
    return f"A bar chart, frames decoded for each frame that is used, in three ways. {'; '.join(rows)}."


def explain(table: pd.DataFrame) -> str:
    """Say what just happened, from the counted values alone."""
    rows = table.to_dict("records")
    first, last = rows[0], rows[-1]
    why = (
        "a key frame between two wanted frames was worth a search" if last[JUMPS] < last[ONE_RUN] else "nothing to jump"
    )
    return (
        f"Frames decoded for each one that is used: with stride {first[STRIDE]}, {short(first[ONE_RUN])} in one run, "
        f"and {short(first[ALONE])} where each frame was searched alone; with stride {last[STRIDE]}, "
        f"{short(last[ONE_RUN])} in one run, and {short(last[JUMPS])} with jumps ({why}). The file has "
        f"{short(first[FILE])} kB."
    )


def measured(table: pd.DataFrame) -> str:
    """Answer the prediction's question from the table."""
    cost = float(table[table[STRIDE] == ASKED_STRIDE][ONE_RUN].iloc[0])
    return next(answer for answer, below in ANSWERS.items() if cost < below)


def view() -> View:
    """Show the experiment with controls, a locked prediction, Run and Stop."""
    from datakit.experiments.controls import Choice, Slider
    from datakit.experiments.view import Experiment, View

    return View(
        Experiment(
            name="clip-cost",
            title="How many frames must be decoded for a clip?",
            twin="clip_cost.clip_cost()",
            run=clip_cost,
            controls=(
                Slider("length", "Frames in a clip", 2, 12, 8, step=2),
                Choice("key_every", "Key frame every", KEY_FRAMES, 30),
                Slider("clips", "Clips", 4, 16, 8, step=4),
            ),
            prediction=PREDICTION,
            measured=measured,
            plot=plot,
            describe=describe,
            explain=explain,
            asked={"length": 8, "key_every": 30},
        )
    )
