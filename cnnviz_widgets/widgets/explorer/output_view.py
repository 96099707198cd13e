"""A picture that a network gives back: it stands in a tile, and any pixel of it can be explained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...explanation import Explanation
from ...objectives import Objective, Output
from ...render import as_text
from ...render.marks import ring
from ..canvas import Scene
from ..core.answer_view import AnswerView
from ..core.elements import box, part, shown, title
from ..core.explanation_canvas import cell

COLOURS = ("Red", "Green", "Blue")
MOST_CHANNELS = 64


class OutputView(AnswerView):
    """The output in the upper tile; a click on it explains that pixel.

    Parameters
    ----------
    choose, redraw : callable
        As for `AnswerView`.

    Attributes
    ----------
    channel : ToggleButtons or Dropdown
        Which channel of a pixel a click explains.
    """

    def __init__(
        self, channels: int, choose: Callable[[Objective | None], None], redraw: Callable[[], None]
    ) -> None:
        super().__init__(choose, redraw)
        self._target: Output | None = None
        self._quiet = False
        names = COLOURS if channels == 3 else tuple(map(str, range(min(channels, MOST_CHANNELS))))
        options = [(name, k) for k, name in enumerate(names)]
        if len(options) <= 4:
            self.channel: Any = part(widgets.ToggleButtons, "cv-seg", options=options, value=0)
        else:
            self.channel = part(widgets.Dropdown, options=options, value=0)
        self.channel.observe(self._channel_picked, "value")
        section = box(widgets.VBox, "cv-sec", title("Which channel", "of the pixel"), self.channel)
        shown(section, channels > 1)
        self.beside = (section,)

    def mark(self, target: Objective | None) -> None:
        """Show which channel is explained."""
        self._target = target if isinstance(target, Output) and len(target.indices) == 3 else None
        if self._target is not None and self._target.indices[2] < len(self.channel.options):
            self._quiet = True
            try:
                self.channel.value = self._target.indices[2]
            finally:
                self._quiet = False

    def dress(self, explanation: Explanation, scene: Scene) -> Scene:
        """Put the output into the upper tile, and a ring where a pixel is explained."""
        output = None if self.said is None else self.said.output
        if scene.photo is None or output is None or not self.about(explanation):
            return scene
        place = self._place()
        photo = _drawn(output, scene.photo.shape[:2], explanation.image.range)
        changes: dict[str, Any] = {"photo": photo, "tags": ("output: click a pixel", scene.tags[1])}
        if place is not None:
            changes["photo"] = ring(place, photo.shape[:2]).on(photo)
        return dataclasses.replace(scene, **changes)

    def target_at(self, region: str, x: float, y: float) -> Objective | None:
        """Return the pixel of the output under a click on its tile."""
        if region != "photo" or self.said is None or self.said.output is None:
            return None
        return Output(*cell(self.said.output.shape, x, y), int(self.channel.value))

    def text_at(self, region: str, x: float, y: float) -> str | None:
        """Return the pixel of the output under the mouse."""
        if region != "photo" or self.said is None or self.said.output is None:
            return None
        row, column = cell(self.said.output.shape, x, y)
        values = " ".join(as_text(float(v)) for v in self.said.output[row, column][:3])
        return f"output {row}, {column}: {values}"

    def _place(self) -> tuple[float, float] | None:
        if self._target is None or self.said is None or self.said.output is None:
            return None
        (row, column, _), shape = self._target.indices, self.said.output.shape
        return (column + 0.5) / shape[1], (row + 0.5) / shape[0]

    def _channel_picked(self, change: dict[str, Any]) -> None:
        if not self._quiet and self._target is not None:
            row, column, _ = self._target.indices
            self.choose(Output(row, column, int(change["new"])))


def _drawn(output: np.ndarray, size: tuple[int, int], meant: tuple[float, float]) -> np.ndarray:
    """Return an output, float (h, w, C), as uint8 (height, width, 3), in the picture's range or its own if far off."""
    (low, high), own = meant, (float(output.min()), float(output.max()))
    slack = 0.25 * (high - low)
    if own[0] < low - slack or own[1] > high + slack or own[1] - own[0] < (high - low) / 50:
        low, high = own
    shown = np.clip((output - low) / max(high - low, 1e-12), 0, 1)
    colour = shown if shown.shape[-1] == 3 else np.repeat(shown.mean(axis=-1, keepdims=True), 3, axis=-1)
    rows = (2 * np.arange(size[0]) + 1) * output.shape[0] // (2 * size[0])
    columns = (2 * np.arange(size[1]) + 1) * output.shape[1] // (2 * size[1])
    return np.round(255 * colour[rows[:, None], columns]).astype(np.uint8)
