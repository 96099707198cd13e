"""The row of pictures above the large one, and the tile that takes the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets as widgets

from ...errors import CnnvizError
from ...images.image import Image
from .elements import box, button, data_url, mark, part, square, style_child

THUMBNAIL = 104


class ImageStrip:
    """Thumbnails to choose from; those of the first pictures are drawn by `draw`, for a question may be asked before.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    images : sequence of Image
        At least one.
    choose : callable
        Called with the index of the picture clicked.
    add : callable
        Called with the pictures that were opened, and with the sentences about those that could not be.
    """

    def __init__(
        self,
        uid: str,
        images: Sequence[Image],
        choose: Callable[[int], None],
        add: Callable[[list[Image], list[str]], None],
    ) -> None:
        self._uid, self._choose, self._add = uid, choose, add
        self.thumbs: list[widgets.Button] = []
        self._images: list[Image] = []
        self._rules: list[str] = []
        self._style = style_child()
        self._upload = part(widgets.FileUpload, accept="image/*", multiple=True, description="+ your image")
        self._upload.tooltip = "Open pictures from this computer"
        self._upload.add_class("cv-add")
        self._upload.observe(self._opened, "value")
        self.widget = box(widgets.HBox, "cv-strip", self._style, self._upload)
        self._stand(images)

    def append(self, images: Sequence[Image]) -> None:
        """Add pictures at the end."""
        self._stand(images)
        self.draw()

    def draw(self) -> None:
        """Draw the thumbnails that are still to be drawn."""
        for number, image in enumerate(self._images[len(self._rules) :], len(self._rules)):
            self._rules.append(self._rule(number, image))
        self._write()

    def replace(self, number: int, image: Image) -> None:
        """Show another picture in the place of one."""
        self._images[number] = image
        self.thumbs[number].description = self.thumbs[number].tooltip = image.name
        if number < len(self._rules):
            self._rules[number] = self._rule(number, image)
            self._write()

    def _rule(self, number: int, image: Image) -> str:
        address = data_url(square(image.rgb(), THUMBNAIL))
        return f".{self._uid} .cv-t{number} {{ background-image: url({address}) !important; }}"

    def _write(self) -> None:
        self._style.value = f"<style>{''.join(self._rules)}</style>"

    def _stand(self, images: Sequence[Image]) -> None:
        """Add a button for each picture."""
        self._images.extend(images)
        for image in images:
            number = len(self.thumbs)
            thumb = button(image.name, f"cv-thumb cv-t{number}", image.name, partial(self._choose, number))
            self.thumbs.append(thumb)
        self.widget.children = (self._style, *self.thumbs, self._upload)

    def mark(self, index: int) -> None:
        """Show which picture is looked at."""
        mark(self.thumbs, index)

    def _opened(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        images, refused = [], []
        for upload in change["new"]:
            try:
                opened = Image.load(bytes(upload["content"]))
                name = str(upload["name"]).rpartition(".")[0]
                images.append(opened.named(name))
            except CnnvizError as error:
                refused.append(f"{upload['name']}: {error}")
        self._upload.value = ()
        self._add(images, refused)
