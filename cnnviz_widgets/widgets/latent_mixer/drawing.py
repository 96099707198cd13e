"""What is drawn of a mixture: the decoded picture large, the pixels mixed, and what changed or where the code looks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...explanation import Heatmap
from ...images.image import Image
from ...objectives import LayerEnergy, Unit
from ...probe import Probe
from ...render import picture
from ...render.blend import ground
from ...render.panels import bare
from ...render.picture import fitting
from ...style import Style
from ..canvas import Scene
from .mixture import Cell, Mixed

SMOOTH = 1.5  # per cent of the side that slopes are softened by, which are grainy


def enlarged(image: Image, side: int) -> np.ndarray:
    """Return a picture whose longer side is `side`, uint8 (h, w, 3)."""
    return ground(image, fitting(image.size, side)).photo


def change(mixed: Mixed) -> Heatmap:
    """Return how much brighter the decoded picture is than without the changes, or than the first picture's own."""
    values = (mixed.output - mixed.before).mean(axis=2, dtype=np.float32)
    return Heatmap(mixed.picture, mixed.recipe, model=mixed.model, values=values, signed=True)


def focus(probe: Probe, mixed: Mixed, channel: int | None, cell: Cell | None) -> Heatmap:
    """Return which pixels of the decoded picture move the energy of the code, or a channel or a cell of it."""
    layer = mixed.recipe.layer
    target = LayerEnergy(layer) if channel is None else Unit(layer, channel, cell)
    slope = probe.gradient(mixed.picture, target).slope
    about: dict[str, Any] = {"recipe": target, "model": mixed.model, "unit": "slope"}
    return Heatmap(mixed.picture, **about, values=np.abs(slope).max(axis=2))


def scene(mixed: Mixed, small: Heatmap | None, tag: str, style: Style, hero: int, tile: int) -> Scene:
    """Return what the canvas shows; the small map is a placeholder until there is one."""
    large, pixels = enlarged(mixed.picture, hero), enlarged(mixed.pixels, tile)
    first = "the pixels mixed" if _is_mixed(mixed) else "the picture"
    if small is None:
        return Scene(large, pixels, np.zeros_like(pixels), tags=(first, tag))
    drawn, scale = small_map(small, style, tile)
    return Scene(
        large,
        pixels,
        drawn,
        scale.colours,
        scale.low_text,
        scale.high_text,
        small.unit,
        (first, tag),
        scale.zero,
    )


def small_map(small: Heatmap, style: Style, side: int) -> tuple[np.ndarray, Any]:
    """Draw a change cell by cell, slopes on the picture; return the scale too."""
    if small.signed:
        # a rounded end, so that the colours do not waver while a slider moves
        end = style.limit or rounded_up(float(np.abs(small.values).max(initial=0)))
        drawn, scale, _ = bare(small, style.replace(limit=end or None), side)
        return drawn, scale
    soft = style.replace(soften=max(style.soften, SMOOTH))
    return picture(small, soft, size=side), bare(small, soft, 8)[1]


def rounded_up(value: float) -> float:
    """Return the next number of one figure, e.g. 0.4 for 0.37; 0 for 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{np.ceil(round(value / power, 6)) * power:.3g}")


def _is_mixed(mixed: Mixed) -> bool:
    return sum(weight != 0 for _, weight in mixed.recipe.parts) > 1
