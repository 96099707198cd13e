"""What a canvas shows, all finished pixels, and what every canvas can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ImageError
from .layout import Sheet

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Scene:
    """What the canvas shows, all finished pixels; the canvas never computes.

    Arrays are taken as they are: write to a new one, not into one that was shown.

    Parameters
    ----------
    hero
        (H, W, 3) uint8, the picture, best composed at the view's ``hero_size * pixel_ratio``; any aspect.
    photo
        (h, w, 3) uint8 for the upper tile, or ``None``.
    map
        (h, w, 3) uint8, one pixel a cell, for the lower tile, or ``None``.
    bar
        (n, 3) uint8 colours from low to high, or ``None``.
    low, high, unit
        Texts under the bar.
    tags
        Small labels of the two tiles.
    zero
        Place of zero on the bar, from 0 to 1, for signed maps.
    frame
        White rectangle on the hero as (x, y, width, height), each from 0 to 1.
    """

    hero: Pixels
    photo: Pixels | None = None
    map: Pixels | None = None
    bar: Pixels | None = None
    low: str = ""
    high: str = ""
    unit: str = ""
    tags: tuple[str, str] = ("input", "map")
    zero: float | None = None
    frame: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        for name, axes in (("hero", 3), ("photo", 3), ("map", 3), ("bar", 2)):
            array = getattr(self, name)
            if array is None and name != "hero":
                continue
            if not isinstance(array, np.ndarray):
                raise ImageError(f"Scene.{name} must be a uint8 array; got {type(array).__name__}.")
            if array.ndim != axes or array.shape[-1] != 3 or array.dtype != np.uint8 or not array.size:
                wanted = "(height, width, 3)" if axes == 3 else "(colours, 3)"
                raise ImageError(
                    f"Scene.{name} must be a uint8 array of shape {wanted}; got {array.dtype} {array.shape}."
                )


def nothing(*_: Any) -> Any:
    """Stand in for a callback that nobody has set."""


class Canvas:
    """A canvas on the screen: shows scenes, reports the mouse. Made by :func:`make_canvas`.

    Attributes
    ----------
    widget
        What to place in a box.
    pixel_ratio
        Screen pixels a CSS pixel; known from :attr:`on_ready` on.
    on_hover
        Called with ``("hero" | "photo" | "map", x, y)``, x and y from 0 to 1 of that picture, and with
        ``None`` alone when the mouse leaves.
    on_click
        Called with the same three for a click that is not a drag.
    on_drag
        Called with ``"grab"``, ``"move"`` or ``"drop"`` and x and y from 0 to 1 of the hero while the mouse draws
        something over it; not while the toolbar's pan or zoom is on.
    on_tile_drag
        The same for the upper tile.
    on_ready
        Called with nothing each time a front end has come up, a reloaded page too.
    """

    widget: Any
    pixel_ratio: float

    def __init__(self, size: str | int = "L") -> None:
        self.sheet = Sheet.of(size)
        self.forget()

    @property
    def hero_size(self) -> int:
        """Side of the hero in CSS pixels."""
        return self.sheet.hero

    @property
    def tile_size(self) -> int:
        """Side of a tile in CSS pixels; 0 where only the hero is drawn."""
        return self.sheet.tile

    def forget(self) -> None:
        """Drop the callbacks."""
        self.on_hover: Callable[..., None] = nothing
        self.on_click: Callable[[str, float, float], None] = nothing
        self.on_drag: Callable[[str, float, float], None] = nothing
        self.on_tile_drag: Callable[[str, float, float], None] = nothing
        self.on_ready: Callable[[], None] = nothing

    def show(self, scene: Scene, *, moving: bool = False) -> None:
        """Draw a scene, from any thread; while moving as a quick preview that sharpens after a short rest."""
        raise NotImplementedError

    def resize(self, size: str | int) -> None:
        """Change to another named size; the scene stays."""
        raise NotImplementedError

    def png(self) -> bytes:
        """Return the whole canvas as it is, as a PNG file."""
        raise NotImplementedError

    def close(self) -> None:
        """Free everything; a second call does nothing."""
        raise NotImplementedError
