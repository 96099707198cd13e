"""The sentence under a wall of feature maps."""

from __future__ import annotations

import html

import numpy as np

from ...explanation import ActivationMaps
from .wall import MOST


def shown_maps(maps: ActivationMaps, page: int) -> str:
    """Return, as HTML, which of a layer's maps are on the screen; that all are flat, if they are."""
    rows, columns, count = maps.values.shape
    opening = "<b>What the layer sees</b>: "
    if rows * columns == 1:
        return f"{opening}{count} {'maps' if count > 1 else 'map'} of one cell each."
    if silent(maps) == count:
        return (
            f"<b>Flat</b>: {'its one map is' if count == 1 else f'all {count} maps are'} the same everywhere."
        )
    if count == 1:
        return f"{opening}its one map."
    on_page = len(range(page * MOST, min((page + 1) * MOST, count)))
    order = "liveliest first" if getattr(maps.recipe, "order", "") == "activity" else "by number"
    return f"{opening}{f'{on_page} of {count} maps' if count > MOST else f'its {count} maps'}, {order}."


def on_its_way(layer: str) -> str:
    """Return what is asked for, for the sentence that says that it is not there yet."""
    return f"Layer {layer}" if layer else "The first layer"


def pages(maps: ActivationMaps, page: int) -> str:
    """Return which maps of how many are on a page, e.g. ``1–24 of 96``."""
    count = maps.values.shape[2]
    return f"{page * MOST + 1}–{min((page + 1) * MOST, count)} of {count}"


def remarks(maps: ActivationMaps) -> tuple[str, ...]:
    """Return what to mind of the numbers: channels that hold some that are none."""
    broken = int((~np.isfinite(maps.values)).any(axis=(0, 1)).sum())
    if not broken:
        return ()
    hold = "1 channel holds" if broken == 1 else f"{broken} channels hold"
    return (f"{hold} values that are not numbers; they are drawn as 0.",)


def silent(maps: ActivationMaps) -> int:
    """Return how many channels are the same everywhere."""
    return int((maps.values.max(axis=(0, 1)) == maps.values.min(axis=(0, 1))).sum())


def heading_of_explorer(maps: ActivationMaps, channel: int) -> str:
    """Return, as HTML, what an Explorer below explains, and that the channel is silent, if it is."""
    named, values = f"<b>Channel {channel}</b> of {html.escape(maps.layer)}", maps.values[..., channel]
    if not values.any():
        return f"{named} is silent in this picture: it answers 0 everywhere. Another picture may wake it."
    return f"{named}, explained."
