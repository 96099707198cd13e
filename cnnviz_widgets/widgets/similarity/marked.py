"""A picture of a pair with the letter that names it."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...render.fonts import font

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
