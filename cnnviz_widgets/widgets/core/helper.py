"""The small front-end helper: width, names, states, keys, full screen, downloads, light frames; all works without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from ..canvas.scene import nothing

_HERE = Path(__file__).parent


class Helper(anywidget.AnyWidget):
    """An invisible widget beside ours that looks after the page.

    Attributes
    ----------
    loaded : bool
        True once it runs in a front end.
    width : int
        Width of the column in CSS pixels; 0 while unknown.
    full_screen : bool
        True while the widget fills the screen.
    canvases : list of str
        Names of the models of the canvases beside it, which are read back from the screen only at rest.
    on_page : callable
        Called with nothing, in answer to a message of the page, a moment after something on the page has changed.
    """

    _esm = _HERE / "helper.js"

    loaded = traitlets.Bool(False).tag(sync=True)
    width = traitlets.Int(0).tag(sync=True)
    full_screen = traitlets.Bool(False).tag(sync=True)
    canvases = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.on_page: Callable[[], None] = nothing
        self.on_msg(self._heard)

    def close(self) -> None:
        """Free it, and let go of whom it served."""
        self.on_page = nothing
        super().close()

    def download(self, name: str, content: bytes, kind: str = "image/png") -> None:
        """Have the browser save a file."""
        self.send({"do": "download", "name": name, "type": kind}, buffers=[content])

    def show(self, selector: str) -> None:
        """Scroll the page so that the first part of the widget that fits a CSS selector is in view."""
        self.send({"do": "show", "what": selector})

    def show_code(self) -> None:
        """Scroll the page so that the code is in view."""
        self.show(".cv-code")

    def toggle_full_screen(self) -> None:
        """Fill the screen with the widget, or go back."""
        self.send({"do": "full screen"})

    def _heard(self, _: object, content: dict[str, str], __: object) -> None:
        if content.get("do") == "answer":
            self.on_page()
