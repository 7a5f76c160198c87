"""Pipelines, their evaluation twins, transforms of a whole batch, and policies from torchvision."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close
from torchvision.transforms import v2

from datakit.transforms import (
    CenterCrop,
    ColorJitter,
    Compose,
    FlipBatch,
    Normalize,
    NormalizeBatch,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Reproducible,
    Resize,
    ToFloat,
)
from tests.strategies import identical
from tests.transforms.images import with_seed

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
TRAIN = Compose(
    [
        RandomResizedCrop(16),
        RandomHorizontalFlip(),
        RandomVerticalFlip(),
        RandomRotation(20),
        ColorJitter(0.4, 0.4, 0.4, 0.1),
        Reproducible(v2.RandAugment()),
        ToFloat(),
        Normalize(MEAN, STD),
    ]
)


def photograph(seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 256, (3, 30, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def test_a_pipeline_is_its_transforms_in_order() -> None:
    image = photograph()
    pipeline = Compose([Resize(20), CenterCrop(16), ToFloat(), Normalize(MEAN, STD)])
    theirs = v2.Compose(
        [
            v2.Resize(20, antialias=True),
            v2.CenterCrop(16),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )
    assert_close(pipeline(image), theirs(image), rtol=0, atol=0.02)


def test_the_twin_draws_nothing_and_gives_the_same_shape() -> None:
    image = photograph()
    before = image.clone()
    evaluate = TRAIN.eval_twin()
    assert repr(evaluate) == "Compose(Resize, CenterCrop, ToFloat, Normalize)"
    first = evaluate(image)
    assert all(identical(evaluate(image), first) for _ in range(5))
    assert (first.shape, first.dtype) == (TRAIN(image).shape, TRAIN(image).dtype)
    assert len({TRAIN(image).sum().item() for _ in range(5)}) == 5
    assert torch.equal(image, before)
    expected = v2.Compose(
        [
            v2.Resize(18, antialias=True),
            v2.CenterCrop(16),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )
    assert_close(first, expected(image), rtol=0, atol=0.02)


def test_the_twin_of_a_twin_is_itself() -> None:
    evaluate = Compose([RandomCrop(8, padding=2), Compose([RandomHorizontalFlip(), ToFloat()])]).eval_twin()
    assert repr(evaluate) == repr(evaluate.eval_twin()) == "Compose(CenterCrop, ToFloat)"


def test_the_sample_decides_what_is_drawn() -> None:
    image = photograph()
    for seed in range(20):
        assert identical(with_seed(seed, lambda: TRAIN(image)), with_seed(seed, lambda: TRAIN(image)))


def test_a_pipeline_travels_to_a_worker_process() -> None:
    image = photograph()
    copied = pickle.loads(pickle.dumps(TRAIN))
    assert identical(with_seed(5, lambda: copied(image)), with_seed(5, lambda: TRAIN(image)))


def test_an_error_names_its_transform() -> None:
    with pytest.raises(TypeError) as caught:
        Compose([CenterCrop(4), Normalize([0.5], [1.0])])(photograph())
    assert caught.value.__notes__ == ["Compose: this came from transform 1, Normalize."]


def test_compose_refuses() -> None:
    with pytest.raises(TypeError, match="Compose: transform 1 is an int, which can't be called"):
        Compose([ToFloat(), 3])  # type: ignore[list-item]
    with pytest.raises(
        TypeError, match=r"transform 1 is RandAugment, of which it is not known whether it is random\. Wrap"
    ):
        Compose([ToFloat(), v2.RandAugment()]).eval_twin()
    with pytest.raises(TypeError, match="Reproducible: a str arrived, which can't be called"):
        Reproducible("RandAugment")  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", [v2.RandAugment(), v2.TrivialAugmentWide(), v2.AutoAugment(), v2.AugMix()])
def test_a_policy_follows_the_sample_and_leaves_the_global_generator_alone(policy: Any) -> None:
    image = photograph()
    transform = Reproducible(policy)
    torch.manual_seed(1)
    untouched = torch.rand(3)
    torch.manual_seed(1)
    first = with_seed(9, lambda: transform(image))
    assert torch.equal(torch.rand(3), untouched)
    torch.manual_seed(2)
    assert identical(with_seed(9, lambda: transform(image)), first)
    assert any(not torch.equal(with_seed(seed, lambda: transform(image)), first) for seed in range(10))


def test_policies_in_several_threads_do_not_mix_their_draws() -> None:
    transform = Reproducible(lambda _: torch.cat([torch.rand(1) for _ in range(100)]))

    def draws(seed: int) -> list[torch.Tensor]:
        return [with_seed(seed, lambda: transform(None)) for _ in range(50)]

    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(draws, range(4)))
    for seed, of_thread in enumerate(drawn):
        alone = with_seed(seed, lambda: transform(None))
        assert all(torch.equal(one, alone) for one in of_thread)


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


def need(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_a_batch_is_normalised_as_its_images_are(device: str, memory_format: torch.memory_format) -> None:
    need(device)
    batch = torch.stack([photograph(seed) for seed in range(4)]).contiguous(memory_format=memory_format).to(device)
    expected = Normalize(MEAN, STD)(ToFloat()(batch))
    normalize = NormalizeBatch(MEAN, STD)
    result = normalize(batch)
    assert_close(result, expected, rtol=0, atol=1e-5)
    assert result.is_contiguous(memory_format=memory_format)
    assert result.device.type == device
    assert batch.dtype == torch.uint8


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), *(st.integers(1, 3) for _ in range(3))), min_size=1),
    st.sampled_from([1, 3]),
    st.sampled_from([torch.contiguous_format, torch.channels_last]),
)
def test_batches_of_any_size_share_one_normaliser(
    sizes: list[tuple[int, int, int, int]], channels: int, memory_format: torch.memory_format
) -> None:
    normalize = NormalizeBatch(MEAN[:channels], STD[:channels])
    for seed, (n, height, left, right) in enumerate(sizes):
        rng = torch.Generator().manual_seed(seed)
        image = torch.randint(0, 256, (n, channels, height, left + right), dtype=torch.uint8, generator=rng)
        batch = image.contiguous(memory_format=memory_format)
        expected = Normalize(MEAN[:channels], STD[:channels])(ToFloat()(image))
        assert_close(normalize(batch), expected, rtol=0, atol=1e-5)
        # Part of a wider batch: no format is contiguous any more.
        assert_close(normalize(batch[..., :left]), expected[..., :left], rtol=0, atol=1e-5)


def test_a_normaliser_follows_its_batches_from_device_to_device() -> None:
    batch = torch.stack([photograph(seed) for seed in range(2)])
    normalize = NormalizeBatch(MEAN, STD)
    # A device without memory: nothing is computed there, but a tensor left behind on the CPU would be an error.
    there = normalize(batch.to("meta"))
    assert (there.device.type, there.dtype, there.shape) == ("meta", torch.float32, batch.shape)


def test_the_buffer_is_used_again_and_fits_the_last_batch() -> None:
    batch = torch.stack([photograph(seed) for seed in range(4)])
    normalize = NormalizeBatch(MEAN, STD)
    first = normalize(batch)
    assert normalize(batch).data_ptr() == first.data_ptr()
    smaller = normalize(batch[:2])
    assert_close(smaller, Normalize(MEAN, STD)(ToFloat()(batch[:2])), rtol=0, atol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
def test_each_image_of_a_batch_is_flipped_for_itself(device: str) -> None:
    need(device)
    batch = torch.randint(0, 256, (400, 1, 2, 3), dtype=torch.uint8, device=device)
    flipped = FlipBatch(0.25, torch.Generator(device).manual_seed(0))(batch)
    mirrored = (flipped == batch.flip(-1)).flatten(1).all(dim=1)
    kept = (flipped == batch).flatten(1).all(dim=1)
    assert (mirrored | kept).all()
    assert 60 < int(mirrored.sum()) < 140
    again = FlipBatch(0.25, torch.Generator(device).manual_seed(0))(batch)
    assert torch.equal(again, flipped)
    assert FlipBatch().eval_twin() is None


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 4), st.sampled_from([0, 1]))
def test_flips_at_the_ends_of_the_range(n: int, p: int) -> None:
    batch = torch.rand(n, 1, 2, 3)
    assert torch.equal(FlipBatch(p)(batch), batch.flip(-1) if p else batch)


@pytest.mark.parametrize(
    ("build", "kind", "words"),
    [
        (lambda: NormalizeBatch([0.5], [0.0]), ValueError, r"NormalizeBatch: mean=\[0.5\] and std=\[0.0\] arrived"),
        (
            lambda: NormalizeBatch(MEAN, STD)(torch.zeros(2, 3, 4, 4)),
            TypeError,
            "torch.float32 arrived; uint8 is expect",
        ),
        (
            lambda: NormalizeBatch(MEAN, STD)(torch.zeros(2, 4, 4, 4).byte()),
            ValueError,
            "4 channels arrived, but there",
        ),
        (lambda: FlipBatch(2), ValueError, "FlipBatch: p must be a probability from 0 to 1; 2 arrived"),
        (
            lambda: FlipBatch()(torch.zeros(3, 4, 4)),
            ValueError,
            r"shape \[3, 4, 4\] arrived; \[B, C, H, W\] is expected",
        ),
    ],
)
def test_refusals(build: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        build()
