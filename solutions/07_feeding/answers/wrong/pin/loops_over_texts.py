# Looks into everything that can be looped over.
# hint: text-looped-over
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
        if hasattr(part, '__iter__'):
            return type(part)(map(twin, part))
        if is_dataclass(part):
            return replace(
                part,
                **{field.name: twin(getattr(part, field.name)) for field in fields(part)},
            )
        return part

    return twin(batch)
