"""Image datasets: laziness, decoding against Pillow and torchvision, and damaged files."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.utils import data as torch_data

import datakit
from datakit import ImageDataset, ImageFolder, check
from datakit.datasets.decode import decode_rgb

SIZE = (7, 5)


def picture(mode: str, seed: int = 0) -> Image.Image:
    """A small image of noise in any mode that Pillow can save."""
    rng = np.random.default_rng(seed)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 2**16, size=SIZE[::-1], dtype=np.uint16))
    return Image.fromarray(rng.integers(0, 256, size=(*SIZE[::-1], 3), dtype=np.uint8)).convert(mode)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Three images in a subfolder, listed with their labels."""
    (tmp_path / "photos").mkdir()
    for number, name in enumerate(["a.png", "b.png", "c.png"]):
        picture("RGB", number).save(tmp_path / "photos" / name)
    path = tmp_path / "manifest.csv"
    path.write_text("path,label\nphotos/a.png,dog\nphotos/b.png,cat\nphotos/c.png,dog\n", encoding="utf-8")
    return path


def expected(path: Path) -> torch.Tensor:
    return torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)


def test_a_manifest_is_a_dataset(manifest: Path) -> None:
    dataset = ImageDataset(manifest)
    assert dataset.classes == ["cat", "dog"]
    assert dataset.class_to_idx == {"cat": 0, "dog": 1}
    assert dataset.targets == [1, 0, 1]
    assert dataset.row_numbers == [2, 3, 4]
    items = [
        (expected(manifest.parent / f"photos/{name}.png"), target)
        for name, target in zip("abc", [1, 0, 1], strict=True)
    ]
    check.indexing(dataset, items)
    image, _ = dataset[0]
    assert image.dtype == torch.uint8
    assert list(image.shape) == [3, 5, 7]


def test_the_constructor_opens_no_image(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    original = Path.read_bytes

    def watched(path: Path) -> bytes:
        opened.append(path.name)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", watched)
    datasets = [ImageDataset(manifest), ImageFolder(manifest.parent)]
    assert opened == []
    assert [len(dataset) for dataset in datasets] == [3, 3]
    datasets[0][1]
    assert opened == ["b.png"]


def test_images_that_are_not_there_do_not_stop_the_constructor(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,label\nnone.jpg,0\n")
    assert len(ImageDataset(tmp_path / "manifest.csv")) == 1


def test_transforms_are_called_at_access(manifest: Path) -> None:
    dataset = ImageDataset(manifest, transform=lambda image: image.float() / 255, target_transform=lambda y: -y)
    image, target = dataset[0]
    assert image.dtype == torch.float32
    assert target == -1


def test_root_may_lie_elsewhere(manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    moved = manifest.rename(tmp_path / "lists" / "train.csv")
    assert torch.equal(ImageDataset(moved, root=tmp_path)[2][0], expected(tmp_path / "photos/c.png"))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    picture(mode).save(tmp_path / "image.png")
    image = decode_rgb(tmp_path / "image.png")
    reference = Image.open(tmp_path / "image.png").convert("RGB")
    assert image.dtype == torch.uint8
    assert torch.equal(image, torch.from_numpy(np.array(reference)).permute(2, 0, 1))


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", SIZE, (0, 255, 255, 0)).save(tmp_path / "red.tif")
    assert decode_rgb(tmp_path / "red.tif")[:, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("name", ["image.png", "image.tif"])
def test_sixteen_bits_keep_their_upper_eight(tmp_path: Path, name: str) -> None:
    image = picture("I;16")
    image.save(tmp_path / name)
    values = torch.from_numpy((np.array(image) // 256).astype(np.uint8))
    assert torch.equal(decode_rgb(tmp_path / name), values.expand(3, -1, -1))


@pytest.mark.filterwarnings("ignore:The image decoding and encoding capabilities of TorchVision:DeprecationWarning")
def test_decoding_equals_torchvision(tmp_path: Path) -> None:
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms.v2.functional import to_dtype

    picture("RGB").save(tmp_path / "image.png")
    picture("I;16").save(tmp_path / "deep.png")
    for name in ("image.png", "deep.png"):
        theirs = decode_image(str(tmp_path / name), ImageReadMode.RGB)
        assert torch.equal(decode_rgb(tmp_path / name), to_dtype(theirs, torch.uint8, scale=True))


@settings(max_examples=60, deadline=None)
@given(
    tree=st.dictionaries(
        st.text("abAB1_", min_size=1, max_size=3),
        st.sets(
            st.sampled_from(
                [
                    "1.png",
                    "10.png",
                    "2.PNG",
                    "deep/1.png",
                    "deep/0.png",
                    "deeper/x.png",
                    "0/1.png",
                    "z/1.png",
                    "c/1.png",
                    "c/d/1.png",
                    "y/1.png",
                    "b.x/1.png",
                    "notes.txt",
                ]
            ),
            min_size=1,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_folders_equal_torchvision(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, set[str]]) -> None:
    from torchvision import datasets as torchvision_datasets

    root = tmp_path_factory.mktemp("tree")
    (root / "loose.png").touch()
    for folder, names in tree.items():
        for name in names:
            file = root / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            picture("RGB", len(name)).save(file, "png")
    try:
        theirs = torchvision_datasets.ImageFolder(str(root))
    except FileNotFoundError:
        with pytest.raises(FileNotFoundError, match="ImageFolder: no images in the class folder"):
            ImageFolder(root)
        return
    ours = ImageFolder(root)
    assert ours.classes == theirs.classes
    assert ours.class_to_idx == theirs.class_to_idx
    assert ours.targets == theirs.targets
    assert [str(path) for path in ours.paths] == [path for path, _ in theirs.samples]
    assert torch.equal(ours[-1][0], torch.from_numpy(np.array(theirs[len(theirs) - 1][0])).permute(2, 0, 1))


def test_worker_processes_can_use_every_dataset(manifest: Path) -> None:
    table = manifest.parent / "table.csv"
    table.write_text("a,b,kind,y\n1,2,s,0.5\n3,4,t,1.5\n5,6,s,2.5\n")
    csv_dataset = datakit.CSVDataset(table, "y", "regression", category_columns=["kind"])
    csv_dataset.transform = datakit.Standardizer.fit(csv_dataset.features)
    datasets: list[Any] = [
        ImageDataset(manifest),
        ImageFolder(manifest.parent),
        datakit.TensorDataset(torch.arange(3), ["a", "b", "c"]),
        csv_dataset,
    ]
    # One spawn pool for all: starting Python and importing torch takes seconds.
    together: Any = torch_data.ConcatDataset(datasets)
    loader = torch_data.DataLoader(
        together, batch_size=None, num_workers=2, multiprocessing_context="spawn", collate_fn=pickle.dumps
    )
    for arrived, here in zip(loader, together, strict=True):
        assert str(pickle.loads(arrived)) == str(here)


def test_a_missing_image_is_reported_with_its_row(manifest: Path) -> None:
    (manifest.parent / "photos/b.png").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        ImageDataset(manifest)[1]
    assert str(caught.value) == (
        f"ImageDataset: row 3 of manifest.csv names {str(Path('photos', 'b.png'))!r}, which is not there. "
        f"Looked in {manifest.parent}. Fix the path column or pass root=..."
    )
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def damaged(kind: str) -> bytes:
    import io

    whole = io.BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(whole, "jpeg" if kind == "cut jpeg" else "png")
    data = whole.getvalue()
    return {
        "text": b"I am no image",
        "empty": b"",
        "cut jpeg": data[: len(data) // 2],
        "cut png": data[: len(data) // 2],
        "broken png": data[:60] + bytes(20) + data[80:],
    }[kind]


@pytest.mark.parametrize("kind", ["text", "empty", "cut jpeg", "cut png", "broken png"])
def test_a_damaged_image_is_reported_with_its_row(manifest: Path, kind: str) -> None:
    (manifest.parent / "photos/c.png").write_bytes(damaged(kind))
    dataset = ImageDataset(manifest)
    assert dataset[0][1] == 1
    with pytest.raises(
        OSError, match=r"ImageDataset: row 4 of manifest.csv: photos.c.png can't be decoded as"
    ) as caught:
        dataset[2]
    assert "Replace the file, or leave it out." in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_folder_reports_damage_with_the_path(manifest: Path) -> None:
    dataset = ImageFolder(manifest.parent)
    dataset.paths[0].write_bytes(b"")
    with pytest.raises(OSError, match=r"ImageFolder: .*a.png can't be decoded as an image"):
        dataset[0]
    dataset.paths[0].unlink()
    with pytest.raises(FileNotFoundError, match=r"ImageFolder: .*a.png is no longer there. Restore the file"):
        dataset[0]


def test_an_image_of_unknown_range_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((2, 2), np.float32)).save(tmp_path / "f.tif")
    (tmp_path / "manifest.csv").write_text("path,label\nf.tif,0\n")
    with pytest.raises(OSError, match=r"mode 'F' .* Save it with 8 or 16 bits"):
        ImageDataset(tmp_path / "manifest.csv")[0]


def test_row_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b'\xef\xbb\xbfpath,label\r\n\r\n"two\r\nlines.png",0\r\nnone.png,1\r\n')
    assert ImageDataset(tmp_path / "m.csv").row_numbers == [3, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"m.csv is empty. Its first line must name the columns"),
        ("path,label\n", r"m.csv has a header but no rows. Add at least one"),
        ("file,label\na.png,0\n", r"m.csv has no column 'path'. Its columns are 'file', 'label'. Fix the first line"),
        ("path,label\na.png,\n", r"row 2 of m.csv has no label. Fill the cell, or delete the row"),
        ("path,label\na.png,1\n,1\n", r"row 3 of m.csv has no path"),
        ("path,label\na.png\n", r"row 2 of m.csv has 1 cells, but the header names 2 columns. Look for a missing"),
        ("path,label,label\na,b,c\n", r"m.csv names column 'label' more than once"),
    ],
)
def test_bad_manifests_are_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ValueError, match=f"ImageDataset: {words}"):
        ImageDataset(tmp_path / "m.csv")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"ImageDataset: there is no file .*none.csv'. Check the path"):
        ImageDataset(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match=r"ImageFolder: there is no folder .*none'. Check the path"):
        ImageFolder(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match=r"holds no class folders. Put each class's images into a folder"):
        ImageFolder(tmp_path)
