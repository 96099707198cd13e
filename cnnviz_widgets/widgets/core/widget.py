"""What every widget is: a talk with a network, a canvas, a size, and a tidy end."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import ipywidgets as widgets

from ...errors import CnnvizError, SettingError
from ...images.intake import loaded
from ...probe import Probe
from ...session import Session
from ...style import Style
from ..canvas import Canvas, make_canvas
from ..canvas.layout import Sheet
from .elements import Looks, free
from .exporting import Exporting
from .shell import PictureShell, Shell
from .sizes import size_for
from .state import PictureState, WidgetState

_serial = itertools.count()
# weak: a closed one is not kept, and an open one is held by ipywidgets
_called: weakref.WeakValueDictionary[tuple[type, str], RootWidget] = weakref.WeakValueDictionary()
_lock = threading.RLock()  # one for all: linked widgets change each other, each from the other's thread


class RootWidget(Exporting, WidgetState, widgets.VBox):
    """A widget that asks a network, and shows the answer on a canvas.

    What derives from it sets `view` and its children while `_looks` are lent, implements `ask`, `redraw` and
    `_answered`, and ends its constructor with `_begin`.

    Parameters
    ----------
    probe : Probe
        The network.
    style : Style, optional
        How to draw.
    size : str
        ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.
    renderer : str
        ``"auto"``, ``"ipympl"`` or ``"image"``.
    **traits
        Values of its traits to begin with, in the order in which they are set. They are checked before there is a
        canvas, so that what is refused leaves nothing behind.

    Raises
    ------
    SettingError
        If there is no such style, size or renderer, or a trait refuses its value.
    """

    _lock = _lock
    closed = True  # until there is something to close: what is refused is collected, and closed then, too
    view: Shell
    _talk: ClassVar[type[Session]] = Session

    def __init__(self, probe: Probe, style: Style | None, size: str, renderer: str, **traits: Any) -> None:
        self.probe = probe
        self._quiet_depth = 0
        self._set_first({"style": style or Style(), **traits})
        self._auto_size = size == "auto"
        self._size: str | int = "L" if self._auto_size else size
        self._before: str | int = self._size
        self.canvas = make_canvas(self._canvas_size(self._size), renderer)
        self.session = self._talk(self.probe, self._lock)
        self._looks = Looks()
        super().__init__()
        self.uid = f"cv{next(_serial)}"
        self.add_class("cv")
        self.add_class(self.uid)

    def _set_first(self, traits: dict[str, Any]) -> None:
        """Set traits quietly; what is refused ends here, without the way through traitlets that says nothing."""
        with self.quietly():
            for trait, value in traits.items():
                try:
                    setattr(self, trait, value)
                except CnnvizError as error:
                    raise error.with_traceback(None) from None

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What is held while the widget changes; one for all widgets."""
        return self._lock

    def ask(self, rest: float = 0.0) -> None:
        """Ask the question that the controls stand for; returns at once."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        raise NotImplementedError

    def _answered(self, what: str) -> None:
        """Show what has changed of the session: the explanation, the state or the error."""
        raise NotImplementedError

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the picture belongs to the question; False if `timeout` seconds pass first."""
        return self.session.wait(timeout)

    @property
    def picture_width(self) -> int:
        """How wide the large picture and the tiles beside it are at the moment, in CSS pixels."""
        return Sheet.of(self._size).width

    def refuse(self, error: Exception) -> None:
        """Say below why something was not done; what is on the screen stays."""
        self.session.refuse(error)

    def cancel(self) -> None:
        """Stop computing; what there is stays on the screen."""
        self.session.cancel()

    def close(self) -> None:
        """Stop, and free every widget, figure and callback; a second call does nothing."""
        if self.closed:  # without the lock: a collected one is closed again, amid whatever a thread is at
            return
        with self._lock:
            if self.closed:
                return
            self.closed = True
        self.session.cancel()
        self._stop()
        self.session.wait(10)
        self.session.unobserve_all()
        self.canvas.close()
        free(self)
        self.view.footer.close()
        self.view.close()
        self._looks.close()
        super().close()

    def _stop(self) -> None:
        """End what goes on beside the session; called once, on closing."""

    def _begin(self, name: str | None = None) -> None:
        """Listen to the style, the session and the page, ask the first question, and end the one before of a name."""
        self.closed = False
        self.view.resize(self.picture_width)
        self.observe(lambda _: None if self._quiet_depth else self.live(self.redraw), "style")
        self.session.observe(
            lambda change: self.live(self._answered, change["name"]), ["explanation", "state", "error"]
        )
        helper = self.view.helper
        self.canvas.on_ready = lambda: self.live(self._front_end_up)
        helper.canvases = [view.widget.model_id for view in self._canvases()]
        helper.on_page = lambda: self.live(self.view.prime)
        helper.observe(lambda change: self.live(self._present, change["new"]), "full_screen")
        if self._auto_size:
            helper.observe(lambda change: self.live(self._fill, change["new"]), "width")
        self.ask()
        if name is not None:
            with self._lock:
                before = _called.get((type(self), name))
                _called[type(self), name] = self
            if before is not None:
                before.close()

    def live(self, act: Callable[..., None], *what: Any) -> None:
        """Do something under the lock, unless the widget is closed."""
        with self._lock:
            if not self.closed:
                act(*what)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Change traits without asking."""
        self._quiet_depth += 1
        try:
            yield
        finally:
            self._quiet_depth -= 1

    # size

    def _canvases(self) -> tuple[Canvas, ...]:
        """Return every view that the widget draws on."""
        return (self.canvas,)

    def _canvas_size(self, size: str | int) -> str | int:
        """Return the size of the canvas in a widget of a size."""
        return size

    def _resize(self, size: str | int) -> None:
        """Take another size, a named one or a number of pixels for the picture alone."""
        (self.add_class if isinstance(size, int) else self.remove_class)("cv-S")
        self._size = size
        self.canvas.resize(self._canvas_size(size))
        self.view.resize(Sheet.of(size).width)
        self.redraw()

    def _fill(self, width: int) -> None:
        """Take the size that suits a column of `width` CSS pixels."""
        if width:
            self._resize(size_for(width))

    def _present(self, full: bool) -> None:
        """Take the largest size while the widget fills the screen, and the one before after that."""
        if full:
            self._before = self._size
            self._resize("XL")
        else:
            self._resize(self._before)

    def _front_end_up(self) -> None:
        """Keep the controls of a page that has come up free of busy cells, and draw for its screen."""
        self.view.prime()
        self.redraw()


def probe_of(
    model: Any,
    labels: Any,
    preprocess: Callable[..., Any] | None,
    value_range: tuple[float, float] | None,
) -> Probe:
    """Return the probe for a model or a path; one that is a probe already stays as it is.

    Raises
    ------
    SettingError
        If it is a probe already and something of it is given once more.
    """
    if not isinstance(model, Probe):
        return Probe(model, preprocess, labels, value_range)
    given = {"labels": labels, "preprocess": preprocess, "value_range": value_range}
    for name, value in given.items():
        if value is not None:
            raise SettingError(
                f"{name} belongs to the Probe that was given: write Probe(model, {name}=...), or give the model itself."
            )
    return model


__all__ = ["PictureWidget", "probe_of"]


class PictureWidget(RootWidget, PictureState):
    """A widget that asks a network about one of some pictures, and shows the answer.

    What derives from it sets `view` and its children, implements `ask`, `redraw` and `_asked_anew`, and ends its
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

    view: PictureShell

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
            self.view.strip.append(new)
        if look:
            self.image = len(self.images) - len(new)

    def _begin(self, name: str | None = None) -> None:
        """Listen to the traits, the session and the page, ask the first question, and end the one before of a name."""
        self.observe(lambda change: self._anew(change), self._questions)
        super()._begin(name)
        self.view.strip.draw()  # last: the worker is at the first answer meanwhile

    @property
    def _questions(self) -> list[str]:
        """The traits whose change asks anew."""
        return ["image", "layer"]

    def _asked_anew(self, name: str) -> None:
        """Follow a trait that the reader or a linked widget changed; called with the lock held."""
        raise NotImplementedError

    def _anew(self, change: Any) -> None:
        with self._lock:
            if self._quiet_depth or self.closed:
                return
            name, wanted = change["name"], change["new"]
            # an older answer may have been marked on the controls before the lock was free
            if getattr(self, name) is not wanted:
                with self.quietly():
                    setattr(self, name, wanted)
            self._asked_anew(name)
