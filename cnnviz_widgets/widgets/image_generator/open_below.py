"""The button "Dream it" of other widgets: it opens an image generator under them, on the same target."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets

from ...errors import CnnvizError, ImageError
from ...objectives import Objective, words
from ..canvas.image_canvas import ImageCanvas
from ..core.elements import box, button, free, part
from ..core.host import PictureHost
from .generator import ImageGenerator

TIP = "Make a picture that raises it most: opens an image generator below"


class GeneratorBelow:
    """An image generator under another widget, and the button that opens it.

    Parameters
    ----------
    host : PictureHost
        The other widget.
    target : callable
        Returns what is to be raised; None if there is nothing yet.
    show : callable
        Called with the CSS selector of what is to be scrolled to.
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
        self,
        host: PictureHost,
        target: Callable[[], Objective | None],
        show: Callable[[str], None],
        icon: bool = False,
    ) -> None:
        self._host, self._target, self._show = host, target, show
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
        host, target = self._host, self._target()
        if target is None:
            raise ImageError("there is no picture yet: call wait() first.")
        pictures = [
            host.images[host.image],
            *(one for k, one in enumerate(host.images) if k != host.image),
        ]
        renderer = "image" if isinstance(host.canvas, ImageCanvas) else "auto"
        made = ImageGenerator(host.probe, pictures, target=target, renderer=renderer)
        self.close()
        said = part(widgets.HTML, "", f"<b>{html.escape(words(target, host.probe.labels))}</b>, dreamt.")
        close = button("Close", "cv-cancel", "Close the image generator", self.close)
        self.generator, self._head = made, box(widgets.HBox, "cv-dreamthead", said, close)
        # only once it is on the page has it a height to scroll to
        made.view.helper.observe(lambda _: self._show(".cv-dreamt"), "loaded")
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
            self._host.refuse(error)
