"""Which scale each of many explanations is drawn in: its own, or one that it shares with those in the same units."""

from __future__ import annotations

import weakref
from typing import Any

from ..comparisons.result import Compared, Place
from ..errors import SettingError, did_you_mean
from ..explanation import ColourMap, Heatmap
from ..render import Scale
from ..render.picture import scaled
from ..style import Style

SCALES = ("own", "shared")
RULES = {
    "own": "Each map has a scale of its own: the same colour is another number in each.",
    "row": "One scale a row: methods count in different units, so colours compare within a row only.",
    "column": "One scale a column: methods count in different units, so colours compare within a column only.",
    "all": "One scale for all: the same colour is the same number everywhere.",
}
_highs: weakref.WeakKeyDictionary[Any, dict[Any, float]] = weakref.WeakKeyDictionary()


def checked_scale(scale: str) -> str:
    """Return the name of a way to scale cells, or raise `SettingError`."""
    if scale not in SCALES:
        raise SettingError(f"scale must be 'own' or 'shared'; got {scale!r}.{did_you_mean(scale, SCALES)}")
    return scale


def rule(compared: Compared, scale: str) -> str:
    """Return, in a sentence, what may be compared by its colour."""
    return RULES["own" if scale == "own" else compared.sharing]


def cell_styles(compared: Compared, style: Style, scale: str) -> dict[Place, Style]:
    """Return how each cell is drawn: as the style says, with the end of its own scale or of the one it shares."""
    if style.mode == "side by side":  # a cell has room for one picture
        style = style.replace(mode="overlay")
    most = {place: _high(cell, style) for place, cell in compared.cells.items()}
    if scale == "shared":
        shared = {place: [p for p in compared.companions(place) if p in most] for place in most}
        most = {place: max(most[other] for other in places) for place, places in shared.items()}
    return {place: style.replace(limit=high) if high else style for place, high in most.items()}


def scale_at(compared: Compared, place: Place, style: Style) -> Scale:
    """Return the scale that a cell is drawn in."""
    return scaled(compared.cells[place], style)[1]


def ends(scale: Scale) -> str:
    """Return both ends of a scale, e.g. ``0 … 3.2``; a map of zeros is called flat."""
    low, high = scale.low_text, scale.high_text
    return f"{low} … {high}" if low != high else f"flat, all {low}"


def _high(cell: Heatmap | ColourMap, style: Style) -> float:
    """Return the end of a map's own scale, worked out once: quantiles take longer than the picture."""
    known = _highs.setdefault(cell, {})
    key = style.clip, style.soften, style.limit
    if key not in known:
        known[key] = scaled(cell, style)[1].high
    return known[key]
