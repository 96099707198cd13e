"""The maps of a layer, or generated pictures, as numbered tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..colours import STAGE, table
from ..explanation import ActivationMaps, GeneratedImage, Kernels
from ..resampling import laid, resized, softened
from ..style import Style
from .blend import Paint
from .scale import Scale, finite, scale_of
from .text import font

COLUMNS, ROWS = 5, 5
PAGE = COLUMNS * ROWS
Grid = tuple[int, int]  # columns, rows


@dataclass(frozen=True)
class Layout:
    """Where the tiles of one page lie.

    Attributes
    ----------
    channels : tuple of int
        The channels shown, row by row.
    columns, rows : int
        Tiles across and down; the last ones may be empty.
    tile : tuple of int
        (height, width) of a tile in pixels.
    gap : int
        Pixels between tiles.
    page, pages : int
        Which page this is, from 0, and how many there are.
    """

    channels: tuple[int, ...]
    columns: int
    rows: int
    tile: tuple[int, int]
    gap: int
    page: int = 0
    pages: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the collage in pixels."""
        (height, width), gap = self.tile, self.gap
        return self.rows * (height + gap) - gap, self.columns * (width + gap) - gap

    def corner(self, k: int) -> tuple[int, int]:
        """Return (top, left) of the k-th tile."""
        row, column = divmod(k, self.columns)
        return row * (self.tile[0] + self.gap), column * (self.tile[1] + self.gap)

    def at(self, x: float, y: float) -> int | None:
        """Return the channel at a place, `x` and `y` as shares of width and height; None between tiles."""
        row, down = divmod(y * self.size[0], self.tile[0] + self.gap)
        column, right = divmod(x * self.size[1], self.tile[1] + self.gap)
        k = int(row) * self.columns + int(column)
        inside = 0 <= x < 1 and 0 <= y < 1 and down < self.tile[0] and right < self.tile[1]
        return self.channels[k] if inside and k < len(self.channels) else None


def layout(maps: ActivationMaps, side: int, page: int = 0, tiles: Grid | None = None) -> Layout:
    """Arrange a page of maps so that the longer side of the whole is at most `side` pixels.

    `tiles` sets how many stand side by side and how many one above the other; at most five by five if None.
    """
    order = maps.order or tuple(range(maps.values.shape[2]))
    most = PAGE if tiles is None else tiles[0] * tiles[1]
    pages = max(1, math.ceil(len(order) / most))
    page = min(max(int(page), 0), pages - 1)
    columns, rows = tiles or grid(min(len(order), PAGE))
    shape = _shape(maps.values.shape[:2])
    gap = max(1, round(side / 130))
    room = (side - gap * (rows - 1)) / (rows * shape[0]), (side - gap * (columns - 1)) / (columns * shape[1])
    unit = max(min(room), 1.0)
    tile = max(1, int(unit * shape[0] + 1e-6)), max(1, int(unit * shape[1] + 1e-6))
    return Layout(tuple(order[page * most : (page + 1) * most]), columns, rows, tile, gap, page, pages)


def grid(count: int) -> tuple[int, int]:
    """Return (columns, rows) for some tiles: half wider than high, without holes where that is near."""
    wanted = min(COLUMNS, max(1, math.ceil(math.sqrt(1.5 * count))))
    near = [c for c in (wanted, wanted - 1, wanted + 1) if 0 < c <= COLUMNS]
    full = [c for c in near if count % c == 0 and count // c <= ROWS]
    columns = full[0] if full else wanted
    return columns, max(1, math.ceil(count / columns))


def collage(
    maps: ActivationMaps, style: Style, side: int, page: int = 0, tiles: Grid | None = None
) -> np.ndarray:
    """Draw a page of maps, uint8 (H, W, 3); each has a scale of its own unless `style.limit` is set."""
    places = layout(maps, side, page, tiles)
    made = np.empty((*places.size, 3), np.uint8)
    made[:] = STAGE
    height, width = places.tile
    for k, channel in enumerate(places.channels):
        top, left = places.corner(k)
        made[top : top + height, left : left + width] = tile(maps, style, places.tile, channel)
    return _numbered(made, places)


def tile(
    maps: ActivationMaps, style: Style, size: tuple[int, int], channel: int | None = None, smooth: bool = True
) -> np.ndarray:
    """Draw one map alone, uint8 (height, width, 3); the first one shown if no channel is named."""
    values, scale = scaled(maps, style, channel)
    heat = laid(scale.heat(values), size, maps.extent, smooth and not isinstance(maps, Kernels))
    return np.stack(Paint(heat, scale.colours, scale.signed).planes(), axis=-1).astype(np.uint8)


def scaled(maps: ActivationMaps, style: Style, channel: int | None = None) -> tuple[np.ndarray, Scale]:
    """Return one map, softened as the style wants it, and the scale it is drawn in."""
    if channel is None:
        channel = maps.order[0] if maps.order else 0
    if isinstance(maps, Kernels):
        return _kernel(maps, style, channel)
    values = np.asarray(maps.values[..., channel], np.float32)
    if style.soften:
        values = softened(np.where(np.isfinite(values), values, 0), style.soften)
    return values, scale_of(values, maps.signed, style, whole=True)


def _kernel(kernels: Kernels, style: Style, channel: int) -> tuple[np.ndarray, Scale]:
    """Return one kernel, (h, w) or (h, w, 3), and a scale from its largest weight's negative to that weight."""
    source = kernels.values if kernels.colours is None else kernels.colours
    values = np.asarray(source[:, :, channel], np.float32)
    limit = style.limit or float(np.abs(finite(values)).max(initial=0))
    return values, Scale(-limit, limit, 0.5, table("gray"))


def _shape(size: tuple[int, int]) -> tuple[float, float]:
    """Return a tile's shape, longer side 1; a long thin map gets a tile that can still be seen."""
    longer = max(size)
    return max(size[0] / longer, 1 / 3), max(size[1] / longer, 1 / 3)


def _numbered(made: np.ndarray, places: Layout) -> np.ndarray:
    points = max(9, min(13, places.tile[0] // 7))
    if min(places.tile) < 3 * points:
        return made
    drawing = PIL.Image.fromarray(made)
    pen = PIL.ImageDraw.Draw(drawing)
    for k, channel in enumerate(places.channels):
        top, left = places.corner(k)
        at = left + 5, top + places.tile[0] - 4
        pen.text(at, str(channel), "white", font(points), anchor="ls", stroke_width=1, stroke_fill=STAGE)
    return np.array(drawing)


GAP = 4


def columns_of(count: int) -> int:
    """Return how many pictures stand in a row: as many as make the grid about square."""
    return math.ceil(math.sqrt(count))


def drawn(explanation: GeneratedImage, side: int) -> np.ndarray:
    """Return the pictures in a grid, uint8 (h, w, 3), whose longer side is `side`; a single one fills it."""
    pictures = [image.rgb() for image in explanation.images]
    columns = columns_of(len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height, width = pictures[0].shape[:2]
    scale = (side - GAP * (max(rows, columns) - 1)) / max(rows * height, columns * width)
    cell = max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))
    shape = (rows * (cell[0] + GAP) - GAP, columns * (cell[1] + GAP) - GAP, 3)
    sheet = np.full(shape, np.array(STAGE, np.uint8), np.uint8)
    for k, picture in enumerate(pictures):
        top, left = (k // columns) * (cell[0] + GAP), (k % columns) * (cell[1] + GAP)
        made = resized(picture.astype(np.float32), cell)
        sheet[top : top + cell[0], left : left + cell[1]] = np.clip(made + 0.5, 0, 255).astype(np.uint8)
    return sheet
