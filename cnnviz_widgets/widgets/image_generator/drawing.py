"""The canvas of an image generator: the picture, its score by step, and photographs beside it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...explanation import NOISE, GeneratedImage
from ...objective import ClassScore, Several
from ...render import as_text, picture
from ...render.colours import STAGE
from ...render.fonts import font
from ...render.generated import columns_of
from ..canvas import Scene
from ..parts import data_url, square
from ..stage import MOST_RATIO
from .curve import Curve
from .shelf import Score, at, shelf_picture

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
        upper, (lower, tag) = self._plot(made).drawn(tile or ALONE), self._below(made, tile or ALONE)
        hero, tags = picture(made, size=side), ("score by step", tag if lower is not None else "")
        words = beside.words if self._compares(made) else ""
        alone = "" if tile else _figure(tags[0], upper) + ("" if lower is None else _figure(tag, lower))
        desk.tell_real(words, alone)
        scene = Scene(hero, upper, lower, tags=tags) if tile else Scene(hero)
        self._view.show(scene, moving=True)

    def _plot(self, made: GeneratedImage) -> Curve:
        last, found = self._screen.reel.frames[-1:], self._screen.beside.found
        scores = last[0].made.curve if last else made.curve
        turned = np.roll(scores, -min(self._screen.beside.chosen, scores.shape[1] - 1), axis=1)
        total = round(len(scores) / last[0].made.done) if last and last[0].made.done > 0 else 0
        real = found.real[0].score.value if found and found.real and self._compares(made) else None
        share = counts_logarithms(made.recipe)
        return Curve(np.exp(turned) if share else turned, len(made.curve), total, real, share)

    def _below(self, made: GeneratedImage, side: int) -> tuple[np.ndarray | None, str]:
        """Return the lower picture and the small label on it: the photograph it began with, or the most exciting."""
        if made.image.name != NOISE:
            return square(made.image.rgb(), side), made.image.name or "picture"
        found = self._screen.beside.found
        drawn = shelf_picture(found.real, side) if found else None
        return drawn, "your pictures, best first"

    def _compares(self, made: GeneratedImage) -> bool:
        """Whether what is known of the photographs is about this climb."""
        found = self._screen.beside.found
        return found is not None and found.made.recipe == made.recipe

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        self._owner._desk.footer.hover(None if region is None else self._under(region, x, y))

    def _under(self, region: str, x: float, y: float) -> str | None:
        made, found = self._owner.explanation, self._screen.beside.found
        if made is None:
            return None
        if region == "map" and made.image.name == NOISE and found:
            real = at(found.real, x, y)
            return real.words if real else None
        if region == "photo":
            return self._on_curve(made, x)
        if region == "hero" and len(made.values) > 1:
            k = _cell(made, x, y)
            return None if k is None else f"{made.targets[k]}: {as_text(float(made.curve[-1, k]))}"
        return None

    def _on_curve(self, made: GeneratedImage, x: float) -> str | None:
        curve = self._plot(made)
        step = curve.step_at(x)
        if step is None:
            return None
        score = Score(float(curve.scores[step, 0]), curve.share)
        return f"step {step + 1}: {score}, as it was moved then"

    def _clicked(self, region: str, x: float, y: float) -> None:
        with self._owner._lock:
            made = self._owner.explanation
            if made is None or self._owner._closed or region != "hero":
                return
            k = _cell(made, x, y)
            if k is not None and len(made.values) > 1:
                self._screen.beside.choose(k)


def _cell(made: GeneratedImage, x: float, y: float) -> int | None:
    """Return which picture of a grid is at a place given as shares of the sides; None where there is none."""
    count = len(made.values)
    columns = columns_of(count)
    rows = -(-count // columns)
    k = min(int(y * rows), rows - 1) * columns + min(int(x * columns), columns - 1)
    return k if k < count else None


def counts_logarithms(recipe: Any) -> bool:
    """Return whether scores are logarithms of a probability, which are shown as probabilities."""
    target = getattr(recipe, "target", None)
    several = target.objectives if isinstance(target, Several) else (target,)
    return all(isinstance(one, ClassScore) and one.of == "log-probability" for one in several)


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
