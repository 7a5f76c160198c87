"""A share of a GPU: read or refused, handed to PyTorch before it opens a device, and named beside what was measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from datakit import doctor, gpu_share
from datakit.experiments.machine import this_machine
from datakit.gpu_share import SHARE, checked_share, gpu_in_words, own_share, share_in_words, share_settings

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

# Whatever order the two are imported in, CUDA comes after both.
ORDERS = ["import torch, datakit", "import datakit, torch", "from datakit import fit"]
BEGINS = """
import sys, torch
begin = [call for call, _ in torch.cuda._queued_calls if call.__module__ == "datakit.gpu_share"]
for call in begin:  # what PyTorch does when it first opens a device
    call()
print(len(begin), any(type(finder).__module__ == "datakit.gpu_share" for finder in sys.meta_path))
"""
OUTGROWS = """
import torch
half = torch.cuda.get_device_properties(0).total_memory // 2
try:
    torch.empty(half, dtype=torch.uint8, device="cuda")
except torch.OutOfMemoryError:
    print("refused")
torch.empty(half // 4, dtype=torch.uint8, device="cuda")
"""


def python(code: str, cache: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a share of a GPU, in a process where nothing has been imported yet."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **variables}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=250)


def test_without_the_variable_there_is_no_share() -> None:
    assert own_share({}) is None


@pytest.mark.parametrize(("text", "share"), [("0.25", 0.25), (" 1 ", 1.0), ("1e-3", 0.001)])
def test_a_share_is_a_number(text: str, share: float) -> None:
    assert own_share({SHARE: text}) == share


@pytest.mark.parametrize("text", ["0", "1.5", "-0.25", "quarter", "", "nan", "inf", "25%", None, [0.25]])
def test_what_is_no_share_is_refused_with_what_was_expected(text: object) -> None:
    with pytest.raises(ValueError, match="expected the part of a GPU as a number above 0 and up to 1") as error:
        checked_share(text, SHARE)
    assert repr(text) in str(error.value) and SHARE in str(error.value)


def test_importing_datakit_says_so(tmp_path: Path) -> None:
    done = python("import datakit", tmp_path, **{SHARE: "quarter"})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"ValueError: {SHARE}: 'quarter' arrived, expected")


def test_pytorchs_other_settings_are_kept() -> None:
    assert share_settings(0.25, {}) == {SHARE: "0.25", "PYTORCH_CUDA_ALLOC_CONF": "per_process_memory_fraction:0.25"}
    old = {"PYTORCH_ALLOC_CONF": "expandable_segments:True,per_process_memory_fraction:0.9"}
    new = "expandable_segments:True,per_process_memory_fraction:0.5"
    assert share_settings(0.5, old) == {SHARE: "0.5", "PYTORCH_ALLOC_CONF": new}
    assert share_settings(0.5, {**old, "PYTORCH_CUDA_ALLOC_CONF": ""}).keys() == {SHARE, "PYTORCH_CUDA_ALLOC_CONF"}


def test_neither_pytorch_nor_a_device_is_touched_before_it_is_used(tmp_path: Path) -> None:
    code = "import datakit, os, sys; assert 'torch' not in sys.modules; print(os.environ['PYTORCH_CUDA_ALLOC_CONF'])"
    done = python(code, tmp_path, **{SHARE: "0.25"})
    assert done.stdout == "per_process_memory_fraction:0.25\n", done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", ORDERS)
def test_the_limit_waits_for_cuda_in_whatever_order_things_are_imported(order: str, tmp_path: Path) -> None:
    done = python(f"{order}\n{BEGINS}", tmp_path, **{SHARE: "0.25"})
    assert done.stdout == "1 False\n", done.stderr
    assert (tmp_path / "datakit" / "gpu-share" / "holder.json").exists()


def test_without_a_share_nothing_waits(tmp_path: Path) -> None:
    done = python(f"import datakit, torch\n{BEGINS}", tmp_path)
    assert done.stdout == "0 False\n", done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "half"), (0.25, "a quarter"), (0.333, "a third"), (0.2, "a fifth"), (0.15, "15 %"), (0.01, "1 %")],
)
def test_a_share_in_words(share: float, words: str) -> None:
    assert share_in_words(share) == words


def test_a_share_is_named_with_its_memory() -> None:
    words = gpu_share._shared(0.25, "NVIDIA H100 80GB HBM3", 80 << 30)
    assert words == (
        "a quarter of an NVIDIA H100 80GB HBM3 (20.0 GiB of 80.0 GiB; shared: others' work changes these times)"
    )
    assert gpu_share._shared(0.5, "Tesla T4", 16 << 30).startswith("half of a Tesla T4 (8.0 GiB of 16.0 GiB; shared")
    assert gpu_share._shared(1.0, "Tesla T4", 16 << 30) == "Tesla T4"


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks what a machine without a GPU says")
def test_on_a_cpu_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = str(this_machine())
    monkeypatch.setenv(SHARE, "0.25")
    assert gpu_in_words() is None
    assert str(this_machine()) == before and "no GPU" in before
    assert doctor._gpu().found == "none; every lab runs without one"


@pytest.mark.gpu
@GPU
@pytest.mark.parametrize("order", ["", *ORDERS])
def test_a_process_that_outgrows_its_share_is_refused(order: str, tmp_path: Path) -> None:
    # An empty order is a notebook that knows nothing of datakit: PyTorch's own variable holds.
    done = python(f"{order}\n{OUTGROWS}", tmp_path, **share_settings(0.25, {}))
    assert done.stdout == "refused\n", done.stderr


@pytest.mark.gpu
@GPU
def test_a_notebook_that_sets_pytorchs_variable_anew_is_refused_too(tmp_path: Path) -> None:
    code = f"import datakit, os\nos.environ['PYTORCH_CUDA_ALLOC_CONF'] = 'backend:native'\nimport torch\n{OUTGROWS}"
    assert python(code, tmp_path, **{SHARE: "0.25"}).stdout == "refused\n"


@pytest.mark.gpu
@GPU
def test_whose_share_was_measured_is_said_once_it_was_used(tmp_path: Path) -> None:
    code = """
import torch
from datakit.experiments.machine import this_machine
print(this_machine().gpu, torch.cuda.is_initialized())
torch.zeros(1, device="cuda")
print(this_machine().gpu)
"""
    unused, used = python(code, tmp_path, **{SHARE: "0.25"}).stdout.splitlines()
    assert unused == "a quarter of a GPU, unused here False"
    assert used.startswith("a quarter of a") and torch.cuda.get_device_name() in used and "shared: others'" in used
