"""The picture at the top of each lab: the way of a batch, and where on it this lab stands."""

from __future__ import annotations

from html import escape

STAGES = ("storage", "sample", "batch", "device", "step")
DRAWINGS = {  # each on a field of 48 × 48
    "storage": '<path d="M8 13c0-9 32-9 32 0v22c0 9-32 9-32 0zM8 13c0 9 32 9 32 0M8 24c0 9 32 9 32 0"/>',
    "sample": '<rect x="7" y="10" width="34" height="28" rx="3"/><circle cx="17" cy="19" r="3.5"/>'
    '<path d="M7 34l11-9 7 6 8-9 8 8"/>',
    "batch": '<path d="M15 15V9h26v22h-6"/><path d="M11 20v-5h24v21h-5"/>'
    '<rect x="7" y="20" width="23" height="20" rx="2"/>',
    "device": '<rect x="12" y="12" width="24" height="24" rx="3"/><rect x="19" y="19" width="10" height="10" rx="1"/>'
    '<path d="M18 12V6M24 12V6M30 12V6M18 42v-6M24 42v-6M30 42v-6"/>'
    '<path d="M12 18H6M12 24H6M12 30H6M42 18h-6M42 24h-6M42 30h-6"/>',
    "step": '<path d="M8 8v32h32"/><path d="M13 13c3 17 10 21 25 22"/><circle cx="22" cy="30" r="3.5"/>',
}
GAP, TOP = 144, 30
STYLE = """\
.field { fill: #fff }
.station { fill: #fff; stroke: #8a94a3; stroke-width: 1.5 }
.here .station { fill: #0072b2; stroke: #0072b2 }
.drawing { fill: none; stroke: #4a5564; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
.here .drawing { stroke: #fff }
.way { fill: none; stroke: #8a94a3; stroke-width: 2; stroke-linecap: round }
text { font: 15px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #4a5564; text-anchor: middle }
.here text { font-weight: 700; fill: #00507d }
.mark { fill: #0072b2 }"""


def way_svg(stage: str, title: str) -> str:
    """Draw the way of a batch with one stage marked.

    The marked station differs in brightness, weight and by a pointer, not in colour alone.

    Args:
        stage: one of ``STAGES``.
        title: the lab's title, for those who hear the picture.
    """
    stations = "\n".join(_station(i, name, here=name == stage) for i, name in enumerate(STAGES))
    links = "\n".join(_link(i) for i in range(len(STAGES) - 1))
    width, height = GAP * len(STAGES), TOP + 118
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">
<title id="title">The way of a batch</title>
<desc id="desc">{" → ".join(STAGES)}. The lab “{escape(title)}” stands here: {stage}.</desc>
<style>
{STYLE}
</style>
<rect class="field" width="{width}" height="{height}" rx="10"/>
{links}
{stations}
</svg>
"""


def _station(index: int, name: str, *, here: bool) -> str:
    x = GAP * index + GAP // 2
    mark = f'<path class="mark" d="M{x - 7} {TOP - 18}h14l-7 10z"/>' if here else ""
    group = '<g class="here">' if here else "<g>"
    return (
        f"{group}{mark}"
        f'<rect class="station" x="{x - 36}" y="{TOP}" width="72" height="72" rx="14"/>'
        f'<g class="drawing" transform="translate({x - 24} {TOP + 12})">{DRAWINGS[name]}</g>'
        f'<text x="{x}" y="{TOP + 97}">{name}</text></g>'
    )


def _link(index: int) -> str:
    start, end, y = GAP * index + GAP // 2 + 46, GAP * (index + 1) + GAP // 2 - 46, TOP + 36
    return f'<path class="way" d="M{start} {y}H{end}m-8 -6l8 6l-8 6"/>'
