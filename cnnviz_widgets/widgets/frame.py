"""The rim of every widget around one large picture: pictures to choose from stand above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..errors import ImageError
from .parts import box
from .rim import Rim
from .strip import ImageStrip

if TYPE_CHECKING:
    from .base import PictureWidget


class Frame(Rim):
    """Strip, actions, sentence and code of a widget, and the places for what is its own.

    Parameters
    ----------
    owner : PictureWidget
        Whose they are.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    """

    _owner: PictureWidget

    def __init__(self, owner: PictureWidget, turn: Callable[[int], None]) -> None:
        super().__init__(owner, turn)
        self.strip = ImageStrip(owner.uid, owner.images, self.set_trait("image"), self._uploaded)

    def laid_out(
        self,
        picture: widgets.Widget,
        side: Sequence[widgets.Widget],
        actions: Sequence[widgets.Widget] = (),
        css: str = "",
    ) -> tuple[widgets.Widget, ...]:
        """Return the widget's children: `picture` large, `side` beside it, more `actions` before the usual ones."""
        stand = box(widgets.Box, "cv-canvas", picture)
        return self.framed(stand, side, self.strip.widget, actions, css)

    def _uploaded(self, images: list[Any], refused: list[str]) -> None:
        if images:
            self._owner.add_images(images, look=not refused)
        if refused:
            self._owner.session.refuse(ImageError(" ".join(refused)))
