"""Keep a part of the image."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import pad

from datakit._errors import check_not_negative
from datakit.crop_boxes import Box, random_resized_box
from datakit.randomness import sample_random
from datakit.transforms.base import Size, Transform, check_image, height_and_width
from datakit.transforms.compose import Compose
from datakit.transforms.resize import Resize, resize


class CenterCrop(Transform):
    """Keep the middle.

    Args:
        size: height and width of the part.

    Raises:
        ValueError: if ``size`` is not one or two positive integers.

    Example:
        >>> import torch
        >>> CenterCrop((1, 2))(torch.arange(12).reshape(1, 3, 4)).tolist()
        [[[5, 6]]]
    """

    def __init__(self, size: Size) -> None:
        self.size = height_and_width(size, "CenterCrop")

    def __call__(self, image: Tensor) -> Tensor:
        """Crop.

        Returns:
            A view: it shares memory with ``image``.

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W], or is smaller than the part.
        """
        room_above, room_beside = _room(image, self.size, "CenterCrop")
        return crop(image, Box(round(room_above / 2), round(room_beside / 2), *self.size))


class RandomCrop(Transform):
    """Keep a part of a fixed size at a random place.

    Args:
        size: height and width of the part.
        padding: how many pixels are added on each side before.
        fill: the value of those pixels.

    Raises:
        ValueError: if ``size`` is not one or two positive integers, or ``padding`` is negative.

    Example:
        >>> import torch
        >>> RandomCrop(32, padding=4)(torch.zeros(3, 32, 32)).shape
        torch.Size([3, 32, 32])
    """

    def __init__(self, size: Size, padding: int = 0, fill: float = 0) -> None:
        self.size = height_and_width(size, "RandomCrop")
        check_not_negative(padding, "padding", "RandomCrop")
        self.padding = padding
        self.fill = fill

    def draw(self, room_above: int, room_beside: int) -> Box:
        """Choose the place, in the padded image.

        Args:
            room_above: how many rows the padded image has more than the part.
            room_beside: how many columns it has more.
        """
        random = sample_random()
        return Box(random.randint(0, room_above), random.randint(0, room_beside), *self.size)

    def __call__(self, image: Tensor) -> Tensor:
        """Pad and crop.

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W], or smaller than the part even with its padding.
        """
        check_image(image, "RandomCrop")
        if self.padding:
            image = pad(image, [self.padding] * 4, value=self.fill)
        return crop(image, self.draw(*_room(image, self.size, "RandomCrop")))

    def eval_twin(self) -> CenterCrop:
        """Evaluation keeps the middle, without padding."""
        return CenterCrop(self.size)


class RandomResizedCrop(Transform):
    """Keep a random part, of random size and shape, and resize it to a fixed size.

    Args:
        size: height and width of what comes out.
        scale: the least and the greatest share of the image's area.
        ratio: the least and the greatest width ÷ height of the part.

    Raises:
        ValueError: if ``size`` is not one or two positive integers, or a range is not positive and ascending.

    Source: "Going Deeper with Convolutions" (Szegedy et al., 2015), section 6.

    Example:
        >>> import torch
        >>> RandomResizedCrop(224)(torch.zeros(3, 375, 500, dtype=torch.uint8)).shape
        torch.Size([3, 224, 224])
    """

    def __init__(
        self,
        size: Size,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
    ) -> None:
        self.size = height_and_width(size, "RandomResizedCrop")
        for name, (low, high) in {"scale": scale, "ratio": ratio}.items():
            if not 0 < low <= high:
                raise ValueError(
                    f"RandomResizedCrop: {name} must be (least, greatest), above 0; ({low}, {high}) arrived."
                )
        self.scale = scale
        self.ratio = ratio

    def draw(self, height: int, width: int) -> Box:
        """Choose the part of an image of this height and width."""
        return random_resized_box(height, width, self.scale, self.ratio)

    def __call__(self, image: Tensor) -> Tensor:
        """Crop and resize.

        Args:
            image: uint8 or floating point [..., C, H, W].

        Raises:
            TypeError: if ``image`` is not a tensor.
            ValueError: if it is not [..., C, H, W].
        """
        check_image(image, "RandomResizedCrop")
        return resize(crop(image, self.draw(*image.shape[-2:])), self.size)

    def eval_twin(self) -> Compose:
        """Evaluation resizes to 256/224 of the size and keeps the middle: the custom since AlexNet."""
        return Compose([Resize(round(max(self.size) * 256 / 224)), CenterCrop(self.size)])


def crop(image: Tensor, box: Box) -> Tensor:
    """Return the part of [..., C, H, W] inside ``box``, as a view."""
    return image[..., box.top : box.top + box.height, box.left : box.left + box.width]


def _room(image: Tensor, size: tuple[int, int], owner: str) -> tuple[int, int]:
    """How many rows and columns more than ``size`` the image has."""
    check_image(image, owner)
    height, width = image.shape[-2:]
    if height < size[0] or width < size[1]:
        raise ValueError(
            f"{owner}: an image of height {height} and width {width} arrived, smaller than the part of {size[0]} × "
            f"{size[1]}. Resize it before, or ask for a smaller part."
        )
    return height - size[0], width - size[1]
