"""The lean sample against torchvision's decode, crop, resize and flip, and both of its ways against each other."""

from __future__ import annotations

import pickle
import random
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as v2

from datakit import ImageDataset, ImageFolder, LeanImages, check, default_collate, samples
from datakit.crop_boxes import Box, center_box, random_resized_box
from datakit.datasets import lean_images
from datakit.datasets.decode import decode_rgb

N = 8


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> ImageDataset:
    return ImageDataset(samples.photo_corpus(tmp_path_factory.mktemp("corpus"), n=N, size=(75, 100)))


def fixed_box(height: int, width: int) -> Box:
    return Box(5, 11, height - 20, width - 35)


@pytest.mark.parametrize("flip", [0, 1])
def test_pixels_equal_torchvision(images: ImageDataset, flip: int) -> None:
    dataset = LeanImages(images, size=32, crop=fixed_box, flip=flip)
    wanted = []
    for path, target in zip(images.paths, images.targets, strict=True):
        image = v2.resized_crop(decode_rgb(path), 5, 11, 55, 65, [32, 32], antialias=True)
        wanted.append((v2.horizontal_flip(image) if flip else image, target))
    check.indexing(dataset, wanted)


def test_written_in_place_equals_collated(images: ImageDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = LeanImages(images, size=24)
    order = [3, 0, 7, -1]

    def seed(number: int) -> None:
        draw = random.Random(number)
        for module in ("datakit.datasets.lean_images", "datakit.crop_boxes"):
            monkeypatch.setattr(f"{module}.sample_random", lambda: draw)

    batch = dataset.empty_batch(len(order))
    collected = []
    for place, index in enumerate(order):
        seed(index)
        dataset.write_sample(index, batch, place)
        seed(index)
        collected.append(dataset[index])
    collated = default_collate(collected)
    assert type(batch) is type(collated)
    for ours, wanted in zip(batch, collated, strict=True):
        assert ours.dtype == wanted.dtype
        assert torch.equal(ours, wanted)
    assert batch[0].is_contiguous(memory_format=torch.channels_last)


def test_half_of_the_samples_are_mirrored(images: ImageDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(0)
    monkeypatch.setattr(lean_images, "sample_random", lambda: draw)
    dataset = LeanImages(images, size=8, crop=center_box)
    plain = LeanImages(images, size=8, crop=center_box, flip=0)[0][0]
    mirrored = sum(not torch.equal(dataset[0][0], plain) for _ in range(200))
    assert 70 <= mirrored <= 130


def test_evaluation_gives_the_same_every_time(images: ImageDataset) -> None:
    dataset = LeanImages(images, size=16, crop=center_box, flip=0)
    first: list[Tensor] = [dataset[i][0] for i in range(N)]
    assert all(torch.equal(first[i], dataset[i][0]) for i in range(N))


def test_it_can_be_sent_to_workers(images: ImageDataset) -> None:
    dataset = LeanImages(images, size=16, crop=partial(random_resized_box, scale=(1, 1), ratio=(1, 1)), flip=0)
    arrived = pickle.loads(pickle.dumps(dataset))
    assert torch.equal(arrived[2][0], dataset[2][0])
    assert len(arrived) == N


def test_errors_are_the_image_datasets_and_nothing_is_written(images: ImageDataset, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").write_bytes(images.paths[0].read_bytes()[:900])
    dataset = LeanImages(ImageFolder(tmp_path), size=16)
    batch = dataset.empty_batch(1)
    batch[0].fill_(42)
    batch[1].fill_(42)
    with pytest.raises(OSError, match=r"ImageFolder: .*1.jpg can't be decoded as an image"):
        dataset.write_sample(0, batch, 0)
    with pytest.raises(IndexError, match=r"LeanImages: index 1 is out of range. There are 1 samples"):
        dataset.write_sample(1, batch, 0)
    (tmp_path / "a" / "1.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"1.jpg is no longer there. Restore the file"):
        dataset[0]
    assert (batch[0] == 42).all()
    assert batch[1].item() == 42


def test_bad_arguments_are_refused(images: ImageDataset) -> None:
    changed = ImageDataset(images.manifest, transform=lambda image: image)
    with pytest.raises(ValueError, match=r"LeanImages: images has a transform.* transform whole batches instead"):
        LeanImages(changed)
    with pytest.raises(ValueError, match="LeanImages: size must be a positive integer; 0 arrived"):
        LeanImages(images, size=0)
    with pytest.raises(ValueError, match=r"LeanImages: flip is a probability, from 0 to 1; 1.5 arrived"):
        LeanImages(images, flip=1.5)
