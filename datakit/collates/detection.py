"""Images with any number of boxes each → lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor


def detection_collate(
    batch: Sequence[tuple[Tensor, Mapping[str, Any]]],
) -> tuple[list[Tensor], list[Mapping[str, Any]]]:
    """Keep images and targets as two lists, because neither has one shape: what torchvision's detectors take.

    Args:
        batch: B samples ``(image, target)``: an image [C, height, width] of any size, and a dict with ``"boxes"``
            [n, 4] (x1, y1, x2, y2 in pixels, as the detectors expect) and ``"labels"`` [n], and more if wanted. An
            image without objects has boxes [0, 4].

    Returns:
        The B images and the B targets.

    Raises:
        ValueError: if there are no samples, or the shape of an image, of boxes or of labels is wrong, or a box ends
            before it begins.
        TypeError: if a sample is not a pair of a tensor and a dict with ``"boxes"`` and ``"labels"``.

    Source: "TorchVision Object Detection Finetuning Tutorial", PyTorch documentation.

    Example:
        >>> import torch
        >>> one = {"boxes": torch.tensor([[0.0, 0.0, 2.0, 3.0]]), "labels": torch.tensor([7])}
        >>> none = {"boxes": torch.empty(0, 4), "labels": torch.empty(0, dtype=torch.int64)}
        >>> images, targets = detection_collate([(torch.zeros(3, 8, 9), one), (torch.zeros(3, 5, 4), none)])
        >>> [len(target["boxes"]) for target in targets]
        [1, 0]
    """
    if len(batch) == 0:
        raise ValueError("detection_collate: no samples arrived. A batch needs at least one.")
    for number, sample in enumerate(batch):
        _check(sample, f"detection_collate: sample {number} of the batch")
    return [image for image, _ in batch], [target for _, target in batch]


def _check(sample: Any, who: str) -> None:
    match sample:
        case (Tensor() as image, {"boxes": Tensor() as boxes, "labels": Tensor() as labels}):
            pass
        case _:
            raise TypeError(
                f"{who} is not a pair (image, target) of a tensor and a dict with the tensors 'boxes' and 'labels'. "
                "Return such a pair from the dataset."
            )
    if image.ndim != 3:
        raise ValueError(f"{who} has an image of shape {list(image.shape)}; [C, height, width] is expected.")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f"{who} has boxes of shape {list(boxes.shape)}; [n, 4] is expected. Where there is no box, use "
            "torch.empty(0, 4)."
        )
    if labels.shape != boxes.shape[:1]:
        raise ValueError(
            f"{who} has {len(boxes)} boxes and labels of shape {list(labels.shape)}; one a box is expected."
        )
    reversed_boxes = (boxes[:, 2:] < boxes[:, :2]).any(dim=1).nonzero()
    if len(reversed_boxes):
        at = int(reversed_boxes[0])
        raise ValueError(
            f"{who} has box {at} = {boxes[at].tolist()}, which ends before it begins. Expected is x1, y1, x2, y2; "
            "torchvision.ops.box_convert makes that of x, y, width, height."
        )
