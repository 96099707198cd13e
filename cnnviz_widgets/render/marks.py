"""Marks on a finished picture: the line round a mask, a ring at a place, a grid of tokens, classes as a tint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..explanation import Mark, MaskLine, Ring
from ..regions import Mask
from ..resampling import Extent, laid, softened
from .blend import halves

LINE = 1 / 170  # width of a white line, as a share of the picture's longer side
RIM = 1.8  # of the dark rim on either side, as a multiple of the line's width
RIM_SHARE = 0.6  # how dark the rim is
RING = 0.032  # radius, as a share of the longer side
GRID_SHARE = 0.09
TINT, OTHER_TINT, GREYED = 0.62, 0.4, 0.5


@dataclass(frozen=True, eq=False)
class Stroke:
    """A white line with a dark rim, so that it is seen on light and on dark.

    Attributes
    ----------
    white, dark : numpy.ndarray
        float32 (H, W), 0 to 1: how much of each is laid on the picture.
    """

    white: np.ndarray
    dark: np.ndarray

    def on(self, picture: np.ndarray) -> np.ndarray:
        """Return the picture, uint8 (H, W, 3), with the line on it."""
        rows, columns = np.nonzero(self.dark > 0.004)
        made = picture.copy()
        below = made[rows, columns].astype(np.float32)
        dark, white = (share[rows, columns, None] for share in (self.dark, self.white))
        made[rows, columns] = np.round(below * (1 - dark) * (1 - white) + 255 * white).astype(np.uint8)
        return made


def marked(picture: np.ndarray, marks: Sequence[Mark], beside: bool = False) -> np.ndarray:
    """Return a picture, uint8 (H, W, 3), with marks on it; with `beside` on each of the two that it consists of."""
    if not marks:
        return picture
    made = picture.copy()
    for columns in halves(picture.shape[1]) if beside else (slice(None),):
        for mark in marks:
            part = made[:, columns]
            made[:, columns] = _stroke_of(mark, (part.shape[0], part.shape[1])).on(part)
    return made


def _stroke_of(mark: Mark, size: tuple[int, int]) -> Stroke:
    if isinstance(mark, MaskLine):
        return _line(mark.mask, size, mark.extent)
    if isinstance(mark, Ring):
        return ring((mark.x, mark.y), size)
    return outline((mark.x, mark.y, mark.width, mark.height), size)


@lru_cache(maxsize=8)  # a slider of the style draws the same line again and again
def _line(mask: Mask, size: tuple[int, int], extent: Extent | None) -> Stroke:
    return contour(mask.places, size, extent)


def contour(mask: np.ndarray, size: tuple[int, int], extent: Extent | None = None) -> Stroke:
    """Return the line round a mask, bool (h, w), for a picture of (height, width); none where the mask has no end.

    The stairs of the mask's cells are smoothed. `extent` is where it lies on the picture, (top, left, height, width) in
    shares, if that is not all of it; beyond it there is no mask.
    """
    if extent is not None:
        (top, left, height, width), down, across = extent, extent[2] / len(mask), extent[3] / len(mask[0])
        extent = top - down, left - across, height + 2 * down, width + 2 * across
        mask = np.pad(mask, 1)
    span = (1.0, 1.0) if extent is None else extent[2:]
    cell = max(size[0] * span[0] / mask.shape[0], size[1] * span[1] / mask.shape[1])
    spread = 100 * max(0.6 * cell, 1.0) / max(size)
    field = softened(laid(mask.astype(np.float32), size, extent), spread) - 0.5
    by_row, by_column = np.gradient(field)
    slope = np.sqrt(by_row**2 + by_column**2)
    far = np.abs(field) / np.maximum(slope, 1e-6)
    return _stroke(np.where(slope > 1e-4, far, np.inf), size)


def _cells(to: int, count: int, begin: float, span: float) -> np.ndarray:
    """Return which of `count` cells each pixel of a line is in, from 1; 0 and count + 1 beyond their ends."""
    places = np.floor(((np.arange(to) + 0.5) / to - begin) / span * count).astype(np.intp)
    return np.clip(places, -1, count) + 1


def ring(place: tuple[float, float], size: tuple[int, int]) -> Stroke:
    """Return a ring about a place, (x, y) from 0 to 1, for a picture of (height, width)."""
    rows, columns = np.ogrid[: size[0], : size[1]]
    away = np.hypot(rows + 0.5 - place[1] * size[0], columns + 0.5 - place[0] * size[1])
    return _stroke(np.abs(away - RING * max(size)), size)


def outline(area: tuple[float, float, float, float], size: tuple[int, int]) -> Stroke:
    """Return a rectangle, (x, y, width, height) from 0 to 1, for a picture of (height, width)."""
    x, y, width, height = area
    rows, columns = np.ogrid[: size[0], : size[1]]
    down = np.abs(rows + 0.5 - (y + height / 2) * size[0]) - height * size[0] / 2
    across = np.abs(columns + 0.5 - (x + width / 2) * size[1]) - width * size[1] / 2
    outside = np.hypot(np.maximum(down, 0), np.maximum(across, 0))
    return _stroke(np.abs(outside + np.minimum(np.maximum(down, across), 0)), size)


def _stroke(far: np.ndarray, size: tuple[int, int]) -> Stroke:
    """Return a line along where a distance in pixels is 0."""
    half = max(LINE * max(size), 2.0) / 2
    white = np.clip(half + 0.5 - far, 0, 1).astype(np.float32)
    dark = np.clip(half * (1 + RIM) + 0.5 - far, 0, 1).astype(np.float32) * np.float32(RIM_SHARE)
    return Stroke(white, np.maximum(dark, white))


def gridded(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return a picture, uint8 (H, W, 3), with faint lines between the cells of a grid."""
    height, width = picture.shape[:2]
    lines = np.zeros((height, width), bool)
    lines[[round(k * height / rows) for k in range(1, rows)]] = True
    lines[:, [round(k * width / columns) for k in range(1, columns)]] = True
    made = picture.copy()
    below = made[lines].astype(np.float32)
    made[lines] = np.round(below + GRID_SHARE * (255 - below)).astype(np.uint8)
    return made


def tinted(
    photo: np.ndarray,
    classes: np.ndarray,
    colours: Sequence[tuple[int, int, int]],
    chosen: int | None = None,
    extent: Extent | None = None,
) -> np.ndarray:
    """Return a photograph, uint8 (H, W, 3), with the class at each place as a tint.

    Parameters
    ----------
    photo : numpy.ndarray
        The picture.
    classes : numpy.ndarray
        int (h, w), the class at each place, -1 for none; brought to the photograph's size.
    colours : sequence
        Red, green and blue of each class, 0 to 255.
    chosen : int, optional
        The class whose tint is stronger.
    extent : tuple of float, optional
        Where the places lie on the photograph, (top, left, height, width) in shares; all of it if None.
    """
    top, left, height, width = extent or (0.0, 0.0, 1.0, 1.0)
    rows = _cells(photo.shape[0], classes.shape[0], top, height)
    columns = _cells(photo.shape[1], classes.shape[1], left, width)
    framed = np.pad(classes, 1, constant_values=-1)
    at = framed[rows[:, None], columns]
    grey = photo.astype(np.float32).mean(axis=-1, keepdims=True)
    muted = photo + GREYED * (grey - photo)
    paint = np.array(colours, np.float32)[at]
    share = np.where(at == chosen, np.float32(TINT), np.float32(OTHER_TINT))[..., None]
    share[at < 0] = 0
    return np.round(muted + share * (paint * (0.35 + 0.65 * grey / 255) - muted)).astype(np.uint8)
