"""Watch a training run while it goes on: loss, gradient norm, learning rate and GPU memory, drawn after each epoch."""

from __future__ import annotations

import base64
import io
import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datakit._errors import missing_package
from datakit.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Source: M. Okabe and K. Ito, "Color Universal Design (CUD)", 2008.
BLUE, ORANGE = "#0072B2", "#D55E00"
PIXELS_AN_INCH = 96
MIB = 2**20


class LivePlot:
    """A picture of a training run that is drawn anew after each epoch: pass it to :func:`datakit.fit` as ``on_epoch``.

    In a notebook the picture stands below the cell, and each new one takes the place of the last. A script gives the
    name of a file instead.

    Args:
        path: a PNG file to write; by default the picture is shown in the notebook.

    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
        RuntimeError: if there is neither a path nor a notebook.

    Example:
        >>> import tempfile, torch, datakit
        >>> model = torch.nn.Linear(1, 1)
        >>> batches = [(torch.ones(4, 1), torch.zeros(4, 1))] * 5
        >>> sgd = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     plot = LivePlot(f"{folder}/run.png")
        ...     history = datakit.fit(model, batches, torch.nn.MSELoss(), sgd, epochs=2, on_epoch=plot)
        ...     [file.name for file in Path(folder).iterdir()]
        ['run.png']
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._shown: Any = None  # IPython's handle of the picture that stands below the cell
        if path is None and not _in_notebook():
            raise RuntimeError(
                "LivePlot: nobody would see it, as this is no notebook. Pass a file: LivePlot('run.png')."
            )

    def __call__(self, history: History) -> None:
        """Draw what was measured so far, in the place of what was drawn before."""
        picture = io.BytesIO()
        plot_history(history).savefig(picture, format="png", dpi=PIXELS_AN_INCH)
        if self.path is not None:
            # Whole or not at all: somebody may be looking at the file.
            part = self.path.with_name(f"{self.path.name}.part")
            part.write_bytes(picture.getvalue())
            part.replace(self.path)
            return
        from IPython.display import HTML, display

        # JupyterLab shows a PNG without the alternative text that IPython sends along.
        data = base64.b64encode(picture.getvalue()).decode("ascii")
        image = HTML(f'<img alt="{escape(in_words(history))}" src="data:image/png;base64,{data}">')
        if self._shown is None:
            self._shown = display(image, display_id=True)
        else:
            self._shown.update(image)


def plot_history(history: History) -> Figure:
    """Draw loss, gradient norm and learning rate of each batch, and the peak memory of each epoch on a GPU.

    Args:
        history: of one epoch at least.

    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
        ValueError: if no epoch has been measured.

    Example:
        >>> figure = plot_history(History([2.0, 1.0], [3.0, 2.5], [0.1, 0.1], [1.5]))
        >>> [axes.get_title() for axes in figure.axes]
        ['loss', 'gradient norm', 'learning rate']
    """
    check_measured(history, "plot_history")
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise missing_package("matplotlib", "LivePlot") from error
    panels = 4 if history.peak_memory else 3
    figure = Figure(figsize=(3.2 * panels, 2.8), layout="constrained")
    loss, norm, rate, *memory = figure.subplots(1, panels)
    _curve(loss, history.losses, "loss", "batch")
    epochs = len(history.epoch_losses)
    ends = [len(history.losses) * (epoch + 1) // epochs - 1 for epoch in range(epochs)]
    loss.plot(ends, history.epoch_losses, "o-", color=ORANGE, markersize=4, label="mean of an epoch")
    loss.legend(frameon=False)
    _curve(norm, history.gradient_norms, "gradient norm", "batch")
    _curve(rate, history.learning_rates, "learning rate", "batch")
    for axes in memory:
        _curve(axes, [nbytes / MIB for nbytes in history.peak_memory], "peak GPU memory (MiB)", "epoch")
        axes.set_ylim(0)
    return figure


def check_measured(history: History, owner: str) -> None:
    """Refuse a history without an epoch: there is nothing to draw.

    Raises:
        ValueError: if no epoch has been measured.
    """
    if not (history.losses and history.epoch_losses):
        raise ValueError(f"{owner}: the history has no epoch yet. Pass what fit(...) returned.")


def in_words(history: History) -> str:
    """Say what the picture shows, for those who can't see it."""
    return (
        f"Training run, {len(history.epoch_losses)} epochs: the mean loss went from {history.epoch_losses[0]:.3g} to "
        f"{history.epoch_losses[-1]:.3g}; the longest gradient was {max(history.gradient_norms):.3g}, the last "
        f"{history.gradient_norms[-1]:.3g}; the learning rate is {history.learning_rates[-1]:.3g}."
    )


def _curve(axes: Axes, values: list[float], what: str, by: str) -> None:
    axes.plot(values, color=BLUE, linewidth=1)
    # Losses and norms fall by powers of ten, and on a linear scale all but the first would look like 0.
    if min(values) > 0 and math.log10(max(values) / min(values)) > 1:
        set_log_scale(axes)
    axes.set_title(what)
    axes.set_xlabel(by)
    axes.spines[["top", "right"]].set_visible(False)


def set_log_scale(axes: Axes) -> None:
    """Give the vertical axis a logarithmic scale with plain numbers: 0.5, not 5 × 10⁻¹."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high / low < 4:  # hardly a number would stand on the axis
        axes.set_yscale("linear")
        return
    if high / low < 1000:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
