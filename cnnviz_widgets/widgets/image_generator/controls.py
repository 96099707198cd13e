"""The settings of a method that makes pictures: those that matter most in sight, the others folded away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ...method import Method
from ..controls import Form
from ..parts import box, button, free, shown

IN_SIGHT = ("preset", "begin", "count", "octaves", "enlarge", "steps")
FOLDED, UNFOLDED = "More settings ›", "Fewer settings ‹"


class MethodForm:
    """A form that is built anew for each method.

    Parameters
    ----------
    changed : callable
        Called with the name of a setting and its new value.
    """

    def __init__(self, changed: Callable[[str, Any], None]) -> None:
        self._changed = changed
        self._form: Form | None = None
        self._kind: type[Method] | None = None
        self._sight = box(widgets.VBox, "cv-form")
        self._more = box(widgets.VBox, "cv-form")
        self._fold = button(FOLDED, "cv-more", "Show or hide the other settings", self._toggle)
        shown(self._more, False)
        self.widget = box(widgets.VBox, "cv-sec", self._sight, self._fold, self._more)

    @property
    def controls(self) -> dict[str, Any]:
        """The controls by the name of the setting."""
        return self._form.controls if self._form else {}

    def put(self, ready: Method) -> None:
        """Show a method's settings; all that were left open are filled in."""
        if type(ready) is not self._kind:
            self._build(ready)
        assert self._form is not None
        self._form.put(ready)

    def _build(self, ready: Method) -> None:
        before, self._kind = (*self._sight.children, *self._more.children), type(ready)
        self._form = form = Form(ready, self._changed)
        rows = {
            name: line
            for line in (*form.lever.children, *form.more.children)
            for name, made in form.controls.items()
            if made in line.children
        }
        self._sight.children = [rows[name] for name in IN_SIGHT if name in rows]
        self._more.children = [line for name, line in rows.items() if name not in IN_SIGHT]
        form.lever.children = form.more.children = ()
        for part in (form.lever, form.more, *before):
            free(part)

    def _toggle(self) -> None:
        opened = self._more.layout.display == "none"
        shown(self._more, opened)
        self._fold.description = UNFOLDED if opened else FOLDED
