"""The small front-end helper: column width, names and states, keys, full screen, downloads; all works without it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

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
    """

    _esm = _HERE / "helper.js"

    loaded = traitlets.Bool(False).tag(sync=True)
    width = traitlets.Int(0).tag(sync=True)
    full_screen = traitlets.Bool(False).tag(sync=True)

    def download(self, name: str, content: bytes, kind: str = "image/png") -> None:
        """Have the browser save a file."""
        self.send({"do": "download", "name": name, "type": kind}, buffers=[content])

    def toggle_full_screen(self) -> None:
        """Fill the screen with the widget, or go back."""
        self.send({"do": "full screen"})
