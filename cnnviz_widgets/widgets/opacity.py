"""The slider for how much the map covers the picture, off where the map stands alone."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..render import Style
from .controls import control
from .parts import part, row, shown

WHY = "The map stands alone: there is no picture under it. Overlay blends the two."


class Opacity:
    """A slider with its label, and in place of its number a word why it is off.

    Parameters
    ----------
    style : Style
        What it stands at.

    Attributes
    ----------
    slider : FloatSlider
        The slider.
    row : HBox
        All of it.
    """

    def __init__(self, style: Style) -> None:
        spec = Style.specs()["opacity"]
        self._help = spec.help
        self.slider: Any = control(spec, style.opacity)
        self.row = row("Opacity", self.slider, help=spec.help)
        self._why = part(widgets.Label, "cv-why", "not in Map", tooltip=WHY)
        self.row.children = (*self.row.children, self._why)
        self.put(style)

    def put(self, style: Style) -> None:
        """Move it to a style, and switch it off where that draws the map alone."""
        alone = style.mode == "map"
        self.slider.value, self.slider.disabled = style.opacity, alone
        self.slider.tooltip = WHY if alone else self._help
        (self.row.add_class if alone else self.row.remove_class)("cv-off")
        shown(self._why, alone)
