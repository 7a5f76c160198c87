"""Plots that every experiment draws in the same way: safe for colour-blind readers, labelled, readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from datakit._errors import missing_package
from datakit.experiments.number_format import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Source: M. Okabe and K. Ito, "Color Universal Design (CUD)", 2008.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
# Patterns say the same as colours do, for print and for those who see no colour.
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")


def new_figure(width: float = 7.5, height: float = 3.2) -> Figure:
    """Make an empty figure; ``width`` and ``height`` are in inches (96 pixels on the page).

    It is no pyplot figure: it belongs to nobody else, so it can be drawn in a background thread and is freed with its
    last reference.

    Raises:
        ModuleNotFoundError: if matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise missing_package("matplotlib", "A plot") from error
    return Figure(figsize=(width, height), layout="constrained")


def grouped_bars(axes: Axes, groups: Sequence[str], series: Mapping[str, Sequence[float]], unit: str) -> None:
    """Draw horizontal bars, one for each series in each group, with the value written at the bar's end.

    Args:
        axes: where to draw.
        groups: what stands on the vertical axis, from top to bottom.
        series: name → one value for each group.
        unit: the label of the horizontal axis.
    """
    thickness = 0.8 / len(series)
    for k, (name, values) in enumerate(series.items()):
        places = [g + (k - (len(series) - 1) / 2) * thickness for g in range(len(groups))]
        bars = axes.barh(
            places, values, thickness, label=name, color=COLOURS[k], hatch=HATCHES[k], edgecolor="white", linewidth=0
        )
        axes.bar_label(bars, [short(value) for value in values], padding=3, fontsize=10)
    axes.set_yticks(range(len(groups)), groups, fontsize=11)
    axes.invert_yaxis()
    # Room for the numbers at the bars' ends; an axis needs some length even where every value is zero.
    axes.set_xlim(0, max(1.25 * max(max(values) for values in series.values()), 1e-9))
    axes.set_xlabel(unit, fontsize=11)
    axes.tick_params(axis="x", labelsize=10)
    axes.spines[["top", "right"]].set_visible(False)
