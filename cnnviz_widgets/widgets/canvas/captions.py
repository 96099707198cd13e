"""The words of a figure: labels on the tiles, the colour bar, and what stands under it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .axes import alike
from .layout import INK, Sheet, labels, map_tag
from .scene import Scene

UNDER = ("low", "zero", "unit", "high")
# Plain text only: Matplotlib's formula parser is shared by all threads and not safe in any but one.
FONT: dict[str, Any] = {"usetex": False, "parse_math": False, "family": "DejaVu Sans", "fontsize": 7.6}
PLAIN: dict[str, Any] = {**FONT, "va": "top", "animated": True}


class Captions:
    """The texts and the colour bar, on a figure that gives them their places."""

    def __init__(self, figure: Figure) -> None:
        self.axes = figure.add_axes((0, 0, 1, 1), label="bar")
        self.axes.set_axis_off()
        self.axes.set_navigate(False)
        blank = np.zeros((1, 1, 3), np.uint8)
        self.bar = self.axes.imshow(
            blank, aspect="auto", extent=(0, 1, 1, 0), animated=True, origin="upper", interpolation="nearest"
        )
        self.axes.set(xlim=(0, 1), ylim=(1, 0), autoscale_on=False)
        self.ticks = [
            Line2D([0, 0], [0, 0], color=colour, linewidth=line, animated=True, visible=False)
            for colour, line in (("black", 2.4), (INK, 0.9))
        ]
        for tick in self.ticks:
            figure.add_artist(tick)
        self.under = {name: figure.text(0, 0, "", color=INK, **PLAIN) for name in UNDER}
        ground: dict[str, Any] = {"facecolor": "black", "alpha": 0.55, "edgecolor": "none", "pad": 2.5}
        self.tags = {
            name: figure.text(0, 0, "", color="white", bbox=dict(ground), **PLAIN)
            for name in ("photo", "map")
        }
        self._said: Any = None
        self._colours: Any = None

    @property
    def artists(self) -> tuple[Any, ...]:
        """What is drawn in the bar's region, in order."""
        return (self.bar, *self.ticks, *self.under.values())

    def arrange(self, sheet: Sheet) -> None:
        """Move to the places of a sheet."""
        self._said = None
        width, height = sheet.width, sheet.height
        self.axes.set_visible("bar" in sheet.boxes)
        if "bar" not in sheet.boxes:
            return
        bar = sheet.boxes["bar"]
        low = 1 - (bar.y + bar.height) / height
        self.axes.set_position((bar.x / width, low, bar.width / width, bar.height / height))
        for name, tag in self.tags.items():
            tag.set_position(((sheet.boxes[name].x + 6) / width, 1 - (sheet.boxes[name].y + 6) / height))

    def write(self, scene: Scene, sheet: Sheet) -> set[str]:
        """Show a scene's words and bar; return the regions that change."""
        said = (scene.low, scene.high, scene.unit, scene.zero, scene.tags, scene.bar is None)
        same = said == self._said and alike(scene.bar, self._colours)
        if "bar" not in sheet.boxes or same:
            return set()
        self._said, self._colours = said, scene.bar
        self.bar.set_visible(scene.bar is not None)
        if scene.bar is not None:
            self.bar.set_data(scene.bar[None])
        return self._tag(scene, self._label(scene, sheet)) | {"scale"}

    def _label(self, scene: Scene, sheet: Sheet) -> str:
        """Write under the bar and mark zero; return the unit if there was no room for it."""
        bar, width, height = sheet.boxes["bar"], sheet.width, sheet.height
        placed, unit = labels(bar.width, scene.low, scene.high, scene.unit, scene.zero)
        for text, label in zip(self.under.values(), placed, strict=True):
            text.set(text=label.text, ha=label.align)
            text.set_position(((bar.x + label.x) / width, 1 - (bar.y + 12) / height))
        for tick, longer in zip(self.ticks, (3, 2), strict=True):
            tick.set_visible(scene.zero is not None and scene.bar is not None)
            if scene.zero is not None:
                x = (bar.x + min(max(scene.zero * bar.width, 1), bar.width - 1)) / width
                ends = bar.y - longer, bar.y + bar.height + longer
                tick.set_data([x, x], [1 - y / height for y in ends])
        return unit

    def _tag(self, scene: Scene, unit: str) -> set[str]:
        changed = set()
        words = {
            "photo": scene.tags[0] if scene.photo is not None else "",
            "map": map_tag(scene.tags[1], unit) if scene.map is not None else "",
        }
        for name, tag in self.tags.items():
            if tag.get_text() != words[name]:
                tag.set(text=words[name], visible=bool(words[name]))
                changed.add(name)
        return changed
