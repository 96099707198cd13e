"""The sentences of a comparison: what stands in the table, what is being computed, what a cell shows."""

from __future__ import annotations

import html

from ...comparisons.result import Compared, Place
from ...style import Style
from ..core.status import plain
from ..core.text import duration, shown_sentence


def whole(compared: Compared) -> str:
    """Return what there is once all is computed."""
    count, refused = len(compared.places), len(compared.refused)
    made = f"{count - refused} map{'s' * (count - refused != 1)}"
    if refused:
        return f"{made}; {refused} could not be made, and {'its cell says' if refused == 1 else 'their cells say'} why."
    return f"{made}. Click one to see it large."


def computing() -> str:
    """Return, as HTML, what is going on."""
    return "<b>Computing.</b> The quick ones come first; click one to see it large."


def so_far(finished: int, count: int, seconds_left: float | None) -> str:
    """Return how far it is, e.g. ``12 of 32 · 8 s left``."""
    left = f" · {duration(seconds_left)} left" if seconds_left is not None and seconds_left >= 1 else ""
    return f"{finished} of {count}{left}"


def stopped(finished: int, count: int) -> str:
    """Return, as HTML, what there is after Cancel."""
    return f"<b>Stopped.</b> {finished} of {count} maps are whole."


def stopped_at(sentence: str, done: float) -> str:
    """Return, as HTML, what a cell shows after Cancel, and how much of it there is if it is not whole."""
    return sentence if done >= 1 else f"{sentence} <b>Stopped</b> at {done:.0%}."


def cell_name(compared: Compared, place: Place, style: Style, flat: str) -> str:
    """Return what a cell shows, for those who cannot see it: ``Grad-CAM, chelsea: Warm places speak for ...``."""
    at, made = compared.at(place), compared.cells.get(place)
    if made is None:
        return f"{at}: not computed yet"
    partly = "" if made.done >= 1 else f" Not whole yet: {made.done:.0%}."
    return f"{at}: {plain(shown_sentence(made, style, flat))}{partly}"


def named(compared: Compared, place: Place) -> str:
    """Return the line above the large picture, as HTML."""
    verdict = compared.verdicts.get(compared.picture_at(place), "")
    said = f" <small>{html.escape(compared.model)} says {html.escape(verdict)}</small>" if verdict else ""
    return f'<div class="cv-named"><b>{html.escape(compared.at(place))}</b>{said}</div>'


def titled(compared: Compared) -> str:
    """Return what is compared, for above the table, as HTML."""
    model = f"<small>{html.escape(compared.model)}</small>" if compared.model else ""
    return f'<div class="cv-titled">{html.escape(compared.title)}{model}</div>'
