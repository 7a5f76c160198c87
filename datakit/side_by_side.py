"""Several training runs in one picture: their losses, their gradients, and the memory that they took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

from datakit._errors import missing_package
from datakit.live_plot import check_measured, set_log_scale
from datakit.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Source: M. Okabe and K. Ito, "Color Universal Design (CUD)", 2008.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00")
MARKERS = ("o", "s", "^", "D", "v")
KIB = 2**10


def plot_histories(histories: Mapping[str, History]) -> Figure:
    """Draw the mean loss of each epoch, the gradient norm of each batch, and the most that a batch kept.

    All runs share the horizontal axis, epochs, however many batches an epoch of theirs has. Losses and norms stand on
    logarithmic scales, unless they hardly differ; what is 0, infinite or NaN has no place there and is left out. Memory
    is drawn where all runs counted it, with ``fit(..., count_kept=True)``.

    Args:
        histories: a run's name → what was measured, of one epoch at least.

    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
        ValueError: if there is no run, or one has no epoch.

    Example:
        >>> full, mini = History([2.0], [3.0], [0.1], [2.0]), History([1.0, 0.5], [2.0, 1.0], [0.1, 0.1], [0.75])
        >>> [axes.get_title() for axes in plot_histories({"full batch": full, "mini-batch": mini}).axes]
        ['mean loss of an epoch', 'gradient norm']
    """
    _check_runs(histories, "plot_histories")
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise missing_package("matplotlib", "plot_histories()") from error
    counted = all(history.kept_bytes for history in histories.values())
    panels = 3 if counted else 2
    figure = Figure(figsize=(3.6 * panels, 3.2), layout="constrained")
    loss, norm, *memory = figure.subplots(1, panels)
    for (name, history), colour, marker in zip(histories.items(), cycle(COLOURS), cycle(MARKERS), strict=False):
        epochs = len(history.epoch_losses)
        loss.plot(range(1, epochs + 1), history.epoch_losses, color=colour, marker=marker, markersize=4, label=name)
        share = epochs / len(history.gradient_norms)
        places = [share * (batch + 1) for batch in range(len(history.gradient_norms))]
        # A run of few batches lies over one of many, which would hide it.
        norm.plot(places, history.gradient_norms, color=colour, linewidth=1, zorder=2 + share / epochs)
    _finish(loss, "mean loss of an epoch", [mean for history in histories.values() for mean in history.epoch_losses])
    _finish(norm, "gradient norm", [value for history in histories.values() for value in history.gradient_norms])
    for axes in memory:
        most = [max(history.kept_bytes) / KIB for history in histories.values()]
        bars = axes.barh(list(histories), most, color=[colour for colour, _ in zip(cycle(COLOURS), most, strict=False)])
        axes.bar_label(bars, [f"{kib:,.1f}" for kib in most], padding=3)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.25 * max(most))
        axes.set_title("kept for the backward pass")
        axes.set_xlabel("KiB, the most of any batch")
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*loss.get_legend_handles_labels(), loc="outside upper center", ncols=len(histories), frameon=False)
    return figure


def histories_in_words(histories: Mapping[str, History]) -> str:
    """Say what :func:`plot_histories` shows, for those who can't see it.

    Raises:
        ValueError: if there is no run, or one has no epoch.

    Example:
        >>> histories_in_words({"full batch": History([2.0], [3.0], [0.1], [2.0])})
        '1 training runs. full batch: mean loss from 2 to 2 in 1 epochs, last gradient norm 3.'
    """
    _check_runs(histories, "histories_in_words")
    parts = []
    for name, history in histories.items():
        kept = f", and at most {max(history.kept_bytes) / KIB:,.1f} KiB kept" if history.kept_bytes else ""
        parts.append(
            f"{name}: mean loss from {history.epoch_losses[0]:.3g} to {history.epoch_losses[-1]:.3g} in "
            f"{len(history.epoch_losses)} epochs, last gradient norm {history.gradient_norms[-1]:.3g}{kept}"
        )
    return f"{len(histories)} training runs. {'. '.join(parts)}."


def _check_runs(histories: Mapping[str, History], owner: str) -> None:
    if not histories:
        raise ValueError(f"{owner}: no run arrived. Pass at least one, {{'name': fit(...)}}.")
    for name, history in histories.items():
        check_measured(history, f"{owner}: {name!r}")


def _finish(axes: Axes, what: str, values: list[float]) -> None:
    from matplotlib.ticker import MaxNLocator

    if any(math.isfinite(value) and value > 0 for value in values):
        set_log_scale(axes)
    axes.set_title(what)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
