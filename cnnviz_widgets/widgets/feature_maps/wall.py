"""A page of a layer's maps as buttons: each is the drawn map, with the number of its channel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets

from ...explanation import ActivationMaps
from ...render import layout
from ...render.collage import tile
from ...style import Style
from ..controls.channel_buttons import ChannelButtons
from ..core.elements import box, data_url, style_child

MOST = 24
GAP = 4
NARROW = 500  # CSS pixels below which the wall is higher than wide
LOOKS = ("colormap", "signed_colormap", "clip", "soften", "limit")


@dataclass(frozen=True)
class Wall:
    """Where the tiles of a page stand.

    Attributes
    ----------
    columns, rows : int
        MapTiles side by side, and one above the other.
    share : float
        Width of a tile, as a share of the wall's.
    """

    columns: int
    rows: int
    share: float

    @property
    def grid(self) -> tuple[int, int]:
        """(columns, rows), as a collage takes them."""
        return self.columns, self.rows

    def height(self, width: int, aspect: float) -> float:
        """Return how high all rows are on a wall of some width, for tiles of some width by height, in CSS pixels."""
        return self.rows * self.share * width / aspect + GAP * (self.rows - 1)


def wall(count: int, shape: tuple[int, int], room: tuple[int, int]) -> Wall:
    """Arrange maps so that the tiles are as large as fits, without holes where that costs little.

    Parameters
    ----------
    count : int
        How many maps the layer has; a page holds 24.
    shape : tuple of int
        (height, width) of a map.
    room : tuple of int
        Width and height of the wall in CSS pixels.
    """
    aspect = stretched(shape)
    places = [c for c in range(1, min(count, MOST) + 1) if count <= MOST or MOST % c == 0]
    sizes = {c: _tile(c, math.ceil(min(count, MOST) / c), aspect, room) for c in places}
    most = max(sizes.values())
    near = [c for c in places if sizes[c] >= 0.88 * most]
    columns = min(near, key=lambda c: (-min(count, MOST) % c, -sizes[c]))
    return Wall(columns, math.ceil(min(count, MOST) / columns), sizes[columns] / room[0])


def room(width: int) -> tuple[int, int]:
    """Return width and height of the wall for a width: higher than wide where there is little."""
    return width, round(width * (3 / 2 if width < NARROW else 2 / 3))


def stretched(shape: tuple[int, int]) -> float:
    """Return width by height of a tile; a long thin map gets a tile that can still be seen."""
    return min(max(shape[1] / shape[0], 1 / 3), 3.0)


def _tile(columns: int, rows: int, aspect: float, room: tuple[int, int]) -> float:
    wide, high = ((side - GAP * (n - 1)) / n for side, n in zip(room, (columns, rows), strict=True))
    return min(wide, high * aspect)


class MapTiles:
    """The buttons of a page.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    choose : callable
        Called with the channel that was clicked.
    """

    def __init__(self, uid: str, choose: Callable[[int], None]) -> None:
        self._uid = uid
        self._style = style_child()
        self.buttons = ChannelButtons(uid, "cv-tiles", "Look at", choose)
        self._maps: ActivationMaps | None = None
        self._drawn: object = None
        self.wall = Wall(1, 1, 1.0)
        self.widget = box(widgets.Box, "cv-wall", self._style, self.buttons.widget)

    def pages(self, maps: ActivationMaps) -> int:
        """Return how many pages a layer's maps fill."""
        return math.ceil(maps.values.shape[2] / MOST)

    def show(self, maps: ActivationMaps, style: Style, page: int, width: int, ratio: float) -> None:
        """Draw a page of maps for a wall of `width` CSS pixels on a screen of `ratio` pixels each."""
        look = tuple(getattr(style, name) for name in LOOKS)
        wanted = (look, page, width, ratio)
        if maps is self._maps and wanted == self._drawn:
            return
        space, shape = room(width), maps.values.shape[:2]
        self.wall = wall(maps.values.shape[2], shape, space)
        channels = layout(maps, MOST, page, self.wall.grid).channels
        side = max(8, round(self.wall.share * width * ratio))
        size = max(8, round(side / stretched(shape))), side
        drawn = [data_url(tile(maps, style, size, channel), 88) for channel in channels]
        self.buttons.name(channels)
        rules = [
            f".{self._uid} .cv-k{k} {{ background-image: url({address}) !important; }}"
            for k, address in enumerate(drawn)
        ]
        css = "".join((self._places(maps, space), *rules, self.buttons.numbers()))
        self._style.value = f"<style>{css}</style>"
        self._maps, self._drawn = maps, wanted

    def _places(self, maps: ActivationMaps, space: tuple[int, int]) -> str:
        shape = stretched(maps.values.shape[:2])
        rows = self.wall.height(space[0], shape)
        # walls that are nearly full are of one height, so that another layer moves nothing below
        high = rows if rows < space[1] - GAP else space[1]
        return (
            f".{self._uid} .cv-wall {{ aspect-ratio: {space[0] / high:.4f}; "
            f"--cols: {self.wall.columns}; --tile: {self.wall.share:.4%}; --shape: {shape:.4f}; }}"
        )
