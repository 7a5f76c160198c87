"""MixUp and CutMix against torchvision's, with the same λ and the same box."""

from __future__ import annotations

import pickle
import random
import statistics
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

import datakit
from datakit import CutMix, MixUp
from datakit.collates.mix import blend, cut_box, mix_labels, paste

CLASSES = 5
lams = st.floats(0, 1)


def draw_batch(n: int, height: int, width: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(n, 3, height, width, generator=generator)
    return images, torch.randint(0, CLASSES, (n,), generator=generator)


def torchvision_mixes(kind: str, images: torch.Tensor, labels: torch.Tensor, **params: Any) -> tuple[Any, Any]:
    from torchvision.transforms import v2

    transform = getattr(v2, kind)(num_classes=CLASSES)
    params |= {"labels": labels, "batch_size": len(labels)}
    return transform.transform(images, params), transform.transform(labels, params)


@settings(deadline=None)
@given(st.integers(1, 5), lams, st.integers(0, 2**32))
def test_blending_equals_torchvision(n: int, lam: float, seed: int) -> None:
    images, labels = draw_batch(n, 4, 6, seed)
    mixed, soft = torchvision_mixes("MixUp", images, labels, lam=lam)
    assert_close(blend(images, lam), mixed)
    assert_close(mix_labels(labels, lam, CLASSES), soft)


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), lams, st.data(), st.integers(0, 2**32))
def test_cutting_equals_torchvision(
    n: int, height: int, width: int, lam: float, data: st.DataObject, seed: int
) -> None:
    from torchvision.transforms import v2

    images, labels = draw_batch(n, height, width, seed)
    centre = data.draw(st.tuples(st.integers(0, width - 1), st.integers(0, height - 1)))
    box = cut_box(lam, centre, height, width)

    # torchvision's own box, from the same λ and centre.
    theirs = v2.CutMix(num_classes=CLASSES)
    theirs._dist = SimpleNamespace(sample=lambda _: torch.tensor(lam, dtype=torch.float64))
    coordinates = iter(torch.tensor([value]) for value in centre)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randint", lambda *_, **__: next(coordinates))
        params = theirs.make_params([images])
    assert tuple(box) == params["box"]
    mixed, soft = torchvision_mixes("CutMix", images, labels, **params)
    assert torch.equal(paste(images, box), mixed)
    assert_close(mix_labels(labels, params["lam_adjusted"], CLASSES), soft)


@settings(deadline=None)
@given(st.sampled_from([MixUp, CutMix]), st.integers(1, 5), st.floats(0.1, 4), st.integers(0, 2**32))
def test_labels_follow_the_pixels(kind: Any, n: int, alpha: float, seed: int) -> None:
    # Image i is i everywhere, and its class is i, so that pixels tell who is in them.
    images = torch.arange(n)[:, None, None, None].expand(n, 3, 16, 16).float()
    mixed, soft = kind(CLASSES, alpha, random.Random(seed))(images, torch.arange(n))
    assert soft.dtype == torch.float32
    assert_close(soft.sum(dim=1), torch.ones(n))
    assert_close(mixed.mean(dim=(1, 2, 3)), soft @ torch.arange(CLASSES).float())
    assert torch.equal(images[:, 0, 0, 0], torch.arange(n).float()), "the batch itself must not change"


def test_lambda_is_drawn_from_the_beta_distribution() -> None:
    # torch.distributions is the oracle: mean 1/2, variance 1 / (4 (2α + 1)).
    for alpha in (0.2, 1.0, 3.0):
        mixup = MixUp(2, alpha, random.Random(0))
        pair = torch.tensor([1.0, 0.0])[:, None, None, None]
        lams = [float(mixup(pair, torch.tensor([0, 1]))[1][0, 0]) for _ in range(3000)]
        beta = torch.distributions.Beta(alpha, alpha)
        assert statistics.mean(lams) == pytest.approx(beta.mean.item(), abs=0.03)
        assert statistics.variance(lams) == pytest.approx(beta.variance.item(), rel=0.15)


def test_cutmix_moves_uint8_pixels() -> None:
    images = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8)
    mixed, _ = CutMix(2, rng=random.Random(1))(images, torch.tensor([0, 1, 0, 1]))
    assert mixed.dtype == torch.uint8
    assert ((mixed == images) | (mixed == images.roll(1, 0))).all()


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_as_a_collate(kind: Any) -> None:
    images, labels = draw_batch(4, 8, 8, 0)
    samples = [(image, int(label)) for image, label in zip(images, labels, strict=True)]
    in_loader = pickle.loads(pickle.dumps(kind(CLASSES, rng=random.Random(3)).collate))
    (batch,) = datakit.DataLoader(samples, batch_size=4, collate_fn=in_loader)
    mixed, soft = kind(CLASSES, rng=random.Random(3))(images, labels)
    assert torch.equal(batch[0], mixed)
    assert torch.equal(batch[1], soft)


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_on_any_device(kind: Any, device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    images, labels = draw_batch(4, 8, 8, 0)
    expected = kind(CLASSES, rng=random.Random(3))(images, labels)
    mixed, soft = kind(CLASSES, rng=random.Random(3))(images.to(device), labels.to(device))
    assert mixed.device.type == soft.device.type == device
    assert_close(mixed.cpu(), expected[0])
    assert_close(soft.cpu(), expected[1])


@pytest.mark.parametrize(
    ("arguments", "batch", "error", "words"),
    [
        ({"num_classes": 0}, None, ValueError, "num_classes must be a positive integer; 0 arrived"),
        ({"alpha": 0.0}, None, ValueError, r"alpha must be a positive number; 0\.0 arrived"),
        ({"alpha": float("nan")}, None, ValueError, "alpha must be a positive number; nan arrived"),
        ({}, (torch.zeros(2, 8, 8), torch.zeros(2).long()), ValueError, r"images of shape \[2, 8, 8\] and labels of"),
        (
            {},
            (torch.zeros(2, 3, 8, 8), torch.zeros(3).long()),
            ValueError,
            r"images .* and labels of shape \[3\] arrived",
        ),
        ({}, (torch.zeros(2, 3, 8, 8), torch.zeros(2)), TypeError, "labels of dtype torch.float32 arrived; class num"),
    ],
)
@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_refusals(kind: Any, arguments: dict[str, Any], batch: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=f"{kind.__name__}: {words}"):
        kind(**{"num_classes": 2, **arguments})(*batch)


def test_mixup_wants_floats() -> None:
    with pytest.raises(TypeError, match=r"MixUp: images of dtype .* arrived; blending needs floating point"):
        MixUp(2)(torch.zeros(2, 3, 8, 8, dtype=torch.uint8), torch.tensor([0, 1]))


@pytest.mark.parametrize("label", [-1, 2])
def test_labels_must_be_classes(label: int) -> None:
    with pytest.raises(ValueError, match=r"class numbers from 0 to 1 are expected\. Check num_classes"):
        MixUp(2)(torch.zeros(2, 3, 8, 8), torch.tensor([0, label]))
