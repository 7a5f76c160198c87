"""Pictures carry words for those who can't see them."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from datakit.experiments.pictures import show


@pytest.mark.parametrize("text", ["", "  "])
def test_a_picture_needs_words(text: str) -> None:
    with pytest.raises(ValueError, match="Say what the figure shows, for those who can't see it"):
        show(Figure(), text)


def test_the_words_are_the_images_alternative_text() -> None:
    page = show(Figure(figsize=(1, 1)), 'a "square" of 1 < 2')._repr_html_()
    assert page.startswith("<img ")
    assert 'alt="a &quot;square&quot; of 1 &lt; 2"' in page
