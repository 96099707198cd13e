"""What a widget offers to the parts that it is made of; they know nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import ipywidgets as widgets

from ...images.image import Image
from ...probe import Probe
from ...session import Session
from ..canvas import Canvas


class Host(Protocol):
    """A widget, as its view, its presenter and their pieces see it."""

    uid: str
    style: Any

    @property
    def probe(self) -> Probe:
        """The network."""

    @property
    def session(self) -> Session:
        """The talk with the network."""

    @property
    def canvas(self) -> Canvas:
        """What the large picture is drawn on."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What is held while the widget changes."""

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is not open yet."""

    @property
    def drawn(self) -> bool:
        """Whether there is a picture to keep."""

    @property
    def picture_width(self) -> int:
        """How wide the large picture and the tiles beside it are at the moment, in CSS pixels."""

    @property
    def children(self) -> Sequence[widgets.Widget]:
        """What it consists of on the page."""

    @property
    def explanation(self) -> Any:
        """What is on the screen; None while there is nothing."""

    def ask(self, rest: float = 0.0) -> None:
        """Ask the question that the controls stand for; returns at once."""

    def cancel(self) -> None:
        """Stop computing."""

    def live(self, act: Callable[..., None], *what: Any) -> None:
        """Do something under the lock, unless the widget is closed."""

    def quietly(self) -> AbstractContextManager[None]:
        """Change traits without asking."""

    def refuse(self, error: Exception) -> None:
        """Say below why something was not done; what is on the screen stays."""

    def set_trait(self, name: str, value: Any) -> Any:
        """Set a trait, one that is read-only for users too."""

    def add_class(self, class_name: str) -> Any:
        """Add a CSS class."""

    def remove_class(self, class_name: str) -> Any:
        """Take away a CSS class."""

    def code(self) -> str:
        """Return the lines that make this picture again without widgets."""

    def snapshot(self) -> bytes:
        """Return the picture with its caption as a PNG file."""

    def file_name(self) -> str:
        """Return a file name that says what the picture is."""


class PictureHost(Host, Protocol):
    """A widget around one of some pictures."""

    image: Any  # its index
    layer: Any

    @property
    def images(self) -> list[Image]:
        """The pictures to choose from."""

    def add_images(self, images: Sequence[Any], *, look: bool = True) -> None:
        """Add pictures at the end of the strip, and look at the first of them."""
