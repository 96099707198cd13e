"""The two pictures of a pair, each on a canvas of its own: maps, letters, and frames on the places that answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...embeddings.decomposition import Decomposition, Place
from ...embeddings.result import Likeness
from ...explanation import ColourMap, Heatmap
from ...render import as_text, picture
from ...render.pair import framed, styles
from ...render.text import font
from ...style import Style
from ..canvas import Canvas, Scene
from ..core.explanation_canvas import MOST_RATIO, cell

PLATE = (21, 23, 27, 190)


def lettered(pixels: np.ndarray, letter: str, words: str) -> np.ndarray:
    """Write a letter and a few words into the lower left corner of a picture.

    Parameters
    ----------
    pixels : numpy.ndarray
        uint8 (H, W, 3).
    letter, words : str
        Which of the pictures this is, and what it is called; words that are too long are cut.

    Returns
    -------
    numpy.ndarray
        uint8 (H, W, 3).
    """
    drawing = PIL.Image.fromarray(pixels)
    pen = PIL.ImageDraw.Draw(drawing, "RGBA")
    points = max(11, round(max(pixels.shape[:2]) / 27))
    bold, plain, edge = font(points, True), font(points), points // 2
    first = pen.textlength(letter + "  ", font=bold)
    room = pixels.shape[1] - 3 * edge - points - first
    while words and pen.textlength(words, font=plain) > room:
        words = (
            words.rstrip("\N{HORIZONTAL ELLIPSIS}")[:-1] + "\N{HORIZONTAL ELLIPSIS}" if len(words) > 2 else ""
        )
    wide = first + pen.textlength(words, font=plain) + points - (0 if words else points // 2)
    top = pixels.shape[0] - edge - 1.7 * points
    pen.rectangle((edge, top, edge + wide, top + 1.7 * points), fill=PLATE)
    middle = top + 0.85 * points
    pen.text((edge + points / 2, middle), letter, "white", bold, anchor="lm")
    pen.text((edge + points / 2 + first, middle), words, "white", plain, anchor="lm")
    return np.asarray(drawing)


BRIGHT = (1.0, 0.7, 0.5, 0.35)  # of the frames round the places that answer, best first
LETTERS = ("A", "B")
HINT = "click a place"
OTHERWISE = {"side by side": "overlay"}


class PairView:
    """Draws a pair, and reads the mouse on it.

    Parameters
    ----------
    views : tuple of Canvas
        The canvases of A and of B.
    hover : callable
        Called with a text for what is under the mouse, or None.
    pick : callable
        Called with 0 for A or 1 for B, and the cell that was clicked.

    Attributes
    ----------
    used : bool
        Whether the reader has clicked a place already.
    """

    def __init__(
        self,
        views: tuple[Canvas, Canvas],
        hover: Callable[[str | None], None],
        pick: Callable[[int, Place], None],
    ) -> None:
        self._views, self._hover, self._pick = views, hover, pick
        self._shown: tuple[Likeness, list[Heatmap | ColourMap]] | None = None
        self.used = False
        for which, view in enumerate(views):
            view.on_hover = partial(self._hovered, which)
            view.on_click = partial(self._clicked, which)

    def show(self, found: Likeness, style: Style, place: Place | None, turned: bool) -> None:
        """Draw A and B, and the likes of a place of A, or of B if `turned`."""
        style = style.replace(mode=OTHERWISE.get(style.mode, style.mode))
        maps: list[Heatmap | ColourMap] = [found.on_a, found.on_b]
        looks = looks_of(found, style)
        frames: list[list[tuple[Place, float]]] = [[], []]
        parts = found.parts
        if place is not None and parts is not None:
            own, other = (1, 0) if turned else (0, 1)
            taken = parts.turned() if turned else parts
            frames[own] = [(place, 1.0)]
            best = [one.place for one in taken.matches(place, len(BRIGHT)) if one.likeness > 0]
            frames[other] = list(zip(best, BRIGHT, strict=False))
            maps[other], looks[other] = lit(maps[other], taken, place), style
        self._shown = found, maps
        for which, view in enumerate(self._views):
            side = round(view.hero_size * min(view.pixel_ratio, MOST_RATIO))
            drawn = picture(maps[which], looks[which], size=side)
            if frames[which] and parts is not None:
                drawn = framed(
                    drawn, (parts.shape_a, parts.shape_b)[which], frames[which], maps[which].extent
                )
            view.show(Scene(lettered(drawn, LETTERS[which], self._called(found, which, place))), moving=True)

    def _called(self, found: Likeness, which: int, place: Place | None) -> str:
        """Return what stands beside the letter: the picture's name, or what can be done with it."""
        name = found.images[which].name
        hinted = which == 0 and place is None and not self.used and found.parts is not None
        return f"{name} · {HINT}" if hinted else name

    def _hovered(self, which: int, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        if region is None or self._shown is None:
            self._hover(None)
            return
        values = self._shown[1][which].values
        at = cell(values.shape, x, y, self._shown[1][which].extent)
        value = float(np.ravel(values[at])[0]) if values.ndim == 2 else float(np.abs(values[at]).max())
        what = "cell" if self._shown[1][which].layer else "pixel"
        self._hover(f"{LETTERS[which]} · {what} {at[0]}, {at[1]}: {as_text(value)}")

    def _clicked(self, which: int, region: str, x: float, y: float) -> None:
        parts = None if self._shown is None else self._shown[0].parts
        shape = (1, 1) if parts is None else (parts.shape_a, parts.shape_b)[which]
        extent = None if self._shown is None else self._shown[1][which].extent
        self._pick(which, cell(shape, x, y, extent))


def looks_of(found: Likeness, style: Style) -> list[Style]:
    """Return how each map is drawn: A and B in one scale; beside a foil each in its own, so that none is lost."""
    return styles(found, style) if found.on_foil is None else [style] * len(found.maps)


def lit(own: Heatmap | ColourMap, parts: Decomposition, place: Place) -> Heatmap:
    """Return the map of the picture that answers a place of the other: what each of its cells adds, or is like.

    Where only pairs of the same place add, or a distance is taken apart, what is shown is how far the cosine is above
    its mean.
    """
    terms = not parts.aligned and parts.metric != "euclidean"
    alike = parts.likeness(place)
    values = parts.terms(place) if terms else np.maximum(alike - alike.mean(), 0)
    shared: dict[str, Any] = {
        f.name: getattr(own, f.name) for f in dataclasses.fields(own) if f.name in _KEPT
    }
    signed = bool(values.min() < 0 and -values.min() > 0.05 * values.max())
    return Heatmap(
        **shared, values=values, signed=signed, layer=parts.layer, unit="share" if terms else "cosine"
    )


_KEPT = ("image", "recipe", "target", "model", "extent")
