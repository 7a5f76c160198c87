"""A histogram as SVG: shapes and text, no script, no style attribute."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

BINS = 10
WIDTH, HEIGHT, FOOT = 600, 160, 40  # units of the drawing; the foot holds the axis


def histogram(scores: Sequence[float], possible: float) -> Markup:
    """How many learners got how many points, in ten steps.

    Args:
        scores: each learner's points.
        possible: the points that can be had.
    """
    counts = [0] * BINS
    for score in scores:
        share = score / possible if possible else 0.0
        counts[min(BINS - 1, max(0, int(share * BINS)))] += 1
    most, step = max([*counts, 1]), WIDTH / BINS
    bars = [_bar(index * step, step, count, most) for index, count in enumerate(counts)]
    axis = [
        Markup('<text x="{}" y="{}" text-anchor="{}" font-size="13" fill="#5a6675">{:g}</text>').format(
            round(index * step), HEIGHT + 20, anchor, possible * index / BINS
        )
        for index, anchor in ((0, "start"), (BINS // 2, "middle"), (BINS, "end"))
    ]
    told = Markup("{}").format(", ".join(map(str, counts)))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -20 {} {}" width="{}" height="{}" role="img">'
        "<title>Learners by points, in ten steps from 0 to {:g}: {}</title>{}{}</svg>"
    ).format(
        WIDTH, HEIGHT + FOOT + 5, WIDTH, HEIGHT + FOOT + 5, possible, told, Markup().join(bars), Markup().join(axis)
    )


def _bar(x: float, width: float, count: int, most: int) -> Markup:
    height = count / most * HEIGHT
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="#0072b2"/>'
        '<text x="{}" y="{}" text-anchor="middle" font-size="13" fill="#1d2530">{}</text>'
    ).format(
        round(x + 3), round(HEIGHT - height, 1), round(width - 6), round(height, 1),
        round(x + width / 2), round(HEIGHT - height - 5, 1), count or "",
    )  # fmt: skip
