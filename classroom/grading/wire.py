"""Values as bytes, and bytes as values: numbers, text, containers, tensors. Nothing that arrives is ever run.

Whatever bytes a hostile process sends, reading them gives a value or a :class:`WireError`: sizes, counts and depth are
bounded, and only the types that `wire_read` lists can come out. There is no pickle and no eval.
"""

from .wire_bounds import WireError
from .wire_handles import Back, Handle, Named, Reference, Terms, Thrown
from .wire_read import decode
from .wire_write import encode

__all__ = ["Back", "Handle", "Named", "Reference", "Terms", "Thrown", "WireError", "decode", "encode"]
