"""Puts an explanation on the canvas, and says what is under the mouse."""

from __future__ import annotations

from collections.abc import Callable

from ..explanation import ActivationMaps, ColourMap, Explanation, Heatmap, Kernels, LabelMap
from ..objective import Objective, Unit
from ..render import Panels, Style, as_text, layout, panels
from .canvas import Scene, View

MOST_RATIO = 2.0


class Stage:
    """An explanation on a view.

    Parameters
    ----------
    view : View
        The canvas.
    hover : callable
        Called with a text for what is under the mouse, or None.
    pick : callable
        Called with the unit that was clicked.
    """

    def __init__(
        self, view: View, hover: Callable[[str | None], None], pick: Callable[[Objective], None]
    ) -> None:
        self.view, self._hover, self._pick = view, hover, pick
        self.explanation: Explanation | None = None
        self.panels: Panels | None = None
        self.page = 0
        view.on_hover = self._hovered
        view.on_click = self._clicked

    def show(self, explanation: Explanation, style: Style) -> None:
        """Draw an explanation in a style, at first as a quick preview, which the view sharpens by itself."""
        ratio = min(self.view.pixel_ratio, MOST_RATIO)
        hero, tile = round(self.view.hero_size * ratio), round(self.view.tile_size * ratio)
        if not self._same_maps(explanation):
            self.page = 0
        self.explanation = explanation
        drawn = self.panels = panels(explanation, style, hero, tile or hero // 2, self.page)
        self.view.show(
            Scene(
                hero=drawn.hero, photo=drawn.photo, map=drawn.map, bar=drawn.bar, low=drawn.low, high=drawn.high,
                unit=drawn.unit, tags=("input", drawn.tag), zero=drawn.zero,
            ),
            moving=True,
        )  # fmt: skip

    @property
    def pages(self) -> int:
        """How many pages the collage has; 1 if there is none."""
        return layout(self.explanation, 100).pages if isinstance(self.explanation, ActivationMaps) else 1

    def _same_maps(self, explanation: Explanation) -> bool:
        """Whether the collage that comes is of the layer that is on the screen, so that the page can stay."""
        before = self.explanation
        return isinstance(before, ActivationMaps) and getattr(explanation, "layer", None) == before.layer

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        self._hover(None if region is None or self.explanation is None else self._under(region, x, y))

    def _under(self, region: str, x: float, y: float) -> str | None:
        explanation = self.explanation
        if isinstance(explanation, ActivationMaps) and region in ("hero", "map"):
            return self._channel_text(explanation, region, x, y)
        if isinstance(explanation, LabelMap):
            return explanation.legend[int(explanation.values[cell(explanation.values.shape, x, y)])]
        if not isinstance(explanation, Heatmap | ColourMap):
            return None
        height, width = explanation.image.size
        row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
        pixel = " ".join(as_text(float(v)) for v in explanation.image.pixels[row, column][:3])
        i, j = cell(explanation.values.shape, x, y)
        value = " ".join(as_text(float(v)) for v in explanation.values[i, j].reshape(-1)[:3])
        place = f"pixel {row}, {column}: {pixel}"
        return f"{place} · {value}" if not explanation.layer else f"{place} · cell {i}, {j}: {value}"

    def _channel_text(self, maps: ActivationMaps, region: str, x: float, y: float) -> str | None:
        if region == "hero":
            channel = self._channel_at(maps, x, y)
            return None if channel is None else f"channel {channel}"
        channel = layout(maps, 100, self.page).channels[0]
        i, j = cell(maps.values.shape, x, y)
        return f"channel {channel} · cell {i}, {j}: {as_text(float(maps.values[i, j, channel]))}"

    def _channel_at(self, maps: ActivationMaps, x: float, y: float) -> int | None:
        side = max(self.panels.hero.shape[:2]) if self.panels else 100
        return layout(maps, side, self.page).at(x, y)

    def _clicked(self, region: str, x: float, y: float) -> None:
        explanation = self.explanation
        if isinstance(explanation, ActivationMaps) and region == "hero":
            channel = self._channel_at(explanation, x, y)
            if channel is not None:
                self._pick(Unit(explanation.layer, channel))
        elif isinstance(explanation, Kernels):
            return  # a weight is no unit
        elif region == "map" and isinstance(explanation, Heatmap | ActivationMaps) and explanation.layer:
            self._pick(Unit(explanation.layer, None, cell(explanation.values.shape, x, y)))


def cell(shape: tuple[int, ...], x: float, y: float) -> tuple[int, int]:
    """Return (row, column) of the cell at a place given as shares of width and height."""
    return min(int(y * shape[0]), shape[0] - 1), min(int(x * shape[1]), shape[1] - 1)
