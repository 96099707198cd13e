"""The colours to choose from, as small strips."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ..render import Style
from ..render.colours import NAMED, SIGNED, table
from .parts import box, button, mark, row, shown, style_child


class Swatches:
    """Strips of colour, those for maps from 0 up or those for maps with two signs.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    choose : callable
        Called with the name of the setting of `Style`, and the colours that were clicked.
    """

    def __init__(self, uid: str, choose: Callable[[str, str], None]) -> None:
        self._choose = choose
        self.plain = {name: self._swatch(name, "colormap") for name in NAMED}
        self.signed = {name: self._swatch(name, "signed_colormap") for name in SIGNED}
        strips = box(widgets.HBox, "cv-swatches", *self.plain.values(), *self.signed.values())
        self.widget = row("Colours", strips)
        self.style = style_child(_css(uid))

    def put(self, style: Style, signed: bool) -> None:
        """Mark the colours of a style, and show those that suit maps of one or two signs."""
        for swatches, chosen, visible in (
            (self.plain, style.colormap, not signed),
            (self.signed, style.signed_colormap, signed),
        ):
            mark(list(swatches.values()), next((k for k, n in enumerate(swatches) if n == chosen), None))
            for made in swatches.values():
                shown(made, visible)

    def _swatch(self, name: str, setting: str) -> widgets.Button:
        style = f"cv-swatch cv-m-{_slug(name)}"
        return button(name, style, name, lambda: self._choose(setting, name))


def _css(uid: str) -> str:
    rules = []
    for names, signed in ((NAMED, False), (SIGNED, True)):
        for name in names:
            stops = ",".join("rgb({},{},{})".format(*colour) for colour in table(name, signed)[::32])
            rules.append(
                f".{uid} .cv-m-{_slug(name)} {{ background: linear-gradient(90deg,{stops}) !important; }}"
            )
    return "".join(rules)


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())
