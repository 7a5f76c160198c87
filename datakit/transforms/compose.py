"""Transforms one after another, and the pipeline for evaluation that belongs to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from datakit._errors import kind_of
from datakit.transforms.base import Transform


class Compose(Transform):
    """Apply several transforms, each to what the one before returned.

    Args:
        transforms: the transforms, in order. Any callable will do, but only datakit's know their evaluation twin.

    Raises:
        TypeError: if one of them can't be called.

    Example:
        >>> from datakit.transforms import Normalize, RandomCrop, RandomHorizontalFlip, ToFloat
        >>> train = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip(), ToFloat(), Normalize([0.5], [0.5])])
        >>> train.eval_twin()
        Compose(CenterCrop, ToFloat, Normalize)
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        for number, transform in enumerate(transforms):
            if not callable(transform):
                raise TypeError(f"Compose: transform {number} is {kind_of(transform)}, which can't be called.")
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        """Apply all transforms.

        An error in one of them comes through as it is, with a note that tells which.
        """
        for number, transform in enumerate(self.transforms):
            try:
                image = transform(image)
            except Exception as error:
                error.add_note(f"Compose: this came from transform {number}, {_name(transform)}.")
                raise
        return image

    def eval_twin(self) -> Compose:
        """Return the pipeline for evaluation: each transform's twin, in the same order.

        Raises:
            TypeError: if a callable is not datakit's, because it can't tell whether it is random.
        """
        twins: list[Callable[[Any], Any]] = []
        for number, transform in enumerate(self.transforms):
            if not isinstance(transform, Transform):
                raise TypeError(
                    f"Compose.eval_twin: transform {number} is {_name(transform)}, of which it is not known whether it "
                    "is random. Wrap it in datakit.Reproducible if it is; if not, write the evaluation pipeline out."
                )
            twin = transform.eval_twin()
            if twin is not None:
                twins += twin.transforms if isinstance(twin, Compose) else [twin]
        return Compose(twins)

    def __repr__(self) -> str:
        return f"Compose({', '.join(map(_name, self.transforms))})"


def _name(transform: object) -> str:
    return getattr(transform, "__name__", type(transform).__name__)
