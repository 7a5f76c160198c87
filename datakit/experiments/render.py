"""Tables, plots and sentences as HTML that reads well in a dark and in a light theme.

Colours are inherited from the page, and lines are half-transparent grey, so nothing needs to know the theme.
"""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from datakit.experiments.number_format import short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LINE = "1px solid rgba(128, 128, 128, 0.5)"
# A plot keeps its white background in a dark theme: its colours were chosen on white.
CARD = "background: white; border-radius: 6px; padding: 6px; box-sizing: border-box; max-width: 100%; height: auto"
TEXT = "color: inherit; line-height: 1.45; white-space: normal; overflow-wrap: anywhere"
# A wide table must not widen the page: it asks for no width of its own, fills what there is, and scrolls.
SCROLLS = "overflow-x: auto; width: 0; min-width: 100%"


def paragraph(text: str, strong: bool = False) -> str:
    """Write one paragraph; ``text`` is plain, not HTML."""
    weight = "600" if strong else "400"
    return f'<div style="{TEXT}; font-weight: {weight}; margin: 2px 0">{escape(text)}</div>'


def heading(text: str, level: int) -> str:
    """Write a heading; screen readers jump from one to the next."""
    size = {3: "1.25em", 4: "1.05em"}[level]
    return (
        f'<div role="heading" aria-level="{level}" '
        f'style="{TEXT}; font-size: {size}; font-weight: 600; margin: 8px 0 2px">{escape(text)}</div>'
    )


def note(text: str) -> str:
    """Write a paragraph that screen readers announce when it appears; an empty text gives an empty one."""
    return f'<div role="status" aria-live="polite" style="{TEXT}; margin: 2px 0">{escape(text)}</div>'


def problem(text: str) -> str:
    """Write what went wrong, marked by a word and a bar, so that colour is not the only signal."""
    return (
        f'<div role="alert" style="{TEXT}; border-left: 4px solid #D55E00; padding: 4px 10px; margin: 4px 0">'
        f"<b>Problem:</b> {escape(text)}</div>"
    )


def table_html(table: pd.DataFrame, name: str) -> str:
    """Write a table, numbers to the right and words to the left; it scrolls by itself where the page is narrow.

    Args:
        table: what to show; its column names are the headings.
        name: what a screen reader calls it.
    """
    head = "".join(f'<th scope="col" style="{_cell(table[column])}">{escape(str(column))}</th>' for column in table)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_cell(table[column])}">{_shown(row[column])}</td>' for column in table) + "</tr>"
        for row in table.to_dict("records")
    )
    return (
        f'<div style="{SCROLLS}" tabindex="0" role="group" aria-label="{escape(name)}">'
        f'<table style="border-collapse: collapse; {TEXT}; margin: 6px 0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure_html(figure: Figure, alternative_text: str) -> str:
    """Write a figure as an image that carries its own alternative text."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = int(figure.get_figwidth() * 96)
    return f'<img alt="{escape(alternative_text)}" src="data:image/png;base64,{data}" style="width: {width}px; {CARD}">'


def download_html(table: pd.DataFrame, file_name: str) -> str:
    """Write a link that saves the table as CSV, in full precision."""
    data = base64.b64encode(table.to_csv(index=False).encode()).decode("ascii")
    return (
        f'<a download="{escape(file_name)}" href="data:text/csv;base64,{data}" '
        'style="color: inherit; text-decoration: underline">Download table (CSV)</a>'
    )


def _cell(column: pd.Series) -> str:
    side = "left" if column.dtype.kind in "OSU" else "right"
    return (
        f"text-align: {side}; padding: 4px 10px; border-bottom: {LINE}; overflow-wrap: normal; vertical-align: bottom"
    )


def _shown(value: object) -> str:
    return short(value) if isinstance(value, float) else escape(str(value))
