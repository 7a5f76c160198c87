"""Learners' outputs and texts made harmless, for people who look at them in a browser.

Nothing is passed on as it came: outputs are built anew from the kinds that are known, and HTML goes through nh3
(ammonia), which keeps a list of what is allowed. Scripts, styles, forms, frames, SVG, TeX macros and MIME types that a
browser or JupyterLab would act upon stay behind.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any

import mistune
import nbformat
import nh3
from nbformat import NotebookNode

TAGS = nh3.ALLOWED_TAGS - {"map", "area", "article", "aside", "footer", "header", "nav"}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"alt", "title", "src", "width", "height"},
    "ol": {"start"},
    **{cell: {"align", "colspan", "rowspan", "scope"} for cell in ("td", "th")},
    "col": {"span"},
    "colgroup": {"span"},
}
LINKS = {"http", "https", "mailto", "data"}
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
# MathJax, which nbgrader's pages load, turns these into links, styles and elements.
MACROS = re.compile(r"\\(href|require|style|class|cssId|data|unicode|bbox|toggle|mathtip|texttip)\b", re.IGNORECASE)
IMAGES = ("image/png", "image/jpeg", "image/gif")
MOST_TEXT = 100_000  # characters of one output
_markdown = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "math"])


def clean_html(text: str) -> str:
    """HTML without anything that runs, loads, submits, or covers the page."""
    return nh3.clean(
        MACROS.sub(r"\1", text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=LINKS,
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":  # a picture from elsewhere would tell who looked at it, and when
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return None if value.strip().lower().startswith("data:") else value
    return value


def clean_markdown(text: str) -> str:
    """Markdown as one block of harmless HTML, which a Markdown renderer passes on as it is."""
    html = clean_html(str(_markdown(text)))
    # A blank line would end the block, and what follows it would be Markdown again.
    return "<div>" + re.sub(r"\n[ \t]*(?=\n)", "\n&#8203;", html).strip() + "</div>"


def clean_outputs(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """A cell's outputs, built anew from what is known."""
    return [clean for output in outputs if (clean := _output(output)) is not None]


def _output(output: Any) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=_plain(output.get("text")))
    if kind == "error":
        trace = output.get("traceback")
        lines = [_plain(line) for line in trace] if isinstance(trace, list) else []
        ename, evalue = _plain(output.get("ename")), _plain(output.get("evalue"))
        return nbformat.v4.new_output("error", ename=ename, evalue=evalue, traceback=lines)
    if kind in ("display_data", "execute_result"):
        data = _data(output.get("data"))
        return nbformat.v4.new_output("display_data", data=data) if data else None
    return None


def _data(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    clean = {name: picture for name in IMAGES if (picture := _base64(data.get(name)))}
    if "text/html" in data:
        clean["text/html"] = clean_html(_plain(data["text/html"]))
    elif "text/markdown" in data:
        clean["text/html"] = clean_markdown(_plain(data["text/markdown"]))
    if "text/plain" in data:
        clean["text/plain"] = _plain(data["text/plain"])
    return clean


def _base64(value: Any) -> str:
    """A picture's content, if it is nothing but that."""
    text = "".join(_plain(value, 8 << 20).split())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text


def _plain(value: Any, most: int = MOST_TEXT) -> str:
    text = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
    text = text if isinstance(text, str) else ""
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most:,} more characters were cut off"
