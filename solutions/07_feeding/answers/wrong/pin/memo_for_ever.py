# Keeps what was pinned in a default argument.
# hint: remembered-too-long
@dataclass(frozen=True)
class Labelled:
    """An image, and what is known about it."""

    image: torch.Tensor
    label: object
    file: str = ""


def pin(batch, pin_tensor, pinned={}):
    """The same nesting, with each tensor pinned once."""
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
        if is_dataclass(part):
            return replace(
                part,
                **{field.name: twin(getattr(part, field.name)) for field in fields(part)},
            )
        return part

    return twin(batch)
