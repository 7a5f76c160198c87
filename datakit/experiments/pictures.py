"""Show a figure in a notebook together with words for those who can't see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datakit._errors import missing_package
from datakit.experiments.render import figure_html

if TYPE_CHECKING:
    from IPython.display import HTML
    from matplotlib.figure import Figure


def show(figure: Figure, alternative_text: str) -> HTML:
    """Return the figure as an image with alternative text; as a cell's last expression, it is displayed.

    A notebook's own way of showing a figure knows no alternative text, and a screen reader then says "image".

    Args:
        figure: a matplotlib figure.
        alternative_text: what the figure shows, in a sentence or two.

    Raises:
        ValueError: if the alternative text is empty.
        ModuleNotFoundError: if IPython is not installed.
    """
    if not alternative_text.strip():
        raise ValueError("show: the alternative text is empty. Say what the figure shows, for those who can't see it.")
    try:
        from IPython.display import HTML
    except ModuleNotFoundError as error:
        raise missing_package("IPython", "show()") from error
    return HTML(figure_html(figure, alternative_text))
