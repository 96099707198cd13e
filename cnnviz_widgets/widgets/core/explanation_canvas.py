"""Puts an explanation on the canvas, and says what is under the mouse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ...explanation import ActivationMaps, ColourMap, Explanation, Heatmap, Kernels, LabelMap
from ...images.image import Image
from ...objectives import Objective, Unit
from ...render import Panels, as_text, layout, panels
from ...render.blend import ground
from ...render.marks import marked
from ...render.picture import fitting
from ...style import Style
from ..canvas import Canvas, Scene
from .answer_view import AnswerView

MOST_RATIO = 2.0
SMALLEST_BOX = 0.03  # of the picture's side; a shorter drag is an unsteady click


class ExplanationCanvas:
    """An explanation on a view.

    Parameters
    ----------
    view : Canvas
        The canvas.
    hover : callable
        Called with a text for what is under the mouse, or None.
    pick : callable
        Called with the objective that was clicked.
    answers : sequence of AnswerView
        What adds marks, and gives places a meaning; the first that gives one has it.
    lock : context manager, optional
        Held while they are asked.
    """

    def __init__(
        self,
        view: Canvas,
        hover: Callable[[str | None], None],
        pick: Callable[[Objective], None],
        answers: Sequence[AnswerView] = (),
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.view, self._hover, self._pick = view, hover, pick
        self._answers, self._lock = tuple(answers), lock or nullcontext()
        self.explanation: Explanation | None = None
        self.panels: Panels | None = None
        self.page = 0
        self._scene: Scene | None = None
        self._grabbed: tuple[float, float] | None = None
        view.on_hover = self._hovered
        view.on_click = self._clicked
        view.on_drag = lambda what, x, y: self._dragged("hero", what, x, y)
        view.on_tile_drag = lambda what, x, y: self._dragged("photo", what, x, y)

    def show(self, explanation: Explanation, style: Style) -> None:
        """Draw an explanation in a style, at first as a quick preview, which the view sharpens by itself."""
        ratio = min(self.view.pixel_ratio, MOST_RATIO)
        hero, tile = round(self.view.hero_size * ratio), round(self.view.tile_size * ratio)
        if not self._same_maps(explanation):
            self.page = 0
        self.explanation = explanation
        drawn = self.panels = panels(explanation, style, hero, tile or hero // 2, self.page)
        marks = self.kept(explanation).marks
        large = marked(drawn.hero, marks, style.mode == "side by side")
        scene = Scene(
            hero=large, photo=drawn.photo, map=drawn.map, bar=drawn.bar, low=drawn.low, high=drawn.high,
            unit=drawn.unit, tags=("input", drawn.tag), zero=drawn.zero,
        )  # fmt: skip
        for answer in self._answers:
            scene = answer.dress(explanation, scene)
        self._scene = scene
        self.view.show(scene, moving=True)

    def show_picture(self, image: Image) -> None:
        """Draw a picture alone, for where there has been nothing to explain it yet."""
        side = round(self.view.hero_size * min(self.view.pixel_ratio, MOST_RATIO))
        self.view.show(Scene(hero=ground(image, fitting(image.size, side)).photo))

    def kept(self, explanation: Explanation) -> Explanation:
        """Return an explanation with those of its marks that are to be seen."""
        marks = tuple(m for m in explanation.marks if all(answer.wanted(m) for answer in self._answers))
        return explanation if marks == explanation.marks else dataclasses.replace(explanation, marks=marks)

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
        with self._lock:
            said = next((text for a in self._answers if (text := a.text_at(region, x, y)) is not None), None)
        if said is not None:
            return said
        if isinstance(explanation, ActivationMaps) and region in ("hero", "map"):
            return self._channel_text(explanation, region, x, y)
        if isinstance(explanation, LabelMap):
            return explanation.legend[int(explanation.values[cell(explanation.values.shape, x, y)])]
        if not isinstance(explanation, Heatmap | ColourMap):
            return None
        height, width = explanation.image.size
        row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
        pixel = " ".join(as_text(float(v)) for v in explanation.image.pixels[row, column][:3])
        i, j = cell(explanation.values.shape, x, y, None if region == "map" else explanation.extent)
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
        with self._lock:
            if explanation is not None and any(a.clicked(explanation, region, x, y) for a in self._answers):
                return
        if isinstance(explanation, ActivationMaps) and region == "hero":
            channel = self._channel_at(explanation, x, y)
            if channel is not None:
                self._pick(Unit(explanation.layer, channel))
        elif isinstance(explanation, Kernels):
            return  # a weight is no unit
        elif (meant := self._meant(lambda answer: answer.target_at(region, x, y))) is not None:
            self._pick(meant)
        elif region == "map" and isinstance(explanation, Heatmap | ActivationMaps) and explanation.layer:
            self._pick(Unit(explanation.layer, None, cell(explanation.values.shape, x, y)))

    def _dragged(self, region: str, what: str, x: float, y: float) -> None:
        """Draw a rectangle while the mouse is held, and take it for the target once it is let go."""
        if isinstance(self.explanation, ActivationMaps):
            return
        if what == "grab" or self._grabbed is None:
            self._grabbed = (x, y)
            return
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(self._grabbed, (x, y), strict=True))
        area = left, top, right - left, bottom - top
        meant = None
        if min(area[2:]) >= SMALLEST_BOX:
            meant = self._meant(lambda answer: answer.target_in(region, area))
        if meant is not None and self._scene is not None and what == "move":
            self.view.show(dataclasses.replace(self._scene, frame=area), moving=True)
        if what == "drop":
            self._grabbed = None
            if meant is not None:
                self._pick(meant)

    def _meant(self, ask: Callable[[AnswerView], Objective | None]) -> Objective | None:
        """Return the first objective that one of the views gives."""
        with self._lock:
            return next((found for answer in self._answers if (found := ask(answer)) is not None), None)


def cell(
    shape: tuple[int, ...],
    x: float,
    y: float,
    extent: tuple[float, float, float, float] | None = None,
) -> tuple[int, int]:
    """Return (row, column) of the cell at a place in shares of width and height; `extent` is where the map lies."""
    top, left, height, width = extent or (0.0, 0.0, 1.0, 1.0)
    row, column = int((y - top) / height * shape[0]), int((x - left) / width * shape[1])
    return min(max(row, 0), shape[0] - 1), min(max(column, 0), shape[1] - 1)
