"""The mouse on an occlusion explorer: it drags the patch, sends it to a place on a map, and reads the maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...explanation import LabelMap
from ...render import as_text
from ..stage import cell

if TYPE_CHECKING:
    from .screen import OcclusionScreen


class PatchMouse:
    """Follows the mouse on the canvas.

    Parameters
    ----------
    screen : OcclusionScreen
        Whose canvas it is.

    Attributes
    ----------
    used : bool
        Whether the reader has dragged the patch already.
    """

    def __init__(self, screen: OcclusionScreen) -> None:
        self._screen, self._owner = screen, screen.owner
        self._held: tuple[float, float] | None = None
        self.used = False
        view = self._owner._view
        view.on_hover, view.on_click, view.on_drag = self._hovered, self._clicked, self._drag

    def _drag(self, what: str, x: float, y: float) -> None:
        with self._owner._lock:
            if self._owner._closed:
                return
            side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
            row, column = self._screen.place()
            down, across = y * height - row, x * width - column
            if what == "grab":
                inside = 0 <= down < side and 0 <= across < side
                self._held = (down, across) if inside else (side / 2, side / 2)
            if self._held is not None:
                self.used = self.used or what == "move"
                self._put(y * height - self._held[0], x * width - self._held[1])
            if what == "drop":
                self._held = None

    def _clicked(self, region: str, x: float, y: float) -> None:
        with self._owner._lock:
            if region != "hero" and not self._owner._closed:  # on the hero, the drag has done it
                side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
                self._put(y * height - side / 2, x * width - side / 2)

    def _put(self, down: float, across: float) -> None:
        """Move the patch as near to a corner as the picture allows."""
        side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
        place = min(max(round(down), 0), height - side), min(max(round(across), 0), width - side)
        if place != self._screen.place():
            self._owner.stop()
            self._owner.position = place

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        shown = {"photo": 0, "map": 1}.get(region or "")
        maps = self._screen.tiles.maps
        found = None if shown is None or maps is None else maps[shown]
        values = getattr(found, "values", None)
        text = None
        if values is not None:
            value = values[cell(values.shape, x, y)]
            text = found.legend[int(value)] if isinstance(found, LabelMap) else as_text(float(value))
        self._owner._desk.footer.hover(text)
