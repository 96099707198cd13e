"""Two or three pictures side by side, each with its map, and the places that answer each other in frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..embeddings.decomposition import Match, Place
from ..resampling import Extent
from ..style import Style
from .blend import beside
from .picture import picture, scaled

if TYPE_CHECKING:
    from ..embeddings.result import Likeness

FRAME = (255, 255, 255)
FAINTEST = 0.25


def pair_picture(
    likeness: Likeness, style: Style | None = None, *, size: int | None = None, place: Place | None = None
) -> np.ndarray:
    """Draw A, B and the foil if there is one, each with its map.

    Parameters
    ----------
    likeness : Likeness
        What was found.
    style : Style, optional
        Colours and blending.
    size : int, optional
        Longer side of each picture in pixels; if None that of the image, at least 224.
    place : tuple of int, optional
        (row, column) of a cell of A: it gets a frame, and so do the cells of B that are most like it, the best match
        the brightest.

    Returns
    -------
    numpy.ndarray
        uint8 (H, W, 3).

    Raises
    ------
    SettingError
        If there is no such size or place.
    LayerError
        If a place is named and the code has no exact decomposition.
    """
    style = style or Style()
    if style.mode == "side by side":
        style = style.replace(mode="overlay")
    drawn = [
        picture(one, own, size=size) for one, own in zip(likeness.maps, styles(likeness, style), strict=True)
    ]
    if place is not None:
        matches = likeness.matches(place)
        parts = likeness.parts
        assert parts is not None
        on_a, on_b, *_ = likeness.maps
        drawn[0] = framed(drawn[0], parts.shape_a, [(place, 1.0)], on_a.extent)
        drawn[1] = framed(drawn[1], parts.shape_b, brightness(matches), on_b.extent)
    made = drawn[0]
    for one in drawn[1:]:
        made = beside(made, one)
    return made


def styles(likeness: Likeness, style: Style) -> list[Style]:
    """Return how each map is drawn: those of likeness share one scale, that of a contrast has its own."""
    highs = [scaled(one, style)[1].high for one in likeness.maps]
    own = [highs[0], *[max(highs[1:])] * (len(highs) - 1)] if likeness.on_foil else [max(highs)] * len(highs)
    return [style.replace(limit=high) if high else style for high in own]


def brightness(matches: Sequence[Match]) -> list[tuple[Place, float]]:
    """Return the places of matches with how bright their frames are, 0.25 to 1: likeness as a share of the best."""
    best = max((one.likeness for one in matches), default=0.0)
    return [(one.place, max(FAINTEST, one.likeness / best) if best > 0 else FAINTEST) for one in matches]


def framed(
    drawn: np.ndarray,
    cells: tuple[int, int],
    places: Sequence[tuple[Place, float]],
    extent: Extent | None = None,
) -> np.ndarray:
    """Draw frames around cells of a layer, each as bright as it says, 0 to 1; the brightest lie on top.

    `extent` is where the layer's map lies on the picture, (top, left, height, width) in shares; all of it if None.
    """
    top, left, share_down, share_across = extent or (0.0, 0.0, 1.0, 1.0)
    height, width = drawn.shape[:2]
    step_down, step_across = share_down * height / cells[0], share_across * width / cells[1]
    made = PIL.Image.fromarray(drawn).convert("RGBA")
    line = max(2, round(max(drawn.shape) / 160))
    for (row, column), bright in sorted(places, key=lambda one: one[1]):
        layer = PIL.Image.new("RGBA", made.size, (0, 0, 0, 0))
        pen = PIL.ImageDraw.Draw(layer)
        box = (
            round(left * width + column * step_across),
            round(top * height + row * step_down),
            round(left * width + (column + 1) * step_across) - 1,
            round(top * height + (row + 1) * step_down) - 1,
        )
        pen.rectangle(box, outline=(*FRAME, round(255 * bright)), width=line)
        made = PIL.Image.alpha_composite(made, layer)
    return np.array(made.convert("RGB"))
