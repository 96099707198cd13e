"""The button "Dream it" of other widgets: it opens an image generator under them, on the same target."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from ...errors import CnnvizError, ImageError
from ...objectives import Objective, words
from ..canvas.image_canvas import ImageView
from ..core.elements import box, button, free, part
from .generator import ImageGenerator

if TYPE_CHECKING:
    from ..core.widget import PictureWidget

TIP = "Make a picture that raises it most: opens an image generator below"


class DreamBelow:
    """An image generator under another widget, and the button that opens it.

    Parameters
    ----------
    owner : PictureWidget
        The other widget.
    target : callable
        Returns what is to be raised; None if there is nothing yet.
    icon : bool
        Whether the button is an icon among the actions.

    Attributes
    ----------
    button, widget : ipywidgets.Widget
        The button, and the place of the generator.
    generator : ImageGenerator or None
        The one that is open.
    """

    def __init__(
        self, owner: PictureWidget, target: Callable[[], Objective | None], icon: bool = False
    ) -> None:
        self._owner, self._target = owner, target
        self.button = (
            button("", "cv-icon", f"Dream it. {TIP}", self._clicked, icon="magic")
            if icon
            else button("Dream it", "cv-do", TIP, self._clicked)
        )
        self.widget = box(widgets.VBox, "cv-dreamt")
        self._head: widgets.Widget | None = None
        self.generator: ImageGenerator | None = None

    def open(self) -> ImageGenerator:
        """Open a generator on the target, in the place of one that is open, and return it.

        Raises
        ------
        ImageError
            If there is nothing to be raised yet.
        TargetError
            If it cannot be raised.
        """
        owner, target = self._owner, self._target()
        if target is None:
            raise ImageError("there is no picture yet: call wait() first.")
        pictures = [
            owner.images[owner.image],
            *(one for k, one in enumerate(owner.images) if k != owner.image),
        ]
        renderer = "image" if isinstance(owner._view, ImageView) else "auto"
        made = ImageGenerator(owner.probe, pictures, target=target, renderer=renderer)
        self.close()
        said = part(widgets.HTML, "", f"<b>{html.escape(words(target, owner.probe.labels))}</b>, dreamt.")
        close = button("Close", "cv-cancel", "Close the image generator", self.close)
        self.generator, self._head = made, box(widgets.HBox, "cv-dreamthead", said, close)
        # only once it is on the page has it a height to scroll to
        made._desk.helper.observe(lambda _: owner._desk.helper.show(".cv-dreamt"), "loaded")
        self.widget.children = (self._head, made)
        return made

    def close(self) -> None:
        """Close the generator; nothing happens without one."""
        made, head = self.generator, self._head
        self.generator = self._head = None
        self.widget.children = ()
        if made is not None and head is not None:
            made.close()
            free(head)

    def _clicked(self) -> None:
        try:
            self.open()
        except CnnvizError as error:
            self._owner.session.refuse(error)
