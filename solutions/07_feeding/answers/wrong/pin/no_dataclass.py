# Knows no dataclasses.
# hint: dataclass-skipped
@dataclass(frozen=True)
class Labelled:
    """An image, and what is known about it."""

    image: torch.Tensor
    label: object
    file: str = ""


def pin(batch, pin_tensor):
    """The same nesting, with each tensor pinned once."""
    pinned = {}

    def twin(part):
        if isinstance(part, torch.Tensor):
            if id(part) not in pinned:
                pinned[id(part)] = pin_tensor(part)
            return pinned[id(part)]
        if isinstance(part, dict):
            return {key: twin(value) for key, value in part.items()}
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return type(part)(*map(twin, part))
        if isinstance(part, tuple | list):
            return type(part)(map(twin, part))
        return part

    return twin(batch)
