"""Labelled image files, decoded one at a time when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsIndex

from torch import Tensor
from torch.utils.data import Dataset

from datakit._errors import quoted
from datakit.datasets.csv_file import read_csv
from datakit.datasets.decode import UNDECODABLE, decode_rgb
from datakit.datasets.indexing import position

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

Transform = Callable[[Any], Any]


class LabelledImages(Dataset[tuple[Any, Any]]):
    """What image datasets share: files with labels, a lazy read, and transforms.

    Attributes:
        paths: one file for each sample.
        targets: one class number for each sample.
        classes: class names, sorted; ``classes[target]`` is a sample's label.
        class_to_idx: class name → class number.
        transform: called with the decoded image, a uint8 tensor [3, height, width]; ``None`` leaves it as it is.
        target_transform: called with the class number; ``None`` leaves it as it is.
    """

    def __init__(
        self,
        paths: list[Path],
        labels: list[str],
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        self.paths = paths
        self.classes = sorted(set(labels))
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
        self.targets = [self.class_to_idx[label] for label in labels]
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: SupportsIndex) -> tuple[Any, Any]:
        """Decode one image.

        Returns:
            The image (uint8 tensor [3, height, width], or what ``transform`` makes of it) and its class number.

        Raises:
            IndexError: if there is no such sample.
            FileNotFoundError: if the image is not there; the message says where it was looked for.
            OSError: if the file can't be decoded; the decoder's own error is chained to it.
        """
        at = position(index, len(self), type(self).__name__)
        image: Any = self._read(at)
        target: Any = self.targets[at]
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def _read(self, at: int) -> Tensor:
        try:
            return decode_rgb(self.paths[at])
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{type(self).__name__}: {self._missing(at)}") from error
        except UNDECODABLE as error:
            raise OSError(
                f"{type(self).__name__}: {self._source(at)} can't be decoded as an image: {error}. "
                "Replace the file, or leave it out."
            ) from error

    def _source(self, at: int) -> str:
        return str(self.paths[at])

    def _missing(self, at: int) -> str:
        return f"{self._source(at)} is no longer there. Restore the file, or build the dataset again."


class ImageDataset(LabelledImages):
    """Images listed in a manifest: a CSV file with the columns ``path`` and ``label``.

    The constructor reads the manifest and opens no image, so it takes the same short time for ten images as for ten
    large ones.

    Args:
        manifest: the CSV file; other columns are ignored.
        root: the folder that the paths are relative to; by default the manifest's own folder.
        transform: called with each decoded image, a uint8 tensor [3, height, width].
        target_transform: called with each class number.

    Attributes:
        manifest: the CSV file.
        root: the folder that the paths are relative to.
        row_numbers: for each sample its line in the manifest, as an editor shows it.

    Raises:
        FileNotFoundError: if there is no such manifest.
        ValueError: if the manifest lacks a column, has no rows, or has a row without a path or a label.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from datakit import samples
        >>> with TemporaryDirectory() as folder:
        ...     dataset = ImageDataset(samples.photo_corpus(folder, n=4))
        ...     image, target = dataset[-1]
        >>> len(dataset), image.dtype, image.shape[0]
        (4, torch.uint8, 3)
    """

    def __init__(
        self,
        manifest: str | Path,
        root: str | Path | None = None,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        self.manifest = Path(manifest)
        self.root = self.manifest.parent if root is None else Path(root)
        _, rows = read_csv(self.manifest, ("path", "label"), "ImageDataset")
        for row in rows:
            for column in ("path", "label"):
                if not row.cells[column]:
                    raise ValueError(
                        f"ImageDataset: row {row.number} of {self.manifest.name} has no {column}. "
                        "Fill the cell, or delete the row."
                    )
        self.row_numbers = [row.number for row in rows]
        paths = [self.root / row.cells["path"] for row in rows]
        super().__init__(paths, [row.cells["label"] for row in rows], transform, target_transform)

    def _source(self, at: int) -> str:
        return f"row {self.row_numbers[at]} of {self.manifest.name}: {self._shown(at)}"

    def _missing(self, at: int) -> str:
        return (
            f"row {self.row_numbers[at]} of {self.manifest.name} names {self._shown(at)!r}, which is not there. "
            f"Looked in {self.root}. Fix the path column or pass root=..."
        )

    def _shown(self, at: int) -> str:
        path = self.paths[at]
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)


class ImageFolder(LabelledImages):
    """Images in one folder for each class: ``root/cat/1.jpg``, ``root/dog/2.jpg``.

    Classes, class numbers and order are those of ``torchvision.datasets.ImageFolder``.

    Args:
        root: the folder that holds the class folders.
        transform: called with each decoded image, a uint8 tensor [3, height, width].
        target_transform: called with each class number.

    Raises:
        FileNotFoundError: if ``root`` is not there, holds no folder, or one of its folders holds no image.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from PIL import Image
        >>> with TemporaryDirectory() as folder:
        ...     for name in ("dog", "cat"):
        ...         Path(folder, name).mkdir()
        ...         Image.new("RGB", (8, 6)).save(Path(folder, name, "1.png"))
        ...     dataset = ImageFolder(folder)
        ...     image, target = dataset[1]
        >>> image.shape, dataset.classes[target]
        (torch.Size([3, 6, 8]), 'dog')
    """

    def __init__(
        self,
        root: str | Path,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise FileNotFoundError(f"ImageFolder: there is no folder {str(self.root)!r}. Check the path.")
        classes = sorted(entry.name for entry in os.scandir(self.root) if entry.is_dir())
        if not classes:
            raise FileNotFoundError(
                f"ImageFolder: {self.root} holds no class folders. Put each class's images into a folder of its own."
            )
        files = {name: _images_below(self.root / name) for name in classes}
        empty = [name for name in classes if not files[name]]
        if empty:
            raise FileNotFoundError(
                f"ImageFolder: no images in the class folder {quoted(empty)} of {self.root}. "
                f"Add files that end in {', '.join(IMAGE_SUFFIXES)}, or remove the folder."
            )
        paths = [path for name in classes for path in files[name]]
        labels = [name for name in classes for _ in files[name]]
        super().__init__(paths, labels, transform, target_transform)


def _images_below(folder: Path) -> list[Path]:
    # Sorted by folder first and file second, as torchvision does: a plain sort of all paths would differ.
    found = []
    for directory, _, names in sorted(os.walk(folder, followlinks=True)):
        found += [Path(directory, name) for name in sorted(names) if name.lower().endswith(IMAGE_SUFFIXES)]
    return found
