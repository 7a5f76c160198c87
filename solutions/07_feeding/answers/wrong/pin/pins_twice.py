# Remembers nothing.
# hint: pinned-twice
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
            return pin_tensor(part)
        if isinstance(part, dict):
            return {key: twin(value) for key, value in part.items()}
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return type(part)(*map(twin, part))
        if isinstance(part, tuple | list):
            return type(part)(map(twin, part))
        if is_dataclass(part):
            return replace(
                part,
                **{field.name: twin(getattr(part, field.name)) for field in fields(part)},
            )
        return part

    return twin(batch)
