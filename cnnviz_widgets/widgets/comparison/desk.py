"""The controls of a comparison, laid out: the table or the large picture, style, scale, and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ...export.scales import rule
from ...render import Style
from ..parts import box, button, part, shown, stylesheet, title
from ..rim import Rim
from ..stylebar import StyleBar
from ..swatches import Swatches
from .cells import Cells
from .words import titled

if TYPE_CHECKING:
    from .comparison import Comparison

SCALES = {"Each its own": "own", "Shared": "shared"}


class ComparisonDesk(Rim):
    """The controls around the table.

    Parameters
    ----------
    owner : Comparison
        Whose they are.
    """

    _owner: Comparison

    def __init__(self, owner: Comparison) -> None:
        super().__init__(owner, _nothing)
        self.cells = Cells(owner.uid, owner.plan.frame, owner.enlarge)
        self.back = button("‹ Back to the grid", "cv-cancel", "Show all of them again", owner.shrink)
        self.named = part(widgets.HTML)
        canvas = box(widgets.Box, "cv-canvas", owner._view.widget)
        self._large = box(
            widgets.VBox, "cv-large", box(widgets.HBox, "cv-back", self.back, self.named), canvas
        )
        self.both = Swatches(owner.uid, self._recoloured)
        self.both.widget.children[0].value = "± maps"
        self.style = StyleBar(owner.uid, owner.style, self._restyled, _nothing, (self.both.style,))
        shown(self.style.same, False)
        self.scale = part(widgets.ToggleButtons, options=list(SCALES.items()), value=owner.scale)
        self.scale.add_class("cv-seg")
        self.scale.observe(lambda change: self.set_trait("scale")(change["new"]), "value")
        self._rule, self.read = part(widgets.HTML), part(widgets.HTML)
        scale = box(widgets.VBox, "cv-sec", title("Scale"), self.scale, self._rule)
        reading = box(widgets.VBox, "cv-sec", title("How to read it"), self.read)
        self.style.widget.children = self._with_both(self.style.widget.children)
        heading = part(widgets.HTML, "", titled(owner.plan.frame))
        picture = box(widgets.VBox, "cv-two", self.cells.widget, self._large)
        css = stylesheet("comparison/comparison.css")
        self.children = self.framed(picture, (self.style.widget, scale, reading), heading, css=css)
        shown(self.lever, False)
        self.show_large(False)
        self.put(owner.style, owner.scale)

    def put(self, style: Style, scale: str) -> None:
        """Move the controls to a style and a scale."""
        self.style.put(style)
        self.both.put(style, True)
        self.scale.value = scale
        self._rule.value = f'<div class="cv-rule">{rule(self._owner.plan.frame, scale)}</div>'

    def suit(self, plain: bool, signed: bool) -> None:
        """Show the colours that are in use: those of maps from 0 up, those of maps with two signs, or both."""
        self.style.suit(signed and not plain, True)
        shown(self.both.widget, signed and plain)

    def show_large(self, large: bool) -> None:
        """Show the large picture in place of the table, or the table."""
        shown(self._large, large)
        shown(self.cells.widget, not large)

    def resize(self, width: int) -> None:
        """Give the table its width, or that of the large picture if it is wider."""
        super().resize(max(width, self.cells.width))

    def _with_both(self, children: Any) -> tuple[widgets.Widget, ...]:
        """Return the style's controls with a second row of colours under the first."""
        at = list(children).index(self.style._swatches.widget) + 1
        return (*children[:at], self.both.widget, *children[at:])

    def _restyled(self, style: Style, moving: bool) -> None:
        self._owner.style = style

    def _recoloured(self, setting: str, name: str) -> None:
        self._owner.style = self._owner.style.replace(**{setting: name})


def _nothing(_: Any) -> None:
    """Stand in for what a comparison does not have: pages, one scale for all layers."""
