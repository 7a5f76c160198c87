"""The training loop against plain PyTorch loops, and the three answers to imbalance on the same data."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.testing import assert_close

import datakit
from datakit.losses import class_weights
from datakit.training import History, accuracy, clip_gradients, fit, gradient_norm

SAMPLES = 24


def data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(SAMPLES, 3, generator=generator)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.1 * torch.randn(SAMPLES, 1, generator=generator)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([1, 5, SAMPLES]),
    st.none() | st.sampled_from([0.1, 1.0, 100.0]),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_all_three_descents_equal_a_plain_loop(
    batch_size: int, max_norm: float | None, plateau: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.2), nn.Linear(4, 1))
    theirs = copy.deepcopy(model)

    def scheduler(optimizer: torch.optim.Optimizer) -> Any:
        return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.2) if plateau else None

    def loader() -> Any:
        generator = torch.Generator().manual_seed(seed)
        return datakit.DataLoader(datakit.TensorDataset(*data()), batch_size, shuffle=True, generator=generator)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    model.eval()
    torch.manual_seed(seed)
    history = fit(model, loader(), nn.MSELoss(), optimizer, 4, max_norm=max_norm, scheduler=scheduler(optimizer))

    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.5)
    reduce = scheduler(optimizer)
    expected = History()
    batches = loader()
    theirs.train()
    torch.manual_seed(seed)
    for _ in range(4):
        losses = []
        for x, y in batches:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(theirs(x), y)
            loss.backward()
            expected.gradient_norms.append(
                nn.utils.clip_grad_norm_(theirs.parameters(), max_norm or float("inf")).item()
            )
            optimizer.step()
            losses.append(loss.item())
            expected.learning_rates.append(optimizer.param_groups[0]["lr"])
        expected.losses += losses
        expected.epoch_losses.append(sum(losses) / len(losses))
        if reduce is not None:
            reduce.step(expected.epoch_losses[-1])

    assert_close(list(model.parameters()), list(theirs.parameters()))
    for name in ("losses", "gradient_norms", "learning_rates", "epoch_losses"):
        assert getattr(history, name) == pytest.approx(getattr(expected, name), rel=1e-4), name
    assert len(history.losses) == 4 * -(-SAMPLES // batch_size)
    assert history.peak_memory == []
    assert model.training


@pytest.mark.parametrize("batch_size", [1, 6, SAMPLES])
def test_what_a_batch_keeps_is_counted_and_changes_nothing(batch_size: int) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    twin = copy.deepcopy(model)
    loader = datakit.DataLoader(datakit.TensorDataset(*data()), batch_size)
    runs = [
        fit(each, loader, nn.MSELoss(), torch.optim.SGD(each.parameters(), lr=0.1), 2, count_kept=count)
        for each, count in ((model, True), (twin, False))
    ]
    # By hand, floats of each sample: the 3 inputs, the 4 outputs of Tanh (the second layer's inputs, too), the
    # model's output and the target.
    assert runs[0].kept_bytes == [4 * batch_size * (3 + 4 + 1 + 1)] * (2 * SAMPLES // batch_size)
    assert runs[1].kept_bytes == []
    assert runs[0].losses == runs[1].losses
    assert all(map(torch.equal, model.parameters(), twin.parameters()))


def test_a_plateau_lowers_the_learning_rate() -> None:
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = datakit.DataLoader(datakit.TensorDataset(*data()), SAMPLES)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2)
    history = fit(model, loader, nn.MSELoss(), optimizer, 300, scheduler=scheduler)
    assert history.learning_rates[0] == 0.1
    assert history.learning_rates[-1] < 0.1


def test_the_history_can_be_watched() -> None:
    seen: list[int] = []
    model = nn.Linear(3, 1)
    loader = datakit.DataLoader(datakit.TensorDataset(*data()), 6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    fit(model, loader, nn.MSELoss(), optimizer, 3, on_epoch=lambda history: seen.append(len(history.losses)))
    assert seen == [4, 8, 12]


shapes = st.lists(st.lists(st.integers(0, 4), max_size=2), max_size=4)


@settings(deadline=None)
@given(shapes, st.floats(0.01, 50), st.integers(0, 2**32))
def test_clipping_equals_pytorch(shapes: list[list[int]], max_norm: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    ours = [torch.zeros(shape, requires_grad=True) for shape in shapes]
    frozen = torch.zeros(2)
    for parameter in ours:
        parameter.grad = 10 * torch.randn(parameter.shape, generator=generator)
    theirs = copy.deepcopy(ours)
    for parameter, other in zip(ours, theirs, strict=True):
        other.grad = None if parameter.grad is None else parameter.grad.clone()
    assert_close(
        gradient_norm([*ours, frozen]), nn.utils.get_total_norm([p.grad for p in theirs if p.grad is not None])
    )
    assert_close(clip_gradients([*ours, frozen], max_norm), nn.utils.clip_grad_norm_(theirs, max_norm))
    assert_close([p.grad for p in ours], [p.grad for p in theirs])


def test_accuracy_counts_samples_and_keeps_the_mode() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Identity())
    scores = torch.tensor([[2.0, 1.0], [0.0, 1.0], [5.0, 0.0]])
    batches = datakit.DataLoader(datakit.TensorDataset(scores, torch.tensor([0, 1, 1])), 2)
    for training in (True, False):
        model.train(training)
        assert accuracy(model, batches) == pytest.approx(2 / 3)
        assert model.training is training


@pytest.mark.slow
def test_handwritten_digits_are_learnt() -> None:
    torch.manual_seed(0)
    images, labels = datakit.samples.digits()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    pixels = images.float() / 16
    train, test = (datakit.TensorDataset(pixels[rows], labels[rows]) for rows in (order[:1437], order[1437:]))
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(0.3), nn.Linear(512, 10)),
    )
    loader = datakit.DataLoader(train, 64, shuffle=True, generator=torch.Generator().manual_seed(0))
    fit(model, loader, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=3e-3), epochs=20)
    assert accuracy(model, datakit.DataLoader(test, 128)) >= 0.97


@pytest.mark.gpu
def test_memory_on_a_gpu() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    model = nn.Linear(3, 1).cuda()
    x, y = (column.cuda() for column in data())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    history = fit(model, [(x, y)], nn.MSELoss(), optimizer, 2)
    assert len(history.peak_memory) == 2
    assert min(history.peak_memory) >= x.nbytes + y.nbytes


def start(batches: Any, lr: float = 0.1, **arguments: Any) -> History:
    model = nn.Linear(3, 1)
    return fit(model, batches, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr), **arguments)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"batches": []}, ValueError, "an epoch has no batches. Is the dataset empty, does drop_last drop"),
        (
            {"batches": (b for b in [data()]), "epochs": 2},
            ValueError,
            "a generator, which can be looped over only once",
        ),
        ({"batches": [torch.zeros(2)]}, TypeError, r"A batch is a Tensor; a pair \(x, y\) is expected"),
        ({"batches": [(1, 2, 3)]}, TypeError, r"A batch is a tuple of 3; a pair \(x, y\) is expected"),
        ({"batches": [data()], "epochs": 0}, ValueError, "epochs must be a positive integer; 0 arrived"),
        ({"batches": [data()], "count_kept": 1}, ValueError, "count_kept must be True or False; 1 arrived"),
        ({"batches": [data()], "max_norm": 0}, ValueError, "max_norm must be a positive number; 0 arrived"),
    ],
)
def test_refusals(arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        start(**arguments)


def test_a_loss_that_runs_away_is_named() -> None:
    batches = [data(), data(), (torch.full((1, 3), float("nan")), torch.zeros(1, 1))]
    with pytest.raises(
        FloatingPointError, match=r"the loss of batch 2 of epoch 0 is nan\. Lower the learning rate, clip"
    ):
        start(batches)


def test_a_batch_that_accuracy_refuses_leaves_the_mode_alone() -> None:
    model = nn.Identity()
    with pytest.raises(TypeError, match=r"A batch is a Tensor; a pair \(x, y\) is expected"):
        accuracy(model, [torch.zeros(2)])
    assert model.training


def test_no_samples_have_no_accuracy() -> None:
    with pytest.raises(ValueError, match=r"accuracy: no samples arrived\. Is the dataset empty"):
        accuracy(nn.Identity(), [])


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=40).map(lambda extra: [0, 1, 2, *extra]))
def test_class_weights_equal_those_of_scikit_learn(targets: list[int]) -> None:
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets)
    assert class_weights(targets).tolist() == pytest.approx(expected)


def test_class_numbers_must_have_no_gaps() -> None:
    with pytest.raises(ValueError, match=r"class_weights: the classes are \[0, 2\]; 0 to 1 is expected"):
        class_weights([0, 2, 2])
    assert class_weights(["cat", "dog", "dog", "dog"]).tolist() == pytest.approx([2, 2 / 3])


def test_weights_in_the_loss_and_balanced_batches_ask_for_the_same_step() -> None:
    """On average: the weighted loss of all samples is the plain loss of batches that hold every class equally."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 5, generator=generator)
    y = torch.tensor([0] * 30 + [1] * 10)
    model = nn.Linear(5, 2)
    model.weight.grad = None
    nn.CrossEntropyLoss(weight=class_weights(y))(model(x), y).backward()
    weighted = model.weight.grad
    model.weight.grad = None
    # Ten epochs of one batch a class's deck: each sample of a class equally often.
    batches = list(datakit.ClassBalancedBatchSampler(y, samples_per_class=10, num_batches=3))
    for batch in batches:
        (nn.CrossEntropyLoss()(model(x[batch]), y[batch]) / len(batches)).backward()
    assert_close(model.weight.grad, weighted)
