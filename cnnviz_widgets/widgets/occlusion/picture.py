"""The photograph with the patch on it, and the numbered frames of pinned positions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...image import Image
from ...render.fonts import font
from ...sweeps import SweepSettings, covered_picture

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
