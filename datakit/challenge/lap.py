"""One run of a pipeline in a process of its own: ``python -m datakit.challenge.lap FILE FOLDER SEED EPOCHS OUT``.

It writes what came, and in what time, to the file ``OUT``; standard output stays the pipeline's own.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from pathlib import Path

# By name, so that a pipeline which replaces the clock in `time` does not replace it here.
from time import perf_counter
from typing import Any

import torch
from torch import Tensor


def run(file: Path, folder: Path, seed: int, epochs: int) -> dict[str, Any]:
    """Take all batches from a pipeline as fast as it gives them.

    Args:
        file: a Python file with the function ``batches``; it is imported under its own name, so that worker processes
            can import it, too.
        folder: the pictures.
        seed: of order and crops.
        epochs: how many.

    Returns:
        ``seconds`` from the call to the last batch, and ``batches``: for each, what it was and two digests.

    Raises:
        TypeError: if a batch is not a pair of tensors.
    """
    sys.path.insert(0, str(file.parent))
    pipeline = importlib.import_module(file.stem)
    start = perf_counter()
    # Copies, because a pipeline may use a batch's memory again once the next is asked for.
    taken = [_copied(batch) for batch in pipeline.batches(folder, seed, epochs)]
    seconds = perf_counter() - start
    return {"seconds": seconds, "batches": [_described(images, labels) for images, labels in taken]}


def _copied(batch: Any) -> tuple[Tensor, Tensor]:
    pair = isinstance(batch, (tuple, list)) and len(batch) == 2
    if not pair or not all(isinstance(part, Tensor) for part in batch):
        raise TypeError(
            f"batches() yielded {type(batch).__name__}; a pair (images, labels) of two tensors is expected."
        )
    return batch[0].clone(), batch[1].clone()


def _described(images: Tensor, labels: Tensor) -> dict[str, str]:
    return {"form": f"{_form(images)} and {_form(labels)}", "images": _digest(images), "labels": _digest(labels)}


def _form(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"


def _digest(tensor: Tensor) -> str:
    raw = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
    return hashlib.sha256(raw.numpy().tobytes()).hexdigest()


if __name__ == "__main__":
    file, folder, seed, epochs, out = sys.argv[1:]
    Path(out).write_text(json.dumps(run(Path(file), Path(folder), int(seed), int(epochs))), encoding="utf-8")
