"""A class at every place: the mask in a tile, its line on the picture, and places, boxes and masks as targets."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...explanation import Explanation, Mark, MaskLine
from ...objectives import ClassScore, Objective, words
from ...probe import Probe
from ...regions import Box, Mask, Place
from ...render.marks import tinted
from ..canvas import Scene
from ..core.answer_view import AnswerView, Area
from ..core.elements import box, button, part, shown, title
from ..core.explanation_canvas import cell
from ..core.predictions import class_colours

PLACE, BOX, ALL = "Place", "Box", "All of it"
TIPS = {
    PLACE: "Explain the class at one place",
    BOX: "Explain the class over a rectangle",
    ALL: "Explain the class over every place where it wins",
}
DRAWN_ON = ("hero", "photo")
HINT = "Click the picture or its mask, drag a box, or take every place where the class wins."
BACKGROUND = "No class wins here. Shown: the background."


class SegmentationView(AnswerView):
    """The mask, and what of it is explained.

    Parameters
    ----------
    probe : Probe
        The network.
    choose, redraw : callable
        As for `AnswerView`.

    Attributes
    ----------
    how : ToggleButtons
        Place, box, or all places where the class wins.
    line : Checkbox
        Whether the line round the mask is drawn.
    """

    chips = True

    def __init__(
        self,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        redraw: Callable[[], None],
    ) -> None:
        super().__init__(choose, redraw)
        self._probe, self._quiet = probe, False
        self._target: ClassScore | None = None
        self.chip = button("", "cv-chip", "Back to what the network says", lambda: choose(None))
        self.how = part(widgets.ToggleButtons, "cv-seg", options=[PLACE, BOX, ALL], value=None)
        self.how.tooltips = [TIPS[name] for name in (PLACE, BOX, ALL)]
        self.how.observe(self._how_picked, "value")
        self._hint = part(widgets.HTML)
        self.line = part(widgets.Checkbox, value=True, description="Mask line", indent=False)
        self.line.tooltip = "A white line round the places where the class wins"
        self.line.observe(lambda _: self.redraw(), "value")
        section = box(widgets.VBox, "cv-sec", title("What is explained"), self.chip, self.how, self._hint)
        self.beside, self.under_style = (section,), (self.line,)
        self._say(HINT)

    def mark(self, target: Objective | None) -> None:
        """Name what is explained in the chip, and say how it was chosen."""
        self._target = target if isinstance(target, ClassScore) else None
        shown(self.chip, target is not None)
        self.chip.description = f"{self._words(target)}  ×" if target is not None else ""
        self._quiet = True
        try:
            self.how.value = _how(self._target)
        finally:
            self._quiet = False
        self._say(BACKGROUND if self._on_background() else HINT)

    def dress(self, explanation: Explanation, scene: Scene) -> Scene:
        """Put the mask into the upper tile."""
        classes = self._classes
        if classes is None or self._target is None or not self.about(explanation):
            return scene
        if scene.photo is None:
            return scene
        colours = class_colours(self._probe.classes)
        photo = tinted(scene.photo, classes, colours, self._target.number, self._extent)
        return dataclasses.replace(scene, photo=photo, tags=("mask: click a place", scene.tags[1]))

    def wanted(self, mark: Mark) -> bool:
        """Return whether a mark is to be seen; the line round the mask can be switched off."""
        return bool(self.line.value) or not isinstance(mark, MaskLine)

    def target_at(self, region: str, x: float, y: float) -> Objective | None:
        """Return the class that wins at a place of the hero or the mask, there."""
        if self._classes is None or region not in DRAWN_ON:
            return None
        place = cell(self._classes.shape, x, y, self._extent)
        return self._there(int(self._classes[place]), place)

    def target_in(self, region: str, area: Area) -> Objective | None:
        """Return the class that covers most of a rectangle, there."""
        classes = self._classes
        if classes is None or region not in DRAWN_ON:
            return None
        x, y, width, height = area
        top, left = cell(classes.shape, x, y, self._extent)
        bottom, right = cell(classes.shape, x + width, y + height, self._extent)
        covered = classes[top : bottom + 1, left : right + 1]
        covered = covered[covered >= 0]
        most = int(np.bincount(covered).argmax()) if covered.size else -1
        return self._there(most, Box(top, left, bottom - top + 1, right - left + 1))

    def _there(self, number: int, at: Place) -> ClassScore | None:
        """Return a class at a place; where none is predicted, the one that is explained."""
        if number >= 0:
            return ClassScore(number, at=at)
        return None if self._target is None else ClassScore(self._target.index, at=at)

    def text_at(self, region: str, x: float, y: float) -> str | None:
        """Return the class at a place of the mask."""
        if self._classes is None or region != "photo":
            return None
        place = cell(self._classes.shape, x, y, self._extent)
        number = int(self._classes[place])
        name = self._probe.label(number) if number >= 0 else "no class"
        return f"{name} at {place[0]}, {place[1]}"

    @property
    def hint(self) -> str:
        """The sentence under the three ways, as HTML."""
        return str(self._hint.value)

    @property
    def _classes(self) -> np.ndarray | None:
        """The class that wins at each place, int32 (h, w), -1 for none; None while it is not known."""
        return None if self.said is None else self.said.classes

    @property
    def _extent(self) -> tuple[float, float, float, float] | None:
        """Where the places of the output lie on the picture, in shares of it; None if that is all of it."""
        return None if self.said is None else self._probe.output_extent(self.said.image.size)

    def _how_picked(self, change: dict[str, Any]) -> None:
        """Take the place in the middle of the class, the box round it, or all of it."""
        if self._quiet or change["new"] is None or self._classes is None:
            return
        index = self._target.number if self._target is not None else max(0, int(self._classes.flat[0]))
        won = self._classes == index
        if change["new"] == ALL or not won.any():
            self.choose(ClassScore(index, at="predicted") if won.any() else None)
            return
        rows, columns = np.nonzero(won)
        if change["new"] == PLACE:
            nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
            self.choose(ClassScore(index, at=(int(rows[nearest]), int(columns[nearest]))))
            return
        (top, bottom), (left, right) = ((int(at.min()), int(at.max())) for at in (rows, columns))
        self.choose(ClassScore(index, at=Box(top, left, bottom - top + 1, right - left + 1)))

    def _on_background(self) -> bool:
        """Return whether what is explained is one place, and of the background."""
        if self._target is None or not isinstance(self._target.at, tuple):
            return False
        named = self._probe.label(self._target.number).casefold() == "background"
        return named or (self._probe.outputs == 1 and self._target.number == 0)

    def _words(self, target: Objective | None) -> str:
        if isinstance(target, ClassScore) and (target.at == "predicted" or isinstance(target.at, Mask)):
            whole = words(dataclasses.replace(target, at=None), self._probe.labels)
            return f"{whole} where it wins" if _how(target) == ALL else f"{whole} in a mask"
        return words(target, self._probe.labels)

    def _say(self, text: str) -> None:
        value = f'<div class="cv-notes" role="note">{html.escape(text)}</div>'
        if self._hint.value != value:
            self._hint.value = value


def _how(target: ClassScore | None) -> str | None:
    """Return which of the three ways a target was chosen by; None if by none of them."""
    at = target.at if target is not None else None
    if isinstance(at, Mask):
        return ALL if at.name == "predicted" else None
    if at == "predicted":
        return ALL
    return PLACE if isinstance(at, tuple) else BOX if isinstance(at, Box) else None
