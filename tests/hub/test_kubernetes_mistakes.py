"""Mistakes put into values.yaml and the manifests, of every kind that we could think of: each is found, and named."""

from __future__ import annotations

import pytest

from hub.kubernetes.check.mistakes import mistakes

from .kubernetes_files import schema, texts
from .kubernetes_seeds import access, manifests, names, profiles, volumes
from .kubernetes_seeds.seed import Seed

SEEDS = [*names.SEEDS, *volumes.SEEDS, *profiles.SEEDS, *access.SEEDS, *manifests.SEEDS]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name.replace(" ", "-"))
def test_a_mistake_is_found_and_named(seed: Seed) -> None:
    files = texts()
    assert seed.old in files[seed.file], "the file has changed: change this mistake too"
    files[seed.file] = files[seed.file].replace(seed.old, seed.new, 1)
    found = mistakes(files.pop("values.yaml"), files, schema() if seed.by_schema else None)
    assert [sentence for sentence in found if seed.said in sentence], found


def test_each_mistake_is_another_one() -> None:
    assert len({seed.name for seed in SEEDS}) == len({(seed.file, seed.old, seed.new) for seed in SEEDS}) == len(SEEDS)
