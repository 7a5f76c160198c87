"""The image sample that most peers share, so that libraries differ in how they load, not in what."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor
from torchvision.io import ImageReadMode, decode_jpeg
from torchvision.transforms import v2

from benchmarks.work import MEAN, STD, ImageWork


class TensorSample:
    """JPEG bytes → sample, with torchvision's decoder and its v2 transforms on uint8 tensors.

    Args:
        work: says the size, and whether the sample becomes float32.
    """

    def __init__(self, work: ImageWork) -> None:
        # The deprecation is known (docs/benchmarks/decoders.md); this is what users have today.
        warnings.filterwarnings("ignore", message="The image decoding and encoding capabilities", append=True)
        steps = [v2.RandomResizedCrop(work.size, antialias=True), v2.RandomHorizontalFlip()]
        if work.float32:
            steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
        self.transform = v2.Compose(steps)

    def __call__(self, data: bytes) -> Tensor:
        """Make one sample: uint8 or float32 tensor [3, size, size]."""
        image: Tensor = self.transform(decode_jpeg(torch.frombuffer(bytearray(data), dtype=torch.uint8), _RGB))
        return image


_RGB = ImageReadMode.RGB


class FileSamples(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """The samples of a work, each read from its file, as a map-style dataset."""

    def __init__(self, work: ImageWork) -> None:
        self.files, self.labels, self.sample = work.files, work.labels, TensorSample(work)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        with open(self.files[index], "rb") as file:  # noqa: PTH123  (the shortest way; it is measured)
            return self.sample(file.read()), self.labels[index]
