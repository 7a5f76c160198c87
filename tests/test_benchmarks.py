"""The benchmarks themselves: ratios, checks of what peers deliver, and a whole run on a tiny corpus."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from benchmarks import lean_quality, runner
from benchmarks.__main__ import app
from benchmarks.cases import CASES, images, in_memory
from benchmarks.cases.case import throughput
from benchmarks.converted import converted
from benchmarks.measure import measure
from benchmarks.ratios import Spread, gain, spread
from benchmarks.report import picture, table
from benchmarks.usage import usage_now
from benchmarks.work import ImageWork, Work

NUMBERS = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=9)


@given(values=NUMBERS)
def test_a_spread_is_median_least_and_most(values: list[float]) -> None:
    found = spread(values)
    assert found.least == sorted(values)[0]
    assert found.most == sorted(values)[-1]
    assert found.median == torch.tensor(values, dtype=torch.float64).quantile(0.5).item() or len(values) % 2 == 0


@given(values=NUMBERS, factor=st.floats(0.1, 10))
def test_what_is_faster_in_each_round_by_a_factor_gains_that_factor(values: list[float], factor: float) -> None:
    faster = [factor * value for value in values]
    for ours, theirs, high in ((faster, values, True), (values, faster, False)):
        found = gain(ours, theirs, high)
        for number in (found.median, found.least, found.most):
            assert number == pytest.approx(factor)


def test_ratios_are_formed_round_by_round() -> None:
    # A slow machine in round 2 slows both: the ratio of the medians would be 200 / 100 only by luck.
    assert gain([200, 20, 220], [100, 5, 110], higher_is_better=True) == Spread(2.0, 2.0, 4.0)
    assert gain([10, 20], [5, 40], higher_is_better=False) == Spread(1.25, 0.5, 2.0)


def test_rounds_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="2 rounds of ours and 1 of theirs arrived; they must be pairs"):
        gain([1, 2], [1], higher_is_better=True)
    with pytest.raises(ValueError, match=r"no values arrived. Measure at least one round"):
        spread([])


def test_a_summary_compares_with_ours() -> None:
    rounds = {
        runner.OURS: [{"samples_per_s": 300.0, "versions": {"torch": "1"}}, {"samples_per_s": 100.0, "versions": {}}],
        "slow": [{"samples_per_s": 100.0, "versions": {"x": "2"}}, {"samples_per_s": 50.0, "versions": {}}],
    }
    found = runner.summary(rounds, {"samples_per_s": True})
    assert found["gains"] == {"slow": {"samples_per_s": {"median": 2.5, "least": 2.0, "most": 3.0}}}
    assert found["peers"]["slow"]["versions"] == {"x": "2"}
    assert found["peers"]["slow"]["rounds"] == [{"samples_per_s": 100.0}, {"samples_per_s": 50.0}]
    assert found["peers"]["slow"]["spread"] == {"samples_per_s": {"median": 75.0, "least": 50.0, "most": 100.0}}
    del rounds[runner.OURS]
    assert runner.summary(rounds, {"samples_per_s": True})["gains"] == {}


def test_the_table_begins_with_the_best(tmp_path: Path) -> None:
    rounds = {
        name: [{"seconds": value, "versions": {}}]
        for name, value in {"slow": 8.0, runner.OURS: 2.0, "mid": 4.0}.items()
    }
    case = {"question": "?", **runner.summary(rounds, {"seconds": False}), "failed": {"gone": "no module"}}
    lines = table(case, {"seconds": False}).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [f"**{runner.OURS}**", "mid", "slow", "gone"]
    assert "| 4.00 (4.00–4.00) |" in lines[4]
    picture({"cases": {"x": case}}, tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def image_work(tmp_path: Path, **changes: Any) -> ImageWork:
    settings: dict[str, Any] = {
        "samples": 4,
        "batch_size": 2,
        "workers": 0,
        "epochs": 1,
        "cache": tmp_path,
        "files": [],
        "labels": [0, 1, 1, 2],
        "size": 8,
        "float32": False,
    }
    return ImageWork(**{**settings, **changes})


def batches(labels: list[list[int]], dtype: torch.dtype = torch.uint8, size: int = 8) -> Any:
    return lambda: [
        (torch.arange(3 * size * size).reshape(1, 3, size, size).repeat(len(few), 1, 1, 1).to(dtype), torch.tensor(few))
        for few in labels
    ]


def test_a_peer_that_cheats_is_found_out(tmp_path: Path) -> None:
    work = image_work(tmp_path)
    images.check(batches([[0, 1], [2, 1]]), work)
    with pytest.raises(ValueError, match=r"Labels .* arrived; .* were expected"):
        images.check(batches([[0, 1], [2]]), work)
    with pytest.raises(ValueError, match=r"Labels .* arrived"):
        images.check(batches([[0, 1], [2, 2]]), work)
    with pytest.raises(ValueError, match=r"A batch of float32 .* arrived; float32=False was asked for"):
        images.check(batches([[0, 1], [2, 1]], torch.float32), work)
    with pytest.raises(ValueError, match=r"A batch of uint8 \(2, 3, 9, 9\) arrived"):
        images.check(batches([[0, 1], [2, 1]], size=9), work)
    with pytest.raises(ValueError, match="A batch of 3 images and 3 labels arrived"):
        images.check(batches([[0, 1, 1], [2]]), work)
    with pytest.raises(ValueError, match="An image of one colour arrived"):
        images.check(lambda: [(torch.zeros(2, 3, 8, 8, dtype=torch.uint8), torch.tensor([0, 1]))], work)


def test_lost_samples_are_found_while_the_clock_runs(tmp_path: Path) -> None:
    work = Work(4, 2, 0, 1, tmp_path)
    with pytest.raises(ValueError, match=r"samples arrived in \d+ epochs of 4"):
        throughput(lambda: [[0, 1], [2]], work, len)
    with pytest.raises(ValueError, match="3 labels arrived, not each of 0 to 3 once"):
        in_memory.check(lambda: [(torch.zeros(3, 1), torch.tensor([0, 1, 2]))], work)


@pytest.mark.parametrize("case", ["items-no-workers", "rows", "small-images", "sequences"])
@pytest.mark.parametrize("peer", ["torch_loader", runner.OURS])
def test_cases_in_memory(case: str, peer: str, tmp_path: Path) -> None:
    numbers = measure(case, peer, 64, 0, 1, tmp_path)
    assert numbers["samples_per_s"] > 0  # type: ignore[operator]
    assert numbers["cpu_us_per_sample"] > 0  # type: ignore[operator]
    assert numbers["versions"]["torch"] == torch.__version__.split("+")[0]  # type: ignore[index]


@pytest.mark.parametrize("peer", ["webdataset", runner.OURS])
def test_tar_shards(peer: str, tmp_path: Path) -> None:
    assert measure("shards", peer, 64, 0, 1, tmp_path)["cores_busy"] > 0  # type: ignore[operator]


def test_the_float32_image_case(tmp_path: Path) -> None:
    assert measure("images-float32", runner.OURS, 64, 2, 1, tmp_path)["samples_per_s"] > 0  # type: ignore[operator]


def test_a_converted_copy_is_made_once_and_again_if_it_was_cut_short(tmp_path: Path) -> None:
    work = image_work(tmp_path)
    calls: list[Path] = []

    def stopped(folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        converted(work, "x", stopped)
    for _ in range(2):
        folder = converted(work, "x", calls.append)
        assert list(folder.iterdir()) == []
    assert len(calls) == 1
    assert converted(image_work(tmp_path, labels=[0]), "x", calls.append) != folder


def test_cpu_time_of_ended_children_counts() -> None:
    began = usage_now()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"], check=True)
    taken = usage_now() - began
    assert taken.cpu >= 0.4
    assert taken.cores_busy == pytest.approx(taken.cpu / taken.wall)
    assert taken.other_cores >= 0


@pytest.fixture
def settings(tmp_path: Path) -> runner.Settings:
    return runner.Settings(rounds=2, samples=64, workers=2, epochs=1, cache=tmp_path, python=sys.executable)


def test_a_peer_that_fails_is_named_and_the_others_go_on(
    settings: runner.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def measured(case: str, peer: str, settings: runner.Settings) -> dict[str, Any]:
        asked.append(peer)
        if peer == "spdl":
            raise RuntimeError("No module named 'spdl'")
        return {"samples_per_s": 1.0, "cpu_us_per_sample": 1.0, "versions": {}}

    monkeypatch.setattr(runner, "measure_apart", measured)
    said: list[str] = []
    found = runner.run_case("images-uint8", ["torch_lean", "spdl", runner.OURS], settings, said.append)
    assert found["failed"] == {"spdl": "No module named 'spdl'"}
    assert sorted(found["peers"]) == [runner.OURS, "torch_lean"]
    assert asked == ["torch_lean", "spdl", runner.OURS, runner.OURS, "torch_lean"]
    assert any("spdl" in line and "failed: No module named 'spdl'" in line for line in said)


def test_a_peer_that_hangs_is_ended_with_its_children(
    settings: runner.Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text(
        f"#!{sys.executable}\nimport subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\ntime.sleep(600)\n"
    )
    hanging.chmod(0o755)
    monkeypatch.setattr(runner, "TIMEOUT", 3)
    with pytest.raises(RuntimeError, match="no result after 3 s"):
        runner.measure_apart("items", runner.OURS, runner.Settings(1, 64, 0, 1, tmp_path, str(hanging)))
    child = int((tmp_path / "pid").read_text())
    gone = not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert gone or psutil.wait_procs([psutil.Process(child)], timeout=10)[1] == []


def test_every_peer_takes_part_in_a_case_and_says_what_it_is() -> None:
    taking_part = {peer for case in CASES for peer in runner.peers_of(case)}
    assert taking_part == set(runner.PEERS)
    for case in CASES:
        assert runner.OURS in runner.peers_of(case)
        assert len(runner.peers_of(case)) >= 2
    for peer in runner.PEERS:
        source = (runner.PEERS_FOLDER / f"{peer}.py").read_text(encoding="utf-8")
        assert "\nTITLE = " in source
        assert "\nLIBRARIES = (" in source


def test_quality_is_measured_in_decibels() -> None:
    reference = torch.zeros(3, 4, 4)
    assert lean_quality.psnr(reference, reference) == float("inf")
    assert lean_quality.psnr(reference + 255, reference) == 0
    assert lean_quality.psnr(reference + 25.5, reference) == pytest.approx(20)


@pytest.mark.slow
def test_a_whole_run(tmp_path: Path) -> None:
    options = ["--case", "images-uint8", "--rounds", "2", "--samples", "64", "--epochs", "1"]
    peers = ["--peer", "torch_lean", "--peer", runner.OURS]
    places = ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path), "--save-as", "tiny"]
    run = CliRunner().invoke(app, [*options, *peers, *places], catch_exceptions=False)
    assert run.exit_code == 0
    assert "gain in samples_per_s" in run.output
    result = json.loads((tmp_path / "tiny.json").read_text(encoding="utf-8"))
    assert result["settings"] == {"rounds": 2, "samples": 64, "workers": 2, "epochs": 1}
    assert {"processor", "cores", "memory_gib", "torch", "python"} <= result["machine"].keys()
    assert "other_cores" in result["note"]
    case = result["cases"]["images-uint8"]
    assert case["failed"] == {}
    for peer in ("torch_lean", runner.OURS):
        rounds = case["peers"][peer]["rounds"]
        assert len(rounds) == 2
        for numbers in rounds:
            assert numbers.keys() == {"samples_per_s", "cpu_us_per_sample", "cores_busy", "other_cores"}
            assert numbers["samples_per_s"] > 0
    ours, theirs = (case["peers"][peer]["rounds"] for peer in (runner.OURS, "torch_lean"))
    ratios = [mine["samples_per_s"] / other["samples_per_s"] for mine, other in zip(ours, theirs, strict=True)]
    assert case["gains"]["torch_lean"]["samples_per_s"]["least"] == pytest.approx(min(ratios))
    assert (tmp_path / "tiny.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--case", "none"], "there is no case 'none'. Choose from images-uint8"),
        (["--peer", "none"], "there is no peer 'none'. Choose from dali"),
    ],
)
def test_unknown_names_are_refused(options: list[str], words: str) -> None:
    run = CliRunner().invoke(app, options, env={"COLUMNS": "500"})
    assert run.exit_code == 2
    assert words in run.output
