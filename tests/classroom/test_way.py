from __future__ import annotations

from xml.etree import ElementTree

import pytest

from classroom.way import STAGES, way_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("stage", STAGES)
def test_exactly_the_labs_stage_is_marked(stage: str) -> None:
    picture = ElementTree.fromstring(way_svg(stage, "Datasets & <more>"))
    marked = [group for group in picture.iter(f"{SVG}g") if group.get("class") == "here"]
    assert [text.text for group in marked for text in group.iter(f"{SVG}text")] == [stage]
    assert [text.text for text in picture.iter(f"{SVG}text")] == list(STAGES)


def test_it_is_told_in_words() -> None:
    picture = ElementTree.fromstring(way_svg("device", "Datasets & <more>"))
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}title") == "The way of a batch"
    assert picture.findtext(f"{SVG}desc") == (
        "storage → sample → batch → device → step. The lab “Datasets & <more>” stands here: device."
    )


def test_colours_differ_in_brightness() -> None:
    # Relative luminance as in WCAG 2: text and drawing against their ground, at least 4.5 to 1.
    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    svg = way_svg("batch", "x")
    for dark, light in (("4a5564", "ffffff"), ("00507d", "ffffff"), ("0072b2", "ffffff")):
        assert f"#{dark}" in svg
        assert (luminance(light) + 0.05) / (luminance(dark) + 0.05) >= 4.5
