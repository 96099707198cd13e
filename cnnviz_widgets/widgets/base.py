"""What every widget around one large picture is: pictures to choose from, and a question about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..intake import loaded
from ..probe import Probe
from ..render import Style
from .frame import Frame
from .root import RootWidget, probe_of
from .state import PictureState

__all__ = ["PictureWidget", "probe_of"]


class PictureWidget(RootWidget, PictureState):
    """A widget that asks a network about one of some pictures, and shows the answer.

    What derives from it sets `_desk` and its children, implements `ask`, `redraw` and `_asked_anew`, and ends its
    constructor with `_begin`.

    Parameters
    ----------
    probe : Probe
        The network.
    images : sequence
        Pictures: anything that `Image.load` opens. At least one.
    style, size, renderer, **traits
        As for `RootWidget`.

    Raises
    ------
    ImageError, SettingError
        If what is given cannot be shown.
    """

    _desk: Frame

    def __init__(
        self, probe: Probe, images: Any, style: Style | None, size: str, renderer: str, **traits: Any
    ) -> None:
        self.images = loaded(images, 0, probe.input_shape[2], probe.labels)
        probe.fit(self.images[0])
        super().__init__(probe, style, size, renderer, **traits)

    def add_images(self, images: Sequence[Any], *, look: bool = True) -> None:
        """Add pictures at the end of the strip, and look at the first of them."""
        with self._lock:
            new = loaded(images, len(self.images), self.probe.input_shape[2], self.probe.labels)
            self.images.extend(new)
            self._desk.strip.append(new)
        if look:
            self.image = len(self.images) - len(new)

    def _begin(self, name: str | None = None) -> None:
        """Listen to the traits, the session and the page, ask the first question, and end the one before of a name."""
        self.observe(lambda change: self._anew(change), self._questions)
        super()._begin(name)
        self._desk.strip.draw()  # last: the worker is at the first answer meanwhile

    @property
    def _questions(self) -> list[str]:
        """The traits whose change asks anew."""
        return ["image", "layer"]

    def _asked_anew(self, name: str) -> None:
        """Follow a trait that the reader or a linked widget changed; called with the lock held."""
        raise NotImplementedError

    def _anew(self, change: Any) -> None:
        with self._lock:
            if self._quiet_depth or self._closed:
                return
            name, wanted = change["name"], change["new"]
            # an older answer may have been marked on the controls before the lock was free
            if getattr(self, name) is not wanted:
                with self._quietly():
                    setattr(self, name, wanted)
            self._asked_anew(name)
