"""A share of a GPU that several people use at once: how large it is, kept, and named beside what was measured.

A hub that lends shares says so in the environment of a learner's server: ``DATAKIT_GPU_SHARE=0.25`` is a quarter. Where
the variable isn't set, nothing here does anything.

A share is a part of the GPU's memory. Its processors have no parts: the driver lets everybody's work take turns, so a
time that is measured on a share depends on what the others do meanwhile.

Source: https://docs.pytorch.org/docs/stable/notes/cuda.html (``per_process_memory_fraction``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

SHARE = "DATAKIT_GPU_SHARE"
LIMIT = "per_process_memory_fraction"
"""What PyTorch calls the part of a GPU's memory that a process may take."""
SETTINGS = ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF")
"""Where PyTorch reads it; the first that is set hides the other."""
PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth", 8: "an eighth", 10: "a tenth"}


def own_share(environment: Mapping[str, str] | None = None) -> float | None:
    """Return the part of a GPU that this process may use, above 0 and up to 1; ``None`` where GPUs aren't shared out.

    Args:
        environment: where to look; this process's environment if nothing is said.

    Raises:
        ValueError: if the variable holds anything else.
    """
    text = (os.environ if environment is None else environment).get(SHARE)
    return None if text is None else checked_share(text, SHARE)


def checked_share(value: object, name: str) -> float:
    """Return a share as a number, above 0 and up to 1.

    Args:
        value: what arrived: a number, or text that holds one.
        name: what it is called where it came from.

    Raises:
        ValueError: if it is anything else.
    """
    try:
        share = float(value)  # type: ignore[arg-type]  # whatever float() can't read is refused below
    except (TypeError, ValueError):
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(
            f"{name}: {value!r} arrived, expected the part of a GPU as a number above 0 and up to 1, such as 0.25 for "
            "a quarter. Whoever runs the hub sets it."
        )
    return share


def share_settings(share: float, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep a process, and all that it starts, within a share.

    PyTorch reads one of them itself, so that the limit also holds where ``datakit`` is never imported.

    Args:
        share: the part of a GPU, above 0 and up to 1.
        environment: the variables that the process has besides. PyTorch's other settings in it are kept.
    """
    name = next((name for name in SETTINGS if name in environment), SETTINGS[0])
    others = [part for part in environment.get(name, "").split(",") if part and not part.startswith(LIMIT)]
    return {SHARE: f"{share:g}", name: ",".join([*others, f"{LIMIT}:{share:g}"])}


def enforce() -> None:
    """Keep this process within its share from the moment it first uses a GPU. ``import datakit`` calls it.

    It neither imports PyTorch nor opens a device: that takes seconds, and memory that many notebooks never use.

    Raises:
        ValueError: if the variable holds no share.
    """
    share = own_share()
    if share is None:
        return
    os.environ.update(share_settings(share, os.environ))

    def when_imported() -> None:
        sys.modules["torch.cuda"]._lazy_call(lambda: _begin(share))

    if "torch.cuda" in sys.modules:
        when_imported()
    else:
        sys.meta_path.insert(0, _Once("torch.cuda", when_imported))


def _begin(share: float) -> None:
    import torch

    from datakit.gpu_turn import take_turn

    take_turn()
    # A notebook may have set PyTorch's variable anew. This holds whatever it says.
    for device in range(torch.cuda.device_count()):
        torch.cuda.set_per_process_memory_fraction(share, device)


class _Once(MetaPathFinder):
    """Call a function as soon as a module has been imported.

    Args:
        name: the module's full name.
        call: the function.
    """

    def __init__(self, name: str, call: Callable[[], None]) -> None:
        self._name, self._call = name, call

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Leave the finding to the others, and add the call to what they found."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_call(module: ModuleType) -> None:
                run(module)
                self._call()

            spec.loader.exec_module = run_and_call  # type: ignore[method-assign]
        return spec


def share_in_words(share: float) -> str:
    """Write a share as people say it.

    Example:
        >>> share_in_words(0.25), share_in_words(0.15)
        ('a quarter', '15 %')
    """
    parts = round(1 / share)
    if parts in PARTS and abs(share - 1 / parts) < 0.005:
        return PARTS[parts]
    return f"{100 * share:.0f} %"


def gpu_in_words() -> str | None:
    """Name the GPU that this process uses, and how much of it is this process's own; ``None`` without a GPU.

    A share that this process hasn't used is said so, and its device isn't opened for the sake of its name.

    Raises:
        ValueError: if ``DATAKIT_GPU_SHARE`` holds no share.
    """
    import torch

    if not torch.cuda.is_available():
        return None
    share = own_share()
    if share is None:
        return torch.cuda.get_device_name()
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return f"{share_in_words(share)} of a GPU, unused here"
    return _shared(share, torch.cuda.get_device_name(), torch.cuda.get_device_properties().total_memory)


def _shared(share: float, name: str, total: int) -> str:
    from datakit.text_table import in_units

    if share == 1:
        return name
    article = "an" if name[:1] in "AEIOU" or name.startswith("NVIDIA") else "a"
    part = f"{share_in_words(share)} of {article} {name}"
    return f"{part} ({in_units(share * total)} of {in_units(total)}; shared: others' work changes these times)"
