"""The Explorer: any picture, any layer, any method, live, on one canvas."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from .. import methods as _every_method  # noqa: F401  registers them
from ..errors import CnnvizError
from ..method import Method, named
from ..objective import ClassScore, Objective
from ..probe import Probe
from ..render import Style
from ..session import Session
from .canvas import make_view
from .desk import Desk
from .film import Film
from .history import Moment
from .intake import loaded
from .paper import OnPaper
from .parts import free
from .screen import Screen
from .state import ExplorerState

_serial = itertools.count()
_lock = threading.RLock()  # one for all: linked Explorers change each other, each from the other's thread
REST_SECONDS = 0.15


class Explorer(OnPaper, ExplorerState, widgets.VBox):
    """Look into a network: pictures above, the map on the picture, what the network says and how to ask it beside.

    Its traits are those of `ExplorerState`: layer, method, image, target, style, explanation, progress, status, error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence
        Pictures: anything that `Image.load` opens. At least one.
    labels, preprocess, value_range
        As for `Probe`; only if `model` is not one already.
    method : str or Method
        What to begin with, a label such as ``"Saliency"`` or a method with its settings; Grad-CAM if the network has
        layers with maps.
    layer : str, optional
        The layer to begin with; the method's own choice if None.
    target : Objective or int, optional
        What to explain; the top class of each picture if None.
    style : Style, optional
        How to draw.
    size : str
        ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.
    renderer : str
        ``"auto"``, ``"ipympl"`` or ``"image"``.

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError, TargetError
        If what is given cannot be explored.
    """

    _lock = _lock
    _closed = True  # until there is something to close: what is refused is collected, and closed then, too

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        labels: Any = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        method: str | Method | None = None,
        layer: str | None = None,
        target: Objective | int | None = None,
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
    ) -> None:
        self.probe = model if isinstance(model, Probe) else Probe(model, preprocess, labels, value_range)
        self.images = loaded(images)
        begun = method if isinstance(method, Method) else named(method or self._first_method())()
        named(begun.label)
        self.probe.fit(self.images[0])
        wanted = None if target is None else self.probe.target(target)
        known = self.probe.layer(layer).name if layer else ""
        self._quiet_depth = 0
        self._picked_layer, self._auto_size = bool(layer), size == "auto"
        self._size = "L" if self._auto_size else size
        self._settings: dict[str, Method] = {begun.label: begun}
        self._view = make_view(self._size, renderer)
        self.session = Session(self.probe, self._lock)
        super().__init__()
        self.uid = f"cv{next(_serial)}"
        with self._quietly():
            self.layer, self.method = known, begun.label
            self.target, self.style = wanted, style or Style()
        self._desk = Desk(self)
        self._screen = Screen(self)
        self._film = Film(self.probe, self._lock, self._desk.depth)
        self.add_class("cv")
        self.add_class(self.uid)
        self.children = self._desk.children
        self._closed = False
        self._listen()
        self.ask()

    def _first_method(self) -> str:
        return "Grad-CAM" if self.probe.spatial_layers else "Saliency"

    # what is asked

    @property
    def recipe(self) -> Method:
        """The method with its settings as the controls stand; what is left to the image stays open."""
        kind = named(self.method)
        recipe = self._settings.get(kind.label)
        if type(recipe) is not kind:  # not asked for yet, or registered anew
            recipe = self._settings[kind.label] = kind()
        changes: dict[str, Any] = {"target": self.target}
        if "layer" in kind.specs():
            changes["layer"] = self.layer if self._picked_layer and self.layer else None
        return recipe.replace(**{name: value for name, value in changes.items() if name in kind.specs()})

    def ask(self, rest: float = 0.0) -> None:
        """Ask the question that the controls stand for; returns at once."""
        with self._lock:
            if self._closed:
                return
            try:
                recipe, image = self.recipe, self.probe.fit(self.images[self.image])
            except CnnvizError as error:
                self.session.refuse(error)
                return
            self._film.cancel()
            self.session.ask(image, recipe, first=lambda: self._screen.read_verdict(image), rest=rest)

    def change_setting(self, name: str, value: Any) -> None:
        """Change one setting of the present method, as its control would."""
        with self._lock:
            try:
                self._settings[self.method] = self.recipe.replace(**{name: value})
            except CnnvizError as error:
                self.session.refuse(error)
                return
            self._screen.refit()
            self.ask(rest=REST_SECONDS)

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the picture belongs to the question; False if `timeout` seconds pass first."""
        return self.session.wait(timeout)

    def cancel(self) -> None:
        """Stop computing; what there is stays on the screen."""
        self.session.cancel()

    def add_images(self, images: Sequence[Any], *, look: bool = True) -> None:
        """Add pictures at the end of the strip, and look at the first of them."""
        new = loaded(images)
        with self._lock:
            self.images.extend(new)
            self._desk.strip.append(new)
        if look:
            self.image = len(self.images) - len(new)

    def return_to(self, moment: Moment | None) -> None:
        """Show an earlier moment again."""
        if moment is None:
            return
        with self._lock:
            with self._quietly():
                kind = type(moment.method)
                self._settings[kind.label] = moment.method
                self.method, self.image, self.style = kind.label, moment.image, moment.style
                self.target = getattr(moment.method, "target", None)
                self._picked_layer = bool(getattr(moment.method, "layer", None))
                self.layer = getattr(moment.method, "layer", None) or self.layer
            self._screen.rebuild()
            self.ask()

    def close(self) -> None:
        """Stop, and free every widget, figure and callback; a second call does nothing."""
        if (
            self._closed
        ):  # asked without the lock: a collected one is closed again, amid whatever a thread is at
            return
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.session.cancel()
        self._film.cancel()
        self.session.wait(10)
        self.session.unobserve_all()
        self._screen.close()
        self._view.close()
        free(self)
        self._desk.close()
        super().close()

    def _listen(self) -> None:
        screen = self._screen
        self.observe(self._asked_anew, ["layer", "method", "image", "target"])
        self.observe(self._restyled, "style")
        self.session.observe(
            lambda change: self._live(screen.update, change["name"]), ["explanation", "state", "error"]
        )
        self._view.on_ready = lambda: self._live(screen.front_end_up)
        self._desk.helper.on_page = lambda: self._live(self._desk.prime)
        self._desk.helper.observe(lambda change: self._live(screen.present, change["new"]), "full_screen")
        if self._auto_size:
            self._desk.helper.observe(lambda change: self._live(screen.fill, change["new"]), "width")

    def _restyled(self, _: Any) -> None:
        if not self._quiet_depth:
            self._live(self._screen.redraw)

    def _live(self, act: Callable[..., None], *what: Any) -> None:
        """Do something under the lock, unless the Explorer is closed."""
        with self._lock:
            if not self._closed:
                act(*what)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Change traits without asking."""
        self._quiet_depth += 1
        try:
            yield
        finally:
            self._quiet_depth -= 1

    def _asked_anew(self, change: Any) -> None:
        with self._lock:
            if self._quiet_depth or self._closed:
                return
            if change["name"] == "layer":
                self._picked_layer = bool(change["new"])
            if change["name"] == "image" and isinstance(self.target, ClassScore):
                with self._quietly():
                    self.target = None
            self._screen.rebuild()
            self.ask()
