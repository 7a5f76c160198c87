"""What the forward pass keeps for the backward pass: most of a training step's memory, and it grows with the batch."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from datakit._errors import kind_of


class KeptForBackward:
    """Count the bytes that autograd keeps of a forward pass, on any device.

    To work out gradients, the backward pass needs what the forward pass had in its hands: the inputs of a layer, the
    outputs of an activation. Autograd keeps these tensors until then. Memory that several of them share counts once;
    the model's own parameters and buffers don't count, as they are there anyway.

    Args:
        model: the model that runs inside the ``with`` block.

    Attributes:
        nbytes: the bytes kept by the forward passes inside the block.

    Raises:
        RuntimeError: (in the backward pass) if a tensor that was kept has been changed in place since. PyTorch's own
            check, which says more, is off while somebody else looks after what is kept.

    Source: "Hooks for autograd saved tensors", PyTorch tutorials.

    Example:
        >>> import torch
        >>> model = nn.Sequential(nn.Linear(100, 50), nn.ReLU())
        >>> with KeptForBackward(model) as kept:
        ...     loss = model(torch.zeros(8, 100)).sum()
        >>> kept.nbytes  # of each sample: 100 inputs and 50 outputs of the ReLU, 4 bytes each
        4800
    """

    def __init__(self, model: nn.Module) -> None:
        if not isinstance(model, nn.Module):
            raise TypeError(f"KeptForBackward: {kind_of(model)} arrived. Pass the model that is run inside.")
        self._own = {_address(tensor) for tensor in (*model.parameters(), *model.buffers())}
        self._sizes: dict[int, int] = {}
        self._held: list[Tensor] = []
        self._hooks = saved_tensors_hooks(self._pack, _unpack)

    @property
    def nbytes(self) -> int:
        """The bytes kept."""
        return sum(self._sizes.values())

    def __enter__(self) -> KeptForBackward:
        self._hooks.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._hooks.__exit__(*error)
        self._held.clear()

    def _pack(self, tensor: Tensor) -> tuple[Tensor, int]:
        address = _address(tensor)
        if address not in self._own:
            self._sizes[address] = tensor.untyped_storage().nbytes()
            # While it is held, no other tensor gets its address.
            self._held.append(tensor)
        return tensor, tensor._version


def _unpack(kept: tuple[Tensor, int]) -> Tensor:
    tensor, version = kept
    if tensor._version != version:
        raise RuntimeError(
            f"A tensor of shape {list(tensor.shape)} that the backward pass needs has been changed in place since the "
            "forward pass (by += or a function such as add_). Write the result to a new tensor instead."
        )
    return tensor


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
