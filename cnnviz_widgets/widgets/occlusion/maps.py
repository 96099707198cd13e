"""The pictures beside the photograph: two maps of the sweep, or a map and what an autoencoder rebuilds."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...explanation import Explanation, LabelMap
from ...images.image import Image
from ...occlusion import SweepSettings, Swept, covered_picture
from ...render import label_colours, picture
from ...render.blend import ground
from ...render.labels import drawn
from ...render.panels import bare
from ...render.picture import fitting
from ...render.text import font
from ...style import Style
from ..canvas import Scene
from ..core import text as core_text
from ..core.elements import data_url

ALONE = 320  # side of a picture that has no tile
FADED = 0.3
REBUILT, ON_ITS_WAY = "rebuilt from the covered one", "on its way"
HEADS = {
    "fall": "fall of {target}",
    "probability": "probability of {target}",
    "label": "what it says instead",
    "activity": "fall of the strongest map",
    "code distance": "how far the code moves",
    "reconstruction error": "rise of the reconstruction error",
    "code or error": "red: the code, blue: the error",
}
BESIDE = {
    "fall": ("label", "activity"),
    "probability": ("label",),
    "label": ("fall",),
    "activity": ("label", "fall"),
}

Maps = tuple[Explanation, Explanation | None]


class OcclusionMaps:
    """Draws the two small pictures, anew only where they or the style have changed.

    Parameters
    ----------
    rebuilds : bool
        Whether the place below the map is for what the network rebuilds from the covered picture.

    Attributes
    ----------
    maps : tuple or None
        The map that is asked for, and the one below it, or None there.
    rebuilt : Image or None
        What is rebuilt from the covered picture.
    words : str
        What goes with them in the side, as HTML: the legend, and where there are no tiles the pictures themselves.
    """

    def __init__(self, rebuilds: bool) -> None:
        self._rebuilds = rebuilds
        self.maps: Maps | None = None
        self.rebuilt: Image | None = None
        self.words = ""
        self._drawn: tuple[Any, Any] = ((), None)

    def take(self, explanation: Explanation, swept: Swept) -> Maps:
        """Take over the map that is asked for, and choose the one below it from the same sweep."""
        wanted = () if self._rebuilds else BESIDE.get(explanation.recipe.map, ())
        other = next((name for name in wanted if swept.tells(name)), None)
        self.maps = explanation, swept.map(other, explanation.recipe.target) if other else None
        return self.maps

    def scene(self, hero: np.ndarray, style: Style, side: int) -> Scene:
        """Return the canvas with tiles of this longer side; 0 where there is room for the hero alone."""
        assert self.maps is not None
        key = (*self.maps, self.rebuilt, style, side)
        if key != self._drawn[0]:
            self._drawn = key, self._draw(*self.maps, style, side)
        scene: Scene = dataclasses.replace(self._drawn[1], hero=hero)
        return scene

    def _draw(self, first: Explanation, second: Explanation | None, style: Style, side: int) -> Scene:
        """Draw the small pictures, and write what goes with them; the hero is a placeholder."""
        at = side or ALONE
        plain, scale, _ = bare(first, style, at)
        upper, (lower, tag) = _small(first, style, at), self._below(second, style, at)
        self.words = (
            "" if side else _figure(head(first), upper) + ("" if lower is None else _figure(tag, lower))
        )
        self.words += legend((first, second))
        self.words += f'<div class="cv-read">{core_text.shown_sentence(first, style, scale.flat)}</div>'
        if not side:
            return Scene(plain)
        unit, ends = "" if isinstance(first, LabelMap) else first.unit, (scale.low_text, scale.high_text)
        return Scene(plain, upper, lower, scale.colours, *ends, unit, (head(first), tag), scale.zero)

    def _below(self, second: Explanation | None, style: Style, side: int) -> tuple[np.ndarray | None, str]:
        """Return the lower picture and the small label on it."""
        if self.rebuilt is not None:
            return _enlarged(self.rebuilt, side), REBUILT
        return (None, "") if second is None else (_small(second, style, side), head(second))


def head(explanation: Explanation) -> str:
    """Return the small label on a map."""
    return HEADS[explanation.recipe.map].format(target=explanation.target)


def _figure(name: str, pixels: np.ndarray) -> str:
    """Return, as HTML, a picture for the side."""
    shown, name = data_url(pixels), html.escape(name)
    return (
        f'<figure class="cv-alone"><img src="{shown}" alt="{name}"><figcaption>{name}</figcaption></figure>'
    )


def legend(maps: Sequence[Explanation | None]) -> str:
    """Return, as HTML, the labels with their colours; empty if there is no label map among the maps."""
    labels = next((one for one in maps if isinstance(one, LabelMap)), None)
    if labels is None:
        return ""
    entries = "".join(
        f'<span class="cv-key"><i style="background:rgb{colour}"></i>{html.escape(name)}</span>'
        for name, colour in label_colours(labels)
    )
    return f'<div class="cv-legend">{entries}</div>'


def so_far(scene: Scene, image: Image, corner: tuple[int, int], settings: SweepSettings) -> Scene:
    """Return a canvas whose maps end where the patch has come to, going row by row; beyond is the bare photograph."""
    patch, stride = settings.patch or 1, settings.stride or 1
    return _changed(scene, lambda tile: _so_far(tile, image, corner, patch, stride), scene.tags)


def faded(scene: Scene) -> Scene:
    """Return a canvas whose maps are dark: they belong to the picture before."""
    return _changed(scene, lambda tile: (tile * FADED).astype(np.uint8), (ON_ITS_WAY, ON_ITS_WAY))


def _changed(scene: Scene, change: Callable[[np.ndarray], np.ndarray], tags: tuple[str, str]) -> Scene:
    """Return a canvas with changed maps and small labels; what was rebuilt stays."""
    made: dict[str, Any] = {}
    said = list(scene.tags)
    for k, name in enumerate(("photo", "map")):
        shown = getattr(scene, name)
        if shown is not None and said[k] != REBUILT:
            made[name], said[k] = change(shown), tags[k]
    return dataclasses.replace(scene, **made, tags=(said[0], said[1]))


def _so_far(tile: np.ndarray, image: Image, corner: tuple[int, int], patch: int, stride: int) -> np.ndarray:
    made = ground(image, fitting(image.size, max(tile.shape[:2]))).photo.copy()
    if made.shape != tile.shape:  # photograph and map side by side
        return tile
    scale = len(tile) / image.size[0]
    low, right = (round((at + patch) * scale) for at in corner)
    above = max(low - round(stride * scale), 0) if corner[0] else 0
    made[:above], made[above:low, :right] = tile[:above], tile[above:low, :right]
    return made


def _enlarged(image: Image, side: int) -> np.ndarray:
    size = fitting(image.size, side)
    return np.asarray(PIL.Image.fromarray(image.rgb()).resize(size[::-1], PIL.Image.Resampling.BICUBIC))


def _small(explanation: Explanation, style: Style, side: int) -> np.ndarray:
    """Draw a map without a legend, which stands beside."""
    if isinstance(explanation, LabelMap):
        return drawn(explanation, style, fitting(explanation.image.size, side), legend=False)
    return picture(explanation, style, size=side)


EDGE = (255, 171, 107)
PLATE = (21, 23, 27)


def covered_photograph(
    image: Image,
    settings: SweepSettings,
    place: tuple[int, int],
    pins: Mapping[int, tuple[int, int]],
    size: tuple[int, int],
    hint: str = "",
) -> np.ndarray:
    """Draw the covered photograph with its pins, uint8 (height, width, 3) for `size`.

    Parameters
    ----------
    image : Image
        The picture, at the size the network takes.
    settings : SweepSettings
        The patch, with all settings filled in.
    place : tuple of int
        First row and column of the patch.
    pins : mapping of int to tuple of int
        First row and column of each pinned position, by its number.
    size : tuple of int
        Height and width to draw.
    hint : str
        A few words for the lower left corner.
    """
    rgb = Image(covered_picture(image, settings, place), image.range).rgb()
    drawing = PIL.Image.fromarray(rgb).resize(size[::-1], PIL.Image.Resampling.BICUBIC)
    pen, scale = PIL.ImageDraw.Draw(drawing), size[0] / image.size[0]
    line, points = max(2, round(size[0] / 170)), max(10, round(size[0] / 36))
    for number, pin in pins.items():
        _outline(pen, settings, _corners(pin, settings, scale), (255, 255, 255), max(1, line // 2))
        _numbered(pen, number, _corners(pin, settings, scale), points, size)
    _outline(pen, settings, _corners(place, settings, scale), EDGE, line)
    if hint:
        _hinted(pen, hint, points, size)
    return np.asarray(drawing)


def _corners(
    place: tuple[int, int], settings: SweepSettings, scale: float
) -> tuple[float, float, float, float]:
    side = (settings.patch or 1) * scale
    top, left = place[0] * scale, place[1] * scale
    return left, top, left + side - 1, top + side - 1


def _outline(
    pen: PIL.ImageDraw.ImageDraw,
    settings: SweepSettings,
    corners: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    width: int,
) -> None:
    (pen.ellipse if settings.shape == "round" else pen.rectangle)(corners, outline=colour, width=width)


def _numbered(
    pen: PIL.ImageDraw.ImageDraw,
    number: int,
    corners: tuple[float, float, float, float],
    points: int,
    size: tuple[int, int],
) -> None:
    """Draw a pin's number on a disc at the upper left of its frame, kept inside of the picture."""
    radius = points * 0.85
    x = min(max(corners[0], radius), size[1] - radius)
    y = min(max(corners[1], radius), size[0] - radius)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 255, 255), outline=PLATE)
    pen.text((x, y), str(number), PLATE, font(points), anchor="mm")


def _hinted(pen: PIL.ImageDraw.ImageDraw, hint: str, points: int, size: tuple[int, int]) -> None:
    letters, edge = font(points), points // 2
    wide, top = pen.textlength(hint, font=letters) + points, size[0] - 2.2 * points
    pen.rectangle((edge, top, edge + wide, size[0] - edge), fill=PLATE)
    pen.text((edge + points / 2, (top + size[0] - edge) / 2), hint, "white", letters, anchor="lm")
