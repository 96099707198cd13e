"""The canvas of an image generator: the picture, its score by step, and photographs beside it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...explanation import NOISE, GeneratedImage
from ...render import picture
from ...render.colours import STAGE
from ...render.fonts import font
from ..canvas import Scene
from ..parts import data_url, square
from ..stage import MOST_RATIO
from . import words as say
from .curve import Curve
from .grid import cell_at, labelled
from .measure import measures
from .shelf import at, shelf_picture

if TYPE_CHECKING:
    from .screen import GeneratorScreen

ALONE = 240  # side of a picture that has no tile
WAITING, NOTHING = "The first picture is on its way", "No picture yet"


class Drawing:
    """Draws what is shown, and says what is under the mouse.

    Parameters
    ----------
    screen : GeneratorScreen
        Whose canvas it is.
    """

    def __init__(self, screen: GeneratorScreen) -> None:
        self._screen, self._owner = screen, screen.owner
        self._view = screen.owner._view
        self._view.on_hover, self._view.on_click = self._hovered, self._clicked

    def draw(self) -> None:
        """Draw the canvas, at first as a quick preview, which the view sharpens by itself."""
        ratio = min(self._view.pixel_ratio, MOST_RATIO)
        side, tile = round(self._view.hero_size * ratio), round(self._view.tile_size * ratio)
        made = self._owner.explanation
        desk, beside = self._owner._desk, self._screen.beside
        if made is None:
            failed = self._owner.session.state in ("error", "cancelled")
            self._view.show(Scene(_written(side, NOTHING if failed else WAITING)))
            return
        curve, (lower, below) = self._plot(made), self._below(made, tile or ALONE)
        upper, tags = curve.drawn(tile or ALONE), (curve.tag, below if lower is not None else "")
        hero = picture(made, size=side)
        if len(made.values) > 1:
            hero = labelled(hero, [say.short(name) for name in made.targets], curve.chosen)
        alone = "" if tile else _figure(tags[0], upper) + ("" if lower is None else _figure(below, lower))
        desk.tell_real(beside.words, alone)
        scene = Scene(hero, upper, lower, tags=tags) if tile else Scene(hero)
        self._view.show(scene, moving=True)

    def _plot(self, made: GeneratedImage) -> Curve:
        frames, beside = self._screen.reel.frames, self._screen.beside
        last = frames[-1].made if frames else made
        found, counted = beside.found(made), measures(last)
        scores = np.stack([one.of_climb(last.curve[:, k]) for k, one in enumerate(counted)], axis=1)
        total = round(len(scores) / last.done) if last.done > 0 else 0
        chosen = min(beside.chosen, len(counted) - 1)
        real = None if found is None else found.most
        return Curve(scores, len(made.curve), total, real, chosen, counted, self._screen.reel.begins)

    def _below(self, made: GeneratedImage, side: int) -> tuple[np.ndarray | None, str]:
        """Return the lower picture and the small label on it: the photograph it began with, or the most exciting."""
        if made.image.name != NOISE:
            return square(made.image.rgb(), side), made.image.name or "picture"
        found = self._screen.beside.found(made)
        drawn = shelf_picture(found.real, side) if found else None
        return drawn, "your pictures, best first"

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        self._owner._desk.footer.hover(None if region is None else self._under(region, x, y))

    def _under(self, region: str, x: float, y: float) -> str | None:
        made = self._owner.explanation
        if made is None:
            return None
        found = self._screen.beside.found(made)
        if region == "map" and made.image.name == NOISE and found:
            real = at(found.real, x, y)
            return real.words if real else None
        if region == "photo":
            return self._plot(made).words_at(x)
        if region == "hero" and len(made.values) > 1:
            k = cell_at(len(made.values), x, y)
            return None if k is None else self._score_of(made, k)
        return None

    def _score_of(self, made: GeneratedImage, k: int) -> str:
        """Return what a picture of a grid raises, and how far it is."""
        counted = measures(made)[k]
        score = counted.of_climb(made.curve[-1:, k])
        return f"{say.without_logarithm(made.targets[k])}: {counted.words(float(score[0]))}"

    def _clicked(self, region: str, x: float, y: float) -> None:
        with self._owner._lock:
            made = self._owner.explanation
            if made is None or self._owner._closed or region != "hero":
                return
            count = len(made.values)
            k = cell_at(count, x, y)
            if k is not None and count > 1:
                self._screen.choose(k)


def _figure(name: str, pixels: np.ndarray) -> str:
    """Return, as HTML, a picture for the side."""
    words = html.escape(name)
    shown = f'<img src="{data_url(pixels)}" alt="{words}">'
    return f'<figure class="cv-alone">{shown}<figcaption>{words}</figcaption></figure>'


def _written(side: int, words: str) -> np.ndarray:
    """Return an empty stage with a few words."""
    made = PIL.Image.new("RGB", (side, side), STAGE)
    pen = PIL.ImageDraw.Draw(made)
    pen.text((side / 2, side / 2), words, (160, 166, 176), font(max(12, side // 32)), anchor="mm")
    return np.asarray(made)
