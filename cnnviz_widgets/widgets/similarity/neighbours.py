"""The row of nearest neighbours: buttons that show a picture and how alike it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np

from ..parts import box, button, css_text, data_url, mark, shown, square, style_child

SIDE = 152


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A picture in the row.

    Attributes
    ----------
    index : int
        Which picture of the gallery.
    name : str
        What it is called.
    score : str
        How alike it is, as text.
    pixels : numpy.ndarray
        uint8 (h, w, 3).
    """

    index: int
    name: str
    score: str
    pixels: np.ndarray


class NeighbourRow:
    """A row of buttons.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    count : int
        How many there is room for.
    choose : callable
        Called with the index of the picture that was clicked.
    """

    def __init__(self, uid: str, count: int, choose: Callable[[int], None]) -> None:
        self._uid, self._choose = uid, choose
        self._style = style_child()
        self._buttons = [self._button(k) for k in range(count)]
        self.shown: tuple[Neighbour, ...] = ()
        self.widget = box(widgets.Box, "cv-nbs", self._style, *self._buttons)

    def show(self, found: Sequence[Neighbour]) -> None:
        """Show these pictures, most alike first."""
        rules = []
        for k, (made, one) in enumerate(zip(self._buttons, found, strict=False)):
            made.description = made.tooltip = f"{one.name}: {one.score}"
            rules.append(self._rule(k, one))
        self._style.value = f"<style>{''.join(rules)}</style>"
        for k, made in enumerate(self._buttons):
            shown(made, k < len(found))
        self.shown = tuple(found)

    def mark(self, match: int | None, foil: int | None) -> None:
        """Show which of them is compared with, and which is set against it."""
        indices = [one.index for one in self.shown]
        for index, style in ((match, "cv-on"), (foil, "cv-foil")):
            mark(self._buttons, indices.index(index) if index in indices else None, style)

    def _button(self, k: int) -> widgets.Button:
        made = button("", "cv-tile", "", lambda: self._choose(self.shown[k].index))
        made.add_class("cv-nb")
        made.add_class(f"cv-n{k}")
        shown(made, False)
        return made

    def _rule(self, k: int, one: Neighbour) -> str:
        at = f".{self._uid} .cv-n{k}"
        address = data_url(square(one.pixels, SIDE))
        # the score is in the button's name already: the second rule keeps it from being read twice
        text = css_text(one.score)
        number = f'content: {text}; content: {text} / "";'
        return f"{at} {{ background-image: url({address}) !important; }} {at}::after {{ {number} }}"
