"""Several pictures side by side: which one is at a place, and what each of them is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...render.fonts import font
from ...render.generated import GAP, columns_of

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
