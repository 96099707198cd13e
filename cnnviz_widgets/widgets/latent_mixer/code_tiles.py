"""The code as tiles that are buttons, one a channel, strongest first, on one scale."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Collection

import ipywidgets as widgets
import numpy as np
import PIL.Image

from ...render.blend import Paint, as_picture
from ...render.scale import scale_of
from ...resampling import resized
from ...style import Style
from ..controls.channel_buttons import ChannelButtons
from ..core.elements import box, button, part, shown, style_child
from .mixture import as_maps

COLUMNS, MOST = 8, 32
SIDE = 56  # pixels that a tile is drawn in


def strongest_first(codes: np.ndarray) -> tuple[int, ...]:
    """Return the channels of some codes (N, ..., K), the one with the number farthest from zero first."""
    sizes = np.abs(codes.reshape(-1, codes.shape[-1])).max(axis=0)
    return tuple(int(k) for k in np.argsort(-sizes, kind="stable"))


class CodeTiles:
    """The buttons of a page of channels.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    choose : callable
        Called with the channel that was clicked.
    """

    def __init__(self, uid: str, choose: Callable[[int], None]) -> None:
        self._uid = uid
        self._sheet, self._numbers = style_child(), style_child()
        self.buttons = ChannelButtons(uid, "cv-code8", "Change", choose)
        back = button("‹", "cv-cancel", "Stronger channels", lambda: self.turn(-1))
        on = button("›", "cv-cancel", "Weaker channels", lambda: self.turn(1))
        self._pages = part(widgets.Label)
        self._pager = box(widgets.HBox, "cv-pager", back, self._pages, on)
        tiles = self.buttons.widget
        self.widget = box(widgets.VBox, "cv-codebox", self._sheet, self._numbers, tiles, self._pager)
        self.order: tuple[int, ...] = ()
        self.page = 0
        self._code, self._style = np.zeros((1, 1, 1), np.float32), Style()
        self._limit, self._signed = 1.0, False
        self._chosen: int | None = None
        self._changed: Collection[int] = ()

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels of the page that is shown."""
        return self.order[self.page * MOST : (self.page + 1) * MOST]

    def arrange(self, order: tuple[int, ...], limit: float, signed: bool) -> None:
        """Take an order of channels, the number that is drawn in full colour, and whether some are below zero."""
        self._limit, self._signed = limit or 1.0, signed
        if order != self.order:
            self.order, self.page, self._chosen = order, 0, None
            self._name()

    def show(self, code: np.ndarray, style: Style) -> None:
        """Draw a code."""
        self._code, self._style = as_maps(code), style
        signed = self._signed or bool((code < 0).any())
        drawn = sheet(self._code, self.channels, style.replace(limit=self._limit), signed)
        rows, columns = math.ceil(len(self.channels) / COLUMNS), COLUMNS
        at = f".{self._uid} .cv-tile"
        rules = [
            f"{at} {{ background-image: url({_png(drawn)}) !important; --rows: {rows}; --cols: {columns}; }}"
        ]
        for k in range(len(self.channels)):
            row, column = divmod(k, columns)
            x, y = column / max(1, columns - 1), row / max(1, rows - 1)
            rules.append(f"{at}.cv-k{k} {{ background-position: {x:.4%} {y:.4%} !important; }}")
        self._sheet.value = f"<style>{''.join(rules)}</style>"

    def mark(self, chosen: int, changed: Collection[int]) -> None:
        """Show which channel is looked at, on its page, and which are changed."""
        if chosen in self.order and chosen != self._chosen:
            page = self.order.index(chosen) // MOST
            if page != self.page:
                self.page = page
                self._name()
                self.show(self._code, self._style)
        self._chosen, self._changed = chosen, changed
        self.buttons.mark(chosen)
        for made, channel in zip(self.buttons.made, self.channels, strict=False):
            (made.add_class if channel in changed else made.remove_class)("cv-edited")

    def turn(self, by: int) -> None:
        """Turn the pages: -1 back, 1 on."""
        last = math.ceil(len(self.order) / MOST) - 1
        self.page = min(max(self.page + by, 0), last)
        self._name()
        self.show(self._code, self._style)
        if self._chosen is not None:
            self.mark(self._chosen, self._changed)

    def _name(self) -> None:
        """Call the buttons by the channels of the page, and say which page it is."""
        self.buttons.name(self.channels)
        self._numbers.value = f"<style>{self.buttons.numbers()}</style>"
        pages = math.ceil(len(self.order) / MOST)
        shown(self._pager, pages > 1)
        first = self.page * MOST
        self._pages.value = f"{first + 1}–{first + len(self.channels)} of {len(self.order)}"


def sheet(maps: np.ndarray, channels: tuple[int, ...], style: Style, signed: bool) -> np.ndarray:
    """Draw maps (h, w, K) cell by cell on one sheet of eight columns, uint8 (H, W, 3)."""
    rows = math.ceil(len(channels) / COLUMNS)
    page = np.zeros((rows * COLUMNS, SIDE, SIDE), np.float32)
    page[: len(channels)] = np.moveaxis(resized(maps[..., list(channels)], (SIDE, SIDE), smooth=False), 2, 0)
    tiles = page.reshape(rows, COLUMNS, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(rows * SIDE, COLUMNS * SIDE)
    scale = scale_of(tiles, signed, style, whole=True)
    return as_picture(Paint(scale.heat(tiles), scale.colours, scale.signed).planes())


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "png", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
