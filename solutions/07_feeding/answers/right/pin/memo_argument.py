@dataclass(frozen=True)
class Labelled:
    """An image, and what is known about it."""

    image: torch.Tensor
    label: object
    file: str = ""


def pin(batch, pin_tensor, memo=None):
    memo = {} if memo is None else memo
    again = lambda part: pin(part, pin_tensor, memo)
    if torch.is_tensor(batch):
        return memo.setdefault(id(batch), None) if memo.get(id(batch)) is not None else remember(memo, batch, pin_tensor)
    if isinstance(batch, dict):
        return {key: again(value) for key, value in batch.items()}
    if isinstance(batch, list):
        return [again(part) for part in batch]
    if isinstance(batch, tuple):
        parts = [again(part) for part in batch]
        return batch._make(parts) if hasattr(batch, "_make") else tuple(parts)
    if is_dataclass(batch) and not isinstance(batch, type):
        return replace(batch, **{f.name: again(getattr(batch, f.name)) for f in fields(batch)})
    return batch


def remember(memo, tensor, pin_tensor):
    memo[id(tensor)] = pin_tensor(tensor)
    return memo[id(tensor)]
