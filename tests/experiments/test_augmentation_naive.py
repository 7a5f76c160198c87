from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import DataLoader

from datakit import check
from datakit.experiments.augmentation_naive import AugmentsInInit, SeedsOnce, nudge


def test_a_nudged_picture_moves_by_up_to_two_and_loses_nothing() -> None:
    tile = check.tile(7, height=5, width=6)
    rng = np.random.default_rng(0)
    moves = set()
    for _ in range(400):
        moved = nudge(tile, rng)
        rows, columns = (int(place) for place in moved[:2, 0, 0])
        assert torch.equal(moved, tile.roll((-rows, -columns), (1, 2)))
        moves.add((-rows if rows < 3 else 5 - rows, -columns if columns < 3 else 6 - columns))
    assert moves == {(rows, columns) for rows in range(-2, 3) for columns in range(-2, 3)}


def test_what_is_augmented_in_init_is_the_same_in_each_epoch() -> None:
    tile = check.tile(0, height=5, width=5)
    dataset = AugmentsInInit(tile.expand(8, -1, -1, -1), nudge, seed=0)
    assert len(dataset) == 8
    assert len({tuple(image[:2, 0, 0].tolist()) for image in dataset.images}) > 1
    assert torch.equal(dataset[3], dataset[3])


def test_workers_of_a_dataset_that_is_seeded_once_draw_the_same_in_each_epoch() -> None:
    dataset = SeedsOnce(10, seed=0)
    epochs = []
    for _ in range(2):
        drawn: dict[int, list[int]] = {0: [], 1: []}
        for index, worker, number in DataLoader(dataset, batch_size=None, num_workers=2):
            assert index % 2 == worker
            drawn[worker].append(number)
        assert drawn[0] == drawn[1] and len(set(drawn[0])) == 5
        epochs.append(drawn)
    assert epochs[0] == epochs[1]
    # In one process the draws go on: another epoch, other numbers.
    assert [dataset[k][2] for k in range(10)] != [dataset[k][2] for k in range(10)]
