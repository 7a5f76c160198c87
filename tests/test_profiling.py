"""The profiler on loops whose parts take known times, and the report's words for every kind of loop."""

from __future__ import annotations

import sys
import time
from collections import namedtuple
from contextlib import suppress
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset

from datakit import PrefetchLoader, profile
from datakit.machine_limits import usable_cores
from datakit.process_usage import ProcessUsage
from datakit.profile_report import PHASES, SPARE, TARGET, ProfileReport
from datakit.profiling import WARMUP, Profiler, find_mask
from tests.patience import patiently

MIB = 2**20


class Slow(Dataset[torch.Tensor]):
    """A sample sleeps, then keeps a core busy, and holds memory meanwhile."""

    def __init__(self, n: int, sleep: float = 0.0, busy: float = 0.0, nbytes: int = 0) -> None:
        self.n, self.sleep, self.busy, self.nbytes = n, sleep, busy, nbytes

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> torch.Tensor:
        held = bytearray(self.nbytes)
        time.sleep(self.sleep)
        end = time.process_time() + self.busy
        while time.process_time() < end:
            pass
        return torch.tensor([index, len(held)])


def sleep_through(run: Profiler, **seconds: float) -> ProfileReport:
    """Make a loop whose phases take the given times; ``other`` is time that no phase covers."""
    for _ in run:
        for name, duration in seconds.items():
            if name == "other":
                time.sleep(duration)
            else:
                with run.phase(name):
                    time.sleep(duration)
    return run.report()


@patiently
def test_each_part_of_a_known_loop_is_found() -> None:
    expected = {"copy": 0.004, "forward": 0.02, "backward": 0.04, "optimiser": 0.01, "other": 0.03}
    run = profile(DataLoader(Slow(20, sleep=0.03), batch_size=2), steps=6)
    report = sleep_through(run, **expected)
    expected["data"] = 0.06
    assert len(report.steps) == 6
    assert set(report.steps[0]) == set(PHASES)
    by_share = sorted(PHASES, key=report.share)
    assert by_share == sorted(PHASES, key=lambda phase: expected[phase])
    for phase in PHASES:
        # A sleep takes at least its time; the shares are wide bounds for a machine that is busy with other things.
        assert min(step[phase] for step in report.steps) >= 0.95 * expected[phase]
        assert 0.4 < report.share(phase) / (expected[phase] / sum(expected.values())) < 2.5
    assert report.samples == 12
    assert report.verdict == "data-starved"
    assert "num_workers of at least 1" in report.advice


@patiently
def test_a_loop_that_never_waits() -> None:
    report = sleep_through(profile([torch.zeros(4)] * 10), forward=0.01, backward=0.02)
    assert len(report.steps) == 10 - WARMUP
    assert report.share("backward") > report.share("forward") > 0.15
    assert report.waiting < TARGET
    assert report.verdict != "data-starved"


def test_a_real_training_step() -> None:
    model = torch.nn.Linear(64, 10)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(256, 64), torch.randint(10, (256,))
    run = profile(DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=8, shuffle=True))
    losses = []
    for inputs, targets in run:
        with run.phase("forward"):
            loss = torch.nn.functional.cross_entropy(model(inputs), targets)
        with run.phase("backward"):
            loss.backward()
        with run.phase("optimiser"):
            optimiser.step()
            optimiser.zero_grad()
        losses.append(loss.item())
    report = run.report()
    assert len(losses) == 32
    assert report.samples == 256 - 8 * WARMUP
    assert all(report.share(phase) > 0 for phase in ("data", "forward", "backward", "optimiser"))
    assert report.share("copy") == 0
    assert report.samples_per_second == pytest.approx(report.samples / sum(sum(s.values()) for s in report.steps))


@patiently
def test_busy_and_idle_workers_are_told_apart() -> None:
    uses = []
    for dataset in (Slow(60, busy=0.02), Slow(60, sleep=0.02)):
        report = sleep_through(profile(DataLoader(dataset, num_workers=1)))
        assert report.num_workers == 1
        assert report.worker_use is not None
        uses.append(report.worker_use)
    assert 0 < uses[1] < 0.5 * uses[0] <= 1


def test_memory_of_the_loop_and_of_its_workers_is_seen() -> None:
    with ProcessUsage() as before:
        pass
    held = []
    run = profile(DataLoader(Slow(12, sleep=0.3, nbytes=100 * MIB), num_workers=2))
    for _ in run:
        held.append(torch.ones(5 * MIB, dtype=torch.uint8))
    # Two workers hold 100 MiB each, and the loop 60 at the end.
    assert run.report().peak_memory > before.peak_memory + 190 * MIB


def test_workers_are_found_through_a_prefetcher() -> None:
    report = sleep_through(profile(PrefetchLoader(DataLoader(Slow(10), num_workers=1), "cpu")))
    assert report.num_workers == 1
    assert sleep_through(profile([torch.zeros(1)] * 9)).num_workers is None


Padded = namedtuple("Padded", ["values", "mask"])


def test_padding_is_counted_from_the_mask() -> None:
    mask = torch.tensor([[True, True, True, True], [True, False, False, False]])
    batches = [(Padded(torch.zeros(2, 4), mask), torch.zeros(2))] * 6
    report = sleep_through(profile(batches))
    assert report.padding == pytest.approx(3 / 8)
    assert "38% of each batch is padding" in report.advice
    assert sleep_through(profile([torch.zeros(2)] * 6)).padding is None


@pytest.mark.parametrize(
    ("batch", "found"),
    [
        ({"mask": torch.tensor([True])}, True),
        ([1, {"deep": (Padded(torch.zeros(1), torch.tensor([False])),)}], True),
        ({"mask": torch.ones(2)}, False),  # floats: weights, not a mask
        (["mask", b"mask", None, 3], False),
        (torch.tensor([True]), False),
    ],
)
def test_a_mask_is_a_bool_tensor_of_that_name(batch: Any, found: bool) -> None:
    assert (find_mask(batch) is not None) is found


def test_a_loop_that_is_left_is_reported_up_to_there() -> None:
    run = profile([torch.zeros(1)] * 100)
    for number, _ in enumerate(run):
        if number == 8:
            break
    assert len(run.report().steps) == 8 - WARMUP


def test_an_error_in_the_loop_comes_through() -> None:
    run = profile([torch.zeros(1)] * 100)
    with pytest.raises(ArithmeticError, match="no"):
        for _ in run:
            with run.phase("forward"):
                raise ArithmeticError("no")


def test_a_batch_that_fails_and_is_skipped_is_measured_like_any_other() -> None:
    run = profile([torch.zeros(1)] * 10)
    for number, _ in enumerate(run):
        with suppress(ArithmeticError), run.phase("forward"):
            time.sleep(0.001)
            if number == 5:
                raise ArithmeticError("no")
    report = run.report()
    assert len(report.steps) == 10 - WARMUP
    assert report.steps[5 - WARMUP]["forward"] >= 0.001


def test_phases_outside_and_inside_one_another_are_refused() -> None:
    run = profile([torch.zeros(1)] * 6)
    with (
        pytest.raises(RuntimeError, match=r"phase\('copy'\) was entered outside the loop, or inside another"),
        run.phase("copy"),
    ):
        pass
    for _ in run:
        with run.phase("forward"), pytest.raises(RuntimeError, match="one phase after another"), run.phase("copy"):
            pass
    with pytest.raises(RuntimeError, match="outside the loop"), run.phase("copy"):
        pass
    assert run.report().share("forward") > 0


def test_what_it_refuses() -> None:
    with pytest.raises(TypeError, match=r"profile: an int can't be looped over. Pass a DataLoader"):
        profile(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="profile: steps must be a positive integer; 0 arrived"):
        profile([], steps=0)
    with pytest.raises(ValueError, match="one of 'copy', 'forward', 'backward', 'optimiser'; 'data' arrived"):
        sleep_through(profile([1]), data=0)
    short = profile([torch.zeros(1)] * WARMUP)
    list(short)
    with pytest.raises(RuntimeError, match=r"3 steps were made, and the first 3 don't count.*Use more or smaller"):
        short.report()
    with pytest.raises(RuntimeError, match=r"measured already. Call profile\(loader\) again"):
        list(short)


def report_with(workers: int | None = None, use: float | None = None, **shares: float) -> ProfileReport:
    step = {phase: shares.get(phase, 0.0) for phase in PHASES}
    step["forward"] = 1 - sum(step.values())
    return ProfileReport([step], 64, 0.5, 3 * 2**30, num_workers=workers, worker_use=use)


@pytest.mark.parametrize(
    ("report", "verdict", "advice"),
    [
        (report_with(data=0.01), "compute-bound", "Loading is hidden"),
        (report_with(data=0.05, workers=2), "balanced", "only just keeps up"),
        (report_with(data=0.05, workers=0), "balanced", "one worker would hide it"),
        (report_with(data=0.05, copy=0.06), "data-starved", "Copy ahead with PrefetchLoader"),
        (report_with(data=0.5, workers=0), "data-starved", "num_workers of at least 1; tune() finds"),
        (report_with(data=0.5, workers=1, use=0.1), "data-starved", "Workers wait for storage"),
        (report_with(data=0.5, workers=1000, use=0.9), "data-starved", "make a sample cheaper"),
        (report_with(data=0.5, workers=1000), "data-starved", "make a sample cheaper"),
    ],
)
def test_a_verdict_and_the_next_thing_to_try(report: ProfileReport, verdict: str, advice: str) -> None:
    assert report.verdict == verdict
    assert advice in report.advice
    assert f"): {verdict}\nNext: {report.advice}" in str(report)


@pytest.mark.skipif(usable_cores() <= 1, reason="needs more than one core")
def test_busy_workers_with_cores_to_spare() -> None:
    assert "Use more workers" in report_with(data=0.5, workers=1, use=0.9).advice


seconds = st.floats(0, 10)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(PHASES, seconds)), min_size=1, max_size=5))
def test_shares_add_up_and_decide(steps: list[dict[str, float]]) -> None:
    total = sum(sum(step.values()) for step in steps)
    if total < 1e-3:
        return
    report = ProfileReport(steps, 10, 0.0, 0)
    assert sum(report.share(phase) for phase in PHASES) == pytest.approx(1)
    assert sum(row["mean (ms)"] for row in report.rows()) == pytest.approx(1000 * report.step_seconds)
    waiting = sum(step["data"] + step["copy"] for step in steps) / total
    if abs(waiting - TARGET) > 1e-9 and abs(waiting - SPARE) > 1e-9:
        expected = "data-starved" if waiting > TARGET else "compute-bound" if waiting < SPARE else "balanced"
        assert report.verdict == expected


def test_the_report_reads_well() -> None:
    steps = [{**dict.fromkeys(PHASES, 0.0), "data": 0.03, "forward": 0.01}] * 3
    report = ProfileReport(steps, 96, 0.25, 2**30, 2**29, num_workers=0, padding=0.125)
    assert str(report).splitlines() == [
        "phase    mean (ms)  median (ms)  longest (ms)  share",
        "data         30.00        30.00         30.00  75.0%",
        "forward      10.00        10.00         10.00  25.0%",
        "800 samples/s, 40.00 ms a step, 3 steps; the first batch took 0.25 s",
        "peak memory 1.0 GiB; on the GPU 512.0 MiB; 0 workers; padding 12.5%",
        "waits for data 75.0% of a step (target: under 10%): data-starved",
        "Next: Load in the background: num_workers of at least 1; tune() finds how many.",
    ]


def test_the_plot_shows_each_step_and_the_verdict() -> None:
    report = report_with(data=0.25, backward=0.5)
    figure = report.plot()
    (axes,) = figure.axes
    assert axes.get_title() == "data-starved: waits for data 25% of a step (target: under 10%)"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["data 25%", "forward 25%", "backward 50%"]
    # Stacked bars: the last ends where the step ends.
    assert axes.patches[-1].get_y() + axes.patches[-1].get_height() == pytest.approx(1000)


def test_a_plot_without_matplotlib_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"ProfileReport\.plot\(\) needs the package matplotlib.*\[lab\]"):
        report_with().plot()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here")
def test_a_gpu_is_timed_by_itself() -> None:
    run = profile([torch.zeros(1)] * 10, "cuda")
    start = time.perf_counter()
    for _ in run:
        with run.phase("forward"):
            torch.cuda._sleep(20_000_000)
        with run.phase("backward"):
            torch.cuda._sleep(40_000_000)
    queued = time.perf_counter() - start
    report = run.report()
    assert report.share("backward") > report.share("forward") > 0.2
    assert report.share("data") < 0.05
    # The host only queued the work.
    assert queued < report.step_seconds * len(report.steps)
    assert report.peak_gpu_memory is not None
