"""Images on the shortest way from a file into a batch.

An ordinary sample of an image loader goes through six pieces of memory: file → decoded image → crop → resized crop →
flipped crop → float32 copy → batch. Each copy costs time, and the float32 one is four times as large. Here the work is
the same, and three ideas make it short:

1. *A crop is a view.* Cutting a box out of the decoded image moves no pixel; the resize reads only the box.
2. *Write each sample once, into the batch it belongs to.* The resize's output **is** the sample's place in the batch
   (:func:`datakit.resize.resize_into`), so there is nothing to stack, and between threads nothing to send.
3. *Bytes stay bytes.* The batch is uint8, a quarter of float32. Convert the whole batch on the device.

What each step costs (CPU µs an image; JPEG of 500×375 → 224×224, one thread, medians of seven interleaved rounds; the
usual way is torchvision v2 on Pillow's images; ``python -m benchmarks.lean_steps`` measures it again):

========================  ===========  ==========  ==================================================
step                      usual way    lean way    why
========================  ===========  ==========  ==================================================
draw box and flip         42           4           plain Python numbers, not tensors
read and decode           1002         752         a decoder with less around it
crop, antialiased resize  783          203         PyTorch's uint8 kernel, straight into the batch
flip                      28           31          in place, for every second image
float32, normalise        576          323         once a batch, into memory that is used again
stack                     478          0           there is nothing to stack
**all**                   2908         1314
========================  ===========  ==========  ==================================================

The float32 line goes too where the device does it. What is left is mostly JPEG decoding. It runs without the GIL, as
the resize does, so threads can share the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import SupportsIndex

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import check_positive, kind_of
from datakit.crop_boxes import Box, random_resized_box
from datakit.datasets.images import LabelledImages
from datakit.datasets.indexing import position
from datakit.randomness import sample_random
from datakit.resize import resize_into


class LeanImages(Dataset[tuple[Tensor, int]]):
    """Labelled images, each cropped, resized and flipped straight into its place in a batch.

    It is a dataset like any other: ``dataset[i]`` gives a sample. It also offers the *in-place protocol*, two methods
    that let a loader skip the collate: :meth:`empty_batch` and :meth:`write_sample`. Both ways give the same pixels.

    Random numbers come from :func:`datakit.randomness.sample_random`, so inside a loader they depend on seed, epoch and
    index alone.

    Args:
        images: where files and labels come from; without transforms of its own, which would need the usual way.
        size: height and width of the result, in pixels.
        crop: called with an image's height and width, gives the box to keep. For evaluation pass
            :func:`datakit.crop_boxes.center_box`; for other settings ``functools.partial(random_resized_box, ...)``.
        flip: how likely a sample is mirrored, left to right; 0 for evaluation.

    Raises:
        ValueError: if ``images`` has a transform, ``size`` is not a positive integer, or ``flip`` is not in 0..1.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from datakit import ImageDataset, samples
        >>> with TemporaryDirectory() as folder:
        ...     dataset = LeanImages(ImageDataset(samples.photo_corpus(folder, n=4)), size=64)
        ...     batch = dataset.empty_batch(2)
        ...     dataset.write_sample(0, batch, place=0)
        ...     dataset.write_sample(3, batch, place=1)
        >>> images, targets = batch
        >>> images.dtype, images.shape, targets
        (torch.uint8, torch.Size([2, 3, 64, 64]), tensor([0, 3]))
    """

    def __init__(
        self,
        images: LabelledImages,
        size: int = 224,
        crop: Callable[[int, int], Box] = random_resized_box,
        flip: float = 0.5,
    ) -> None:
        if not isinstance(images, LabelledImages):
            raise TypeError(f"LeanImages: {kind_of(images)} arrived. Pass an ImageFolder or an ImageDataset.")
        if images.transform is not None or images.target_transform is not None:
            raise ValueError(
                "LeanImages: images has a transform, which would get decoded images and make new ones. "
                "Leave it out here, and transform whole batches instead."
            )
        check_positive(size, "size", "LeanImages")
        if not 0 <= flip <= 1:
            raise ValueError(f"LeanImages: flip is a probability, from 0 to 1; {flip!r} arrived.")
        self.images = images
        self.size = size
        self.crop = crop
        self.flip = flip

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: SupportsIndex) -> tuple[Tensor, int]:
        """Make one sample on its own.

        Returns:
            uint8 tensor [3, size, size], channels-last in memory, and the class number.

        Raises:
            IndexError, FileNotFoundError, OSError: as the image dataset's own ``dataset[index]``.
        """
        batch = self.empty_batch(1)
        self.write_sample(index, batch, 0)
        pixels, targets = batch
        return pixels[0], int(targets[0])

    def empty_batch(self, n: int) -> list[Tensor]:
        """Make room for ``n`` samples.

        Returns:
            uint8 tensor [n, 3, size, size], channels-last in memory, and int64 tensor [n]; their values are arbitrary.
        """
        shape = (n, 3, self.size, self.size)
        pixels = torch.empty(shape, dtype=torch.uint8, memory_format=torch.channels_last)
        return [pixels, torch.empty(n, dtype=torch.int64)]

    def write_sample(self, index: SupportsIndex, batch: list[Tensor], place: int) -> None:
        """Write one sample into its place. Threads may write different places of a batch at the same time.

        Args:
            index: which sample.
            batch: what :meth:`empty_batch` gave.
            place: where in the batch, 0 to n - 1.

        Raises:
            IndexError, FileNotFoundError, OSError: as the image dataset's own ``dataset[index]``. Nothing has been
                written then.
        """
        pixels, targets = batch
        image, target = self.images[position(index, len(self), "LeanImages")]
        top, left, height, width = self.crop(image.shape[1], image.shape[2])
        here = pixels[place]
        resize_into(image[:, top : top + height, left : left + width], here)
        if sample_random().random() < self.flip:
            here.copy_(here.flip(-1))
        targets[place] = target
