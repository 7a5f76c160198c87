"""A sample, or a batch, → its altered twin.

A transform takes an image [C, H, W], or a batch of them [..., C, H, W], and returns a new one. What is random about it
is drawn from :func:`datakit.randomness.sample_random`, in plain Python: a draw costs two microseconds, and inside a
loader it depends on (seed, epoch, index) alone, not on the worker that happens to make the sample.

Augmentation belongs to training. ``Compose.eval_twin`` makes the pipeline for evaluation out of the one for training:
nothing in it is random, and what comes out has the same shape and scale.
"""

from datakit.transforms.base import Transform
from datakit.transforms.color import ColorJitter
from datakit.transforms.compose import Compose
from datakit.transforms.crops import CenterCrop, RandomCrop, RandomResizedCrop
from datakit.transforms.flips import RandomHorizontalFlip, RandomVerticalFlip
from datakit.transforms.library import Reproducible
from datakit.transforms.on_batch import FlipBatch, NormalizeBatch
from datakit.transforms.resize import Resize
from datakit.transforms.rotation import RandomRotation
from datakit.transforms.scale import Normalize, ToFloat

__all__ = [
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "FlipBatch",
    "Normalize",
    "NormalizeBatch",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomVerticalFlip",
    "Reproducible",
    "Resize",
    "ToFloat",
    "Transform",
]
