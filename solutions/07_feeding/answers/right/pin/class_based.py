@dataclass(frozen=True)
class Labelled:
    """An image, and what is known about it."""

    image: torch.Tensor
    label: object
    file: str = ""


class Pinner:
    def __init__(self, pin_tensor):
        self.pin_tensor = pin_tensor
        self.done = []

    def tensor(self, tensor):
        for old, new in self.done:
            if old is tensor:
                return new
        new = self.pin_tensor(tensor)
        self.done.append((tensor, new))
        return new

    def any(self, part):
        match part:
            case torch.Tensor():
                return self.tensor(part)
            case dict():
                return dict(zip(part.keys(), map(self.any, part.values())))
            case tuple() if hasattr(part, "_fields"):
                return part._replace(**{name: self.any(getattr(part, name)) for name in part._fields})
            case tuple() | list():
                return type(part)([self.any(item) for item in part])
        if is_dataclass(part):
            return type(part)(*[self.any(getattr(part, field.name)) for field in fields(part)])
        return part


def pin(batch, pin_tensor):
    return Pinner(pin_tensor).any(batch)
