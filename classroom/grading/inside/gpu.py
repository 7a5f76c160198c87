"""Keep a kernel within its share of a GPU."""

from __future__ import annotations

import os

FRACTION = "DATAKIT_GPU_FRACTION"
"""The variable that says what part of the GPU's memory this kernel may take."""


def bound() -> None:
    """Cap what PyTorch takes of the GPU that is lent to this process, from the moment it first uses one.

    The cap keeps neighbours apart; it is no wall, since a program can go round PyTorch.
    """
    fraction = os.environ.get(FRACTION)
    if fraction is None:
        return
    import torch

    # Not at once: opening a device takes seconds and hundreds of MiB, and most submissions never use it.
    torch.cuda._lazy_call(lambda: torch.cuda.set_per_process_memory_fraction(float(fraction)))  # type: ignore[no-untyped-call]
