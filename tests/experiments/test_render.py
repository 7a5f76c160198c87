from __future__ import annotations

import base64
import io
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datakit.experiments import render
from datakit.experiments.figures import COLOURS, grouped_bars, new_figure
from datakit.experiments.number_format import short

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class Text(HTMLParser):
    """Collects what a reader sees, and every tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
def test_text_is_text_and_never_html(text: str) -> None:
    for html in (render.paragraph(text), render.note(text)):
        assert Text(html).text == text
        assert Text(html).tags == ["div"]
    assert Text(render.problem(text)).text == f"Problem: {text}"


@given(TEXTS)
def test_cells_and_headings_are_text(text: str) -> None:
    seen = Text(render.table_html(pd.DataFrame({text: [text]}), text))
    assert seen.text == text * 2
    assert seen.attributes["aria-label"] == text
    assert set(seen.tags) == {"div", "table", "thead", "tbody", "tr", "th", "td"}


def test_numbers_are_short_and_to_the_right() -> None:
    html = render.table_html(
        pd.DataFrame({"name": ["a"], "s": [0.0123456], "big": [12345.678], "mid": [123.4], "n": [7]}), "Name"
    )
    for shown in (">0.0123<", ">12,346<", ">123<", ">7<"):
        assert shown in html
    assert re.search(r'<td style="text-align: left[^>]*>a<', html)
    assert len(re.findall(r'<td style="text-align: right', html)) == 4


@given(st.floats(-1e9, 1e9))
def test_a_short_number_is_near_and_plain(value: float) -> None:
    shown = short(value)
    assert "e" not in shown
    assert math.isclose(float(shown.replace(",", "")), value, rel_tol=0.05, abs_tol=1e-300)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (2.99e-5, "0.00003"), (0.0654321, "0.0654"), (12.345, "12.3"), (12345.6, "12,346")]
)
def test_short_numbers(value: float, shown: str) -> None:
    assert short(value) == shown


def test_headings_have_a_level() -> None:
    assert Text(render.heading("1 < 2", 4)).text == "1 < 2"
    assert Text(render.heading("1 < 2", 4)).attributes["aria-level"] == "4"


def test_the_download_is_the_whole_table() -> None:
    table = pd.DataFrame({"Dataset": ["eager, or not", "lazy"], "seconds": [1 / 3, 2e-9]})
    attributes = Text(render.download_html(table, "eager-lazy.csv")).attributes
    assert attributes["download"] == "eager-lazy.csv"
    kind, data = str(attributes["href"]).split(",")
    assert kind == "data:text/csv;base64"
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(base64.b64decode(data))), table)


def test_the_plot_is_an_image_with_its_text() -> None:
    figure = new_figure(5, 2)
    grouped_bars(figure.subplots(), ["one", "two"], {"a": [0.0, 0.0], "b": [0.0, 0.0]}, "seconds")
    attributes = Text(render.figure_html(figure, 'Says "1 < 2" & more')).attributes
    assert attributes["alt"] == 'Says "1 < 2" & more'
    with Image.open(io.BytesIO(base64.b64decode(str(attributes["src"]).partition(",")[2]))) as image:
        assert image.size == (720, 288)


def test_bars_are_as_long_as_their_values_and_carry_them() -> None:
    axes = new_figure().subplots()
    grouped_bars(axes, ["one", "two"], {"a": [1.0, 2.0], "b": [3.0, 0.5]}, "seconds")
    assert [bar.get_width() for bar in axes.patches] == [1.0, 2.0, 3.0, 0.5]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "0.5"]
    assert axes.get_xlabel() == "seconds"
    assert axes.get_legend_handles_labels()[1] == ["a", "b"]
    # Pattern as well as colour tells the series apart.
    assert axes.patches[0].get_hatch() != axes.patches[2].get_hatch()
    # The first group is on top.
    assert axes.yaxis_inverted()
    assert len(set(COLOURS)) == len(COLOURS)
