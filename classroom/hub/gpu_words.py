"""What a learner reads about shares of a GPU: the choice when a server starts, and the place in line."""

from __future__ import annotations

from classroom.hub.gpu_line import Line
from datakit.gpu_share import share_in_words

FORM = """<fieldset>
<legend>Compute</legend>
<p><label><input type="radio" name="compute" value="cpu" checked> CPU only: starts at once</label></p>
<p><label><input type="radio" name="compute" value="gpu"> A GPU share ({share} of a GPU): {now}</label></p>
</fieldset>"""


def form(line: Line, share: float) -> str:
    """The choice, with how long the line is now."""
    free, waiting = len(line.free), len(line.waiting)
    now = f"all {len(line.shares)} are in use, {waiting} waiting" if free <= waiting else f"{free} free"
    return FORM.format(share=share_in_words(share), now=now)


def place_in_words(place: int, shares: int) -> str:
    """Say somebody's place, and what they can do.

    Args:
        place: 1 for who is next.
        shares: how many there are in all.
    """
    taken = f"all {shares} are in use" if shares > 1 else "the only one is in use"
    return (
        f"You are {ordinal(place)} in line for a GPU share; {taken}. This page goes on by itself when yours is there. "
        "To give up your place, stop the server, here or on the hub's Home page; then you can start it with CPU only."
    )


def too_long(seconds: float) -> str:
    """Say that nobody gave a share back."""
    return (
        f"No GPU share came free for you in {seconds / 3600:.1f} hours. Start the server again for a new place in "
        "line, or choose CPU only."
    )


def ordinal(number: int) -> str:
    """Write a place as it is said.

    Example:
        >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 22)]
        ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
