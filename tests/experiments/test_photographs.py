from __future__ import annotations

from pathlib import Path

import pytest

from datakit import ImageDataset
from datakit.experiments.photographs import cached_photographs


def test_they_are_made_once_and_have_the_size(tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    manifest = cached_photographs(3, (40, 60), progress=lambda i, n: reports.append((i, n)))
    assert manifest.is_relative_to(tmp_path / "cache" / "datakit")
    assert reports == [(1, 3), (2, 3), (3, 3)]
    assert [tuple(image.shape) for image, _ in ImageDataset(manifest)] == [(3, 40, 60)] * 3
    assert cached_photographs(3, (40, 60), progress=lambda i, n: reports.append((i, n))) == manifest
    assert len(reports) == 3


def test_other_arguments_have_a_folder_of_their_own() -> None:
    manifests = {cached_photographs(n, (20, 30), seed) for n in (1, 2) for seed in (0, 1)}
    assert len(manifests) == 4


def test_without_a_setting_the_cache_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cached_photographs(1, (20, 30)).is_relative_to(tmp_path / "home/.cache/datakit")


def test_a_cache_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(OSError, match=r"can't be kept in .*cache.*: .*\. Free some space, or name .* XDG_CACHE_HOME"):
        cached_photographs(1, (20, 30))
