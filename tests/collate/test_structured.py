"""Collates for detection, for several tasks and for clips."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datakit import MultiTaskCollate, clip_collate, default_collate, detection_collate
from tests.strategies import identical


def target(boxes: list[list[float]], **more: Any) -> dict[str, Any]:
    tensor = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return {"boxes": tensor, "labels": torch.ones(len(tensor), dtype=torch.int64), **more}


def test_a_real_detector_trains_on_the_batch() -> None:
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn as detector

    samples = [(torch.rand(3, 50, 70), target([[3, 4, 30, 40]])), (torch.rand(3, 60, 40), target([]))]
    images, targets = detection_collate(samples)
    assert all(image is sample[0] for image, sample in zip(images, samples, strict=True))
    model = detector(weights=None, weights_backbone=None, num_classes=2, min_size=64, max_size=96)
    losses = model(images, targets)
    assert all(torch.isfinite(loss) for loss in losses.values())


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        (torch.zeros(3, 4, 4), TypeError, r"is not a pair \(image, target\) of a tensor and a dict with the tensors"),
        ((torch.zeros(3, 4, 4), {"boxes": torch.zeros(1, 4)}), TypeError, "is not a pair"),
        ((torch.zeros(3, 4, 4), {"boxes": [[0, 0, 1, 1]], "labels": torch.zeros(1)}), TypeError, "is not a pair"),
        ((torch.zeros(4, 4), target([])), ValueError, r"has an image of shape \[4, 4\]; \[C, height, width\] is"),
        (
            (torch.zeros(3, 4, 4), target([]) | {"boxes": torch.zeros(0)}),
            ValueError,
            r"has boxes of shape \[0\]; \[n, 4\]",
        ),
        (
            (torch.zeros(3, 4, 4), target([[0, 0, 1, 1]]) | {"labels": torch.zeros(2)}),
            ValueError,
            r"has 1 boxes and labels of shape \[2\]; one a box is expected",
        ),
        (
            (torch.zeros(3, 4, 4), target([[0, 0, 1, 1], [3, 0, 2, 1]])),
            ValueError,
            r"has box 1 = \[3.0, 0.0, 2.0, 1.0\], which ends before it begins. Expected is x1, y1, x2, y2",
        ),
    ],
)
def test_detection_refuses(sample: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"detection_collate: sample 1 of the batch {words}"):
        detection_collate([(torch.zeros(3, 4, 4), target([])), sample])
    with pytest.raises(ValueError, match=r"detection_collate: no samples arrived. A batch needs at least one"):
        detection_collate([])


tasks = st.fixed_dictionaries({}, optional={"age": st.none() | st.floats(0, 99), "sex": st.none() | st.integers(0, 1)})


@settings(deadline=None)
@given(st.lists(tasks, min_size=1, max_size=6))
def test_missing_targets_are_masked(targets: list[dict[str, Any]]) -> None:
    collate = MultiTaskCollate({"age": 0.0, "sex": 0})
    x, batched, masks = collate([(torch.tensor([i]), target) for i, target in enumerate(targets)])
    assert x.tolist() == [[i] for i in range(len(targets))]
    assert batched.keys() == masks.keys() == {"age", "sex"}
    assert (batched["age"].dtype, batched["sex"].dtype) == (torch.float64, torch.int64)
    for task, values in batched.items():
        assert masks[task].dtype == torch.bool
        for number, target in enumerate(targets):
            there = target.get(task) is not None
            assert bool(masks[task][number]) == there
            assert values[number].item() == (target[task] if there else 0)


def test_targets_may_be_tensors() -> None:
    collate = MultiTaskCollate({"pose": torch.zeros(2)})
    _, batched, masks = collate([(0, {"pose": torch.ones(2)}), (1, {})])
    assert batched["pose"].tolist() == [[1, 1], [0, 0]]
    assert masks["pose"].tolist() == [True, False]


def test_multi_task_refusals() -> None:
    with pytest.raises(ValueError, match=r"MultiTaskCollate: no tasks arrived\. Pass a blank for each task"):
        MultiTaskCollate({})
    collate = MultiTaskCollate({"age": 0.0})
    with pytest.raises(ValueError, match="MultiTaskCollate: no samples arrived"):
        collate([])
    with pytest.raises(KeyError, match=r"sample 1 of the batch has the unknown tasks 'agee'. Known are 'age'"):
        collate([(0, {"age": 1.0}), (1, {"agee": 1.0})])
    with pytest.raises(RuntimeError, match=r"sample\['age'\] differs .* int at 0; float at 1"):
        collate([(0, {"age": 1}), (1, {})])


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 2**32))
def test_short_clips_hold_their_last_frame(lengths: list[int], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    clips = [torch.randint(0, 256, (n, 3, 2, 4), dtype=torch.uint8, generator=generator) for n in lengths]
    batch = clip_collate(clips)
    longest = max(lengths)
    expected = [torch.cat([clip, clip[-1:].expand(longest - len(clip), -1, -1, -1)]) for clip in clips]
    assert identical(batch.clips, torch.stack(expected))
    assert batch.mask.tolist() == [[frame < n for frame in range(longest)] for n in lengths]


def test_clips_with_labels() -> None:
    samples = [(torch.zeros(2, 3, 4, 4), 5), (torch.ones(2, 3, 4, 4), 6)]
    batch, labels = clip_collate(samples)
    stacked, expected = default_collate(samples)
    assert identical(batch.clips, stacked)
    assert identical(labels, expected)
    assert batch.mask.all()


@pytest.mark.parametrize("shape", [(3, 4, 4), (0, 3, 4, 4), (2, 3, 4, 5), (2, 1, 4, 4)])
def test_clips_refuse(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        ValueError, match=rf"clip_collate: sample 1 of the batch has shape \[{', '.join(map(str, shape))}"
    ):
        clip_collate([torch.zeros(2, 3, 4, 4), torch.zeros(shape)])
