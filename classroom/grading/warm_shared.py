"""One warm parent for all that this process grades, where nobody lends it one."""

from __future__ import annotations

from collections.abc import Iterable

from classroom.grading.warm import MODULES, WarmParent

_SHARED: dict[tuple[str, ...], WarmParent] = {}


def shared_parent(modules: Iterable[str] = (), gpu: bool = False) -> WarmParent:
    """This process's (or its parent's) warm parent; a new one if it was killed, or for other arguments.

    Args:
        modules: what it imports beside ``MODULES``.
        gpu: whether GPUs are visible.

    Raises:
        NoSandboxError: if submissions can't be confined here.
    """
    wanted = tuple(sorted({*modules} - {*MODULES}))
    for known, parent in list(_SHARED.items()):
        if known == wanted and parent.gpu == gpu and parent.alive:
            return parent
        parent.close()
        del _SHARED[known]
    _SHARED[wanted] = WarmParent((*MODULES, *wanted), gpu=gpu)
    return _SHARED[wanted]
