"""The sliders that change the chosen channel of the code, or one cell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..parts import box, button, part, row, shown
from .drawing import rounded_up
from .mixture import Cell, CodeEdit
from .snap import is_rounded

LOUDEST = 3.0
STEPS = 40
WHERE = {"Whole map": False, "One cell": True}


class Editor:
    """Scale, amount and place of a change.

    Parameters
    ----------
    change : callable
        Called with the change that the sliders stand for.
    look : callable
        Called with the cell to change, or None for the whole map.
    forget : callable
        Called to take all changes back.
    """

    def __init__(
        self,
        change: Callable[[CodeEdit], None],
        look: Callable[[Cell | None], None],
        forget: Callable[[], None],
    ) -> None:
        self._change, self._look, self._quiet = change, look, False
        self._edit = CodeEdit(0)
        self._shape = (1, 1)
        self._scale: Any = part(
            widgets.FloatSlider, "", 1.0, min=0, max=LOUDEST, step=0.05, readout_format=".2f"
        )
        self._add: Any = part(widgets.FloatSlider, "", 0.0, min=-1, max=1, step=0.05, readout_format="+.3g")
        self._where: Any = part(widgets.ToggleButtons, options=list(WHERE.items()), value=False)
        self._where.add_class("cv-seg")
        self._place = [part(widgets.IntSlider, min=0, max=1) for _ in range(2)]
        for made in (self._scale, self._add):
            made.observe(lambda _: self._moved(), "value")
        for made in (self._where, *self._place):
            made.observe(lambda _: self._placed(), "value")
        self.title = part(widgets.HTML)
        self._cells = box(widgets.VBox, "cv-cells", row("Row", self._place[0]), row("Column", self._place[1]))
        self._spot = row("Where", self._where, help="change the whole map of the channel, or one cell of it")
        silence = button("Zero", "cv-cancel", "Set it to 0", lambda: self._change(self._with(0.0, 0.0)))
        back = button(
            "Reset", "cv-cancel", "Take this change back", lambda: self._change(self._with(1.0, 0.0))
        )
        self.all = button("Reset all", "cv-cancel", "Take all changes of the code back", forget)
        self.widget = box(
            widgets.VBox, "cv-editor", self.title,
            row("Scale", self._scale, help="every value times this; 0 silences, 1 leaves it"),
            row("Add", self._add, help="added to every value, in the code's own numbers"),
            self._spot, self._cells, box(widgets.HBox, "cv-undo", silence, back, self.all),
        )  # fmt: skip

    def fit(self, shape: tuple[int, int], most: float) -> None:
        """Suit a code of maps of (height, width) whose numbers lie within `most` of zero."""
        end = rounded_up(most or 1.0)
        self._quiet = True
        try:
            self._shape = shape
            shown(self._spot, shape != (1, 1))
            self._add.max, self._add.min = max(end, self._add.value), min(-end, self._add.value)
            self._add.step = end / STEPS
            for made, length in zip(self._place, shape, strict=True):
                made.max = max(length - 1, 0)
        finally:
            self._quiet = False

    def put(self, edit: CodeEdit, heading: str, several: bool) -> None:
        """Move the controls to a change; `several` tells whether there is any to take back."""
        self._quiet = True
        try:
            self._edit, self.title.value = edit, heading
            for made, value in ((self._scale, edit.scale), (self._add, edit.add)):
                made.max, made.min = max(made.max, value), min(made.min, value)
                made.value = value
            self._where.value = edit.cell is not None
            for made, at in zip(self._place, edit.cell or (0, 0), strict=True):
                made.value = at
        finally:
            self._quiet = False
        shown(self._cells, edit.cell is not None)
        self.all.disabled = not several

    def _with(self, scale: float, add: float) -> CodeEdit:
        return CodeEdit(self._edit.channel, scale, add, self._edit.cell)

    def _moved(self) -> None:
        if self._quiet:
            return
        told = (self._scale, self._edit.scale), (self._add, self._edit.add)
        scale, add = (at if is_rounded(made.value, at, made.step) else made.value for made, at in told)
        if (scale, add) != (self._edit.scale, self._edit.add):
            self._change(self._with(scale, add))

    def _placed(self) -> None:
        if not self._quiet:
            down, across = (made.value for made in self._place)
            self._look((down, across) if self._where.value else None)
