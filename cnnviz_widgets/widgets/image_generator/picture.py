"""The canvas of an image generator: one picture or a grid, its score by step, and photographs beside it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...colours import STAGE
from ...explanation import NOISE, GeneratedImage
from ...render import picture
from ...render.collage import GAP, columns_of
from ...render.text import font
from ..canvas import Scene
from ..core.elements import data_url, square
from ..core.explanation_canvas import MOST_RATIO
from . import text as say
from .film import Film
from .ranking import at, shelf_picture
from .references import References
from .score_plot import ScorePlot, measures
from .state import GeneratorHost
from .view import GeneratorView

MARK, GROUND = (255, 171, 107), (0, 0, 0, 150)
TYPE, MARGIN = 0.024, 4  # of the picture's side, and pixels
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def cell_at(count: int, x: float, y: float) -> int | None:
    """Return which of `count` pictures is at a place given as shares of the sides; None where there is none."""
    columns = columns_of(count)
    rows = -(-count // columns)
    k = min(int(y * rows), rows - 1) * columns + min(int(x * columns), columns - 1)
    return k if k < count else None


def labelled(pixels: np.ndarray, names: Sequence[str], chosen: int) -> np.ndarray:
    """Return a grid with a number and a name on each of its pictures, and a line around the chosen one.

    Parameters
    ----------
    pixels : numpy.ndarray
        uint8 (h, w, 3), the pictures as `picture` draws them.
    names : sequence of str
        One a picture; there are as many pictures.
    chosen : int
        Which one the line is around.
    """
    made = PIL.Image.fromarray(pixels)
    pen = PIL.ImageDraw.Draw(made, "RGBA")
    face = font(max(9, round(max(made.size) * TYPE)))
    for k, name in enumerate(names):
        left, top, right, bottom = _cell(made.size, len(names), k)
        text = _short(pen, f"{k + 1} {name}", face, right - left - 4 * MARGIN)
        place = left + 2 * MARGIN, bottom - 1.5 * MARGIN  # the canvas has its buttons at the top
        ends = pen.textbbox(place, text, face, anchor="lb")
        pen.rectangle((left, ends[1] - 1.5 * MARGIN, ends[2] + 2 * MARGIN, bottom), fill=GROUND)
        pen.text(place, text, "white", face, anchor="lb")
        if k == chosen:
            pen.rectangle((left, top, right, bottom), outline=MARK, width=max(2, round(max(made.size) / 220)))
    return np.asarray(made)


def _cell(size: tuple[int, int], count: int, k: int) -> tuple[float, float, float, float]:
    """Return the edges of a picture in a grid of this (width, height): left, top, right, bottom."""
    columns = columns_of(count)
    rows = -(-count // columns)
    wide, high = (size[0] + GAP) / columns, (size[1] + GAP) / rows
    left, top = k % columns * wide, k // columns * high
    return left, top, left + wide - GAP - 1, top + high - GAP - 1


def _short(pen: PIL.ImageDraw.ImageDraw, text: str, face: object, room: float) -> str:
    """Return a text, cut so that it fits into some pixels."""
    if pen.textlength(text, face) <= room:  # type: ignore[arg-type]
        return text
    while len(text) > 1 and pen.textlength(text + ELLIPSIS, face) > room:  # type: ignore[arg-type]
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


ALONE = 240  # side of a picture that has no tile
WAITING, NOTHING = "The first picture is on its way", "No picture yet"


class GeneratorPicture:
    """Draws what is shown, and says what is under the mouse.

    Parameters
    ----------
    host : GeneratorHost
        The generator.
    view : GeneratorView
        Its controls.
    film : Film
        The pictures so far.
    references : References
        What is looked up beside them.
    choose : callable
        Called with the number of the picture of a grid that was clicked.
    """

    def __init__(
        self,
        host: GeneratorHost,
        view: GeneratorView,
        film: Film,
        references: References,
        choose: Callable[[int], None],
    ) -> None:
        self._host, self._view, self._film = host, view, film
        self._references, self._choose = references, choose
        self._canvas = host.canvas
        self._canvas.on_hover, self._canvas.on_click = self._hovered, self._clicked

    def draw(self) -> None:
        """Draw the canvas, at first as a quick preview, which the view sharpens by itself."""
        ratio = min(self._canvas.pixel_ratio, MOST_RATIO)
        side, tile = round(self._canvas.hero_size * ratio), round(self._canvas.tile_size * ratio)
        made = self._host.explanation
        beside = self._references
        if made is None:
            failed = self._host.session.state in ("error", "cancelled")
            self._canvas.show(Scene(_written(side, NOTHING if failed else WAITING)))
            return
        curve, (lower, below) = self._plot(made), self._below(made, tile or ALONE)
        upper, tags = curve.drawn(tile or ALONE), (curve.tag, below if lower is not None else "")
        hero = picture(made, size=side)
        if len(made.values) > 1:
            hero = labelled(hero, [say.short(name) for name in made.targets], curve.chosen)
        alone = "" if tile else _figure(tags[0], upper) + ("" if lower is None else _figure(below, lower))
        self._view.tell_real(beside.words, alone)
        scene = Scene(hero, upper, lower, tags=tags) if tile else Scene(hero)
        self._canvas.show(scene, moving=True)

    def _plot(self, made: GeneratedImage) -> ScorePlot:
        frames, beside = self._film.frames, self._references
        last = frames[-1].made if frames else made
        found, counted = beside.found(made), measures(last)
        scores = np.stack([one.of_climb(last.curve[:, k]) for k, one in enumerate(counted)], axis=1)
        total = round(len(scores) / last.done) if last.done > 0 else 0
        chosen = min(beside.chosen, len(counted) - 1)
        real = None if found is None else found.most
        return ScorePlot(scores, len(made.curve), total, real, chosen, counted, self._film.begins)

    def _below(self, made: GeneratedImage, side: int) -> tuple[np.ndarray | None, str]:
        """Return the lower picture and the small label on it: the photograph it began with, or the most exciting."""
        if made.image.name != NOISE:
            return square(made.image.rgb(), side), made.image.name or "picture"
        found = self._references.found(made)
        drawn = shelf_picture(found.real, side) if found else None
        return drawn, "your pictures, best first"

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        self._view.footer.hover(None if region is None else self._under(region, x, y))

    def _under(self, region: str, x: float, y: float) -> str | None:
        made = self._host.explanation
        if made is None:
            return None
        found = self._references.found(made)
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
        with self._host.lock:
            made = self._host.explanation
            if made is None or self._host.closed or region != "hero":
                return
            count = len(made.values)
            k = cell_at(count, x, y)
            if k is not None and count > 1:
                self._choose(k)


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
