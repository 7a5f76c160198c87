"""A submission on a GPU's share: the same points as on a CPU, and the memory is back afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from classroom.grading import gpu_lease, grade_item, pool
from classroom.grading.gpu_devices import devices
from classroom.grading.grade_one import grade_one
from classroom.grading.grade_runners import on_this_machine
from classroom.grading.items import Verdict
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import HANGS
from tests.classroom.grading.run.gpu_fake import ASKS, PLAIN, FakeGpus, gpu_item, says

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.usefixtures("parent")  # or there is no sandbox here
NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and PyTorch finds none here")
FULL = [1.0, 2.0, 3.0]
ON_DEVICE = """
import torch
device = "cuda" if torch.cuda.is_available() else "cpu"
def bad(x):
    return int((torch.ones(1 << 20, device=device) * (x + 1)).mean())
print(device)
"""
TOO_MUCH = """
import torch
free, total = torch.cuda.mem_get_info()
try:
    torch.empty(int(total * 0.6), dtype=torch.uint8, device="cuda")
except torch.OutOfMemoryError:
    print("refused")
torch.empty(int(total * 0.3), dtype=torch.uint8, device="cuda")
print("granted")
"""


SCRIPT = """
from tests.classroom.grading.run.gpu_fake import ASKS, PLAIN, gpu_item, says
from classroom.grading.grade_runners import on_this_machine
if __name__ == "__main__":
    items = [gpu_item(f"{ASKS}\\n{PLAIN}", 2, f"learner-{number}") for number in range(3)]
    for verdict in on_this_machine(2)(items):
        print(*says(verdict), sum(result.points for result in verdict.results), verdict.notes)
"""


def points(verdict: Verdict) -> list[float]:
    return [result.points for result in verdict.results]


@pytest.fixture
def gpus(tmp_path: Path, parent: WarmParent, monkeypatch: pytest.MonkeyPatch) -> FakeGpus:
    """A fake GPU, locks of its own, and a warm parent for `grade_one`."""
    made = FakeGpus(tmp_path)
    made.install(monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(pool, "_LENT", [parent])
    return made


def test_each_workers_submission_is_lent_a_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGpus(tmp_path).install(monkeypatch)
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=5 * HANGS,
    )
    assert told.stdout.splitlines() == ["['GPU-a', '0.5'] 6.0 ()"] * 3
    assert {path.name for path in tmp_path.glob("datakit-gpu-*/*.lent")} == set()


def test_without_a_gpu_nothing_changes(gpus: FakeGpus) -> None:
    gpus.file("GPU-a").unlink()
    with_share, without = (grade_one(gpu_item(f"{ASKS}\n{PLAIN}", shares)) for shares in (2, 0))
    assert says(with_share) == says(without) == ["['', None]"]
    assert points(with_share) == points(without) == FULL
    assert with_share.notes == without.notes == ()


def test_the_instructor_is_told_of_a_share_that_is_withdrawn(gpus: FakeGpus, monkeypatch: pytest.MonkeyPatch) -> None:
    true = grade_item.grade_item

    def leaving_memory(*arguments: Any) -> Verdict:
        verdict = true(*arguments)
        gpus.use("GPU-a", 500)
        return verdict

    monkeypatch.setattr(grade_item, "grade_item", leaving_memory)
    monkeypatch.setattr(gpu_lease, "PATIENCE", 0.5)
    first, second = (grade_one(gpu_item(PLAIN, 1)) for _ in range(2))
    assert "The share is withdrawn" in first.notes[0]
    assert "Graded on the CPU" in second.notes[0]
    assert points(first) == points(second) == FULL


def test_a_kernel_is_capped_when_it_first_uses_a_gpu(gpus: FakeGpus) -> None:
    """What is queued for that moment can be seen without a GPU, too."""
    queued = "import torch\nprint(any('inside/gpu.py' in str(call) for call in torch.cuda._queued_calls))"
    lent, plain = (grade_one(gpu_item(f"{queued}\n{PLAIN}", shares)) for shares in (2, 0))
    assert (says(lent), says(plain)) == (["True"], ["False"])


@pytest.mark.gpu
@NO_GPU
def test_the_same_points_on_a_gpu_and_its_memory_is_back() -> None:
    before = {name: device.used for name, device in devices().items()}
    on_gpu = list(on_this_machine(2)([gpu_item(ON_DEVICE, 2, f"learner-{number}") for number in range(4)]))
    [on_cpu] = on_this_machine(1)([gpu_item(ON_DEVICE, 0)])
    assert [says(verdict) for verdict in [*on_gpu, on_cpu]] == [["cuda"]] * 4 + [["cpu"]]
    assert [points(verdict) for verdict in [*on_gpu, on_cpu]] == [FULL] * 5
    assert [verdict.notes for verdict in on_gpu] == [()] * 4
    after = {name: device.used for name, device in devices().items()}
    assert all(after[name] <= used + gpu_lease.SLACK for name, used in before.items())


@pytest.mark.gpu
@NO_GPU
def test_a_submission_gets_no_more_memory_than_its_share() -> None:
    [verdict] = on_this_machine(1)([gpu_item(f"{TOO_MUCH}\n{PLAIN}", 2)])
    assert says(verdict) == ["refused", "granted"]
