"""The Explorer: any picture, any layer, any method, live, on one canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import CnnvizError
from ...explanation import Explanation
from ...export import png_bytes
from ...images.image import Image
from ...method import Method, named
from ...objectives import ClassScore, Objective
from ...style import Style
from ...trust import Trust
from ..core.widget import PictureWidget
from ..image_generator.generator import ImageGenerator
from .attention_view import OWN_LAYER
from .history import Moment
from .presenter import ExplorerPresenter
from .state import ExplorerState
from .view import ExplorerView
from .volume_slices import on_slices

REST_SECONDS = 0.15


class Explorer(PictureWidget, ExplorerState):
    """Look into a network: pictures above, the map on the picture, what the network says and how to ask it beside.

    Its traits are those of `ExplorerState`: layer, method, image, target, slice_index, style, explanation,
    progress, status, error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, or one volume
        Pictures: anything that `Image.load` opens. At least one. For a model of volumes or videos the volume,
        (slices, height, width, channels), or nothing if the probe holds one: a slider then moves from slice to slice.
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
    name : str, optional
        The one before of the same name is closed, so that running a cell again leaves nothing behind.

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError, TargetError
        If what is given cannot be explored.
    """

    view: ExplorerView

    def __init__(
        self,
        model: Any,
        images: Any = None,
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
        name: str | None = None,
    ) -> None:
        probe, images = on_slices(model, images, labels, preprocess, value_range)
        begun = method if isinstance(method, Method) else named(method or _first_method(probe))()
        known = probe.layer(layer).name if layer else ""
        traits = {"layer": known, "method": begun.label, "target": target}
        if probe.volume is not None:
            traits["slice_index"] = probe.volume.index
        super().__init__(probe, images, style, size, renderer, **traits)
        self._slices = () if probe.volume is None else self._among(probe.volume.picture())
        self._picked_layer = bool(layer)
        self._settings: dict[str, Method] = {begun.label: begun}
        with self._looks.lent():
            self.view = ExplorerView(self)
            self.presenter = ExplorerPresenter(self, self.view)
        self.view.on_style = self.presenter.restyle
        self.view.on_same_scale = self.presenter.same_scale
        self.view.on_turn = self.presenter.turn
        self.view.on_return = self.return_to
        self.children = self.view.children
        self._begin(name)

    # what is asked

    @property
    def recipe(self) -> Method:
        """The method with its settings as the controls stand; what is left to the image stays open."""
        kind = named(self.method)
        recipe = self._settings.get(kind.label)
        if type(recipe) is not kind:  # not asked for yet, or registered anew
            recipe = self._settings[kind.label] = kind()
        changes: dict[str, Any] = {"target": self.target}
        if "layer" in kind.specs() and kind.label not in OWN_LAYER:
            changes["layer"] = self.layer if self._picked_layer and self.layer else None
        return recipe.replace(**{name: value for name, value in changes.items() if name in kind.specs()})

    def ask(self, rest: float = 0.0) -> None:
        """Ask the question that the controls stand for; returns at once."""
        with self._lock:
            if self.closed:
                return
            try:
                recipe, image = self.recipe, self.probe.fit(self.images[self.image])
            except CnnvizError as error:
                self.session.fail(error)
                return
            self.presenter.film.cancel()
            self.view.checks.cancel()
            self.session.ask(image, recipe, first=lambda: self.presenter.read_verdict(image), rest=rest)

    def change_setting(self, name: str, value: Any) -> None:
        """Change one setting of the present method, as its control would."""
        with self._lock:
            try:
                self._settings[self.method] = self.recipe.replace(**{name: value})
            except CnnvizError as error:
                self.session.fail(error)
                return
            self.presenter.refit()
            self.view.leave()
            self.ask(rest=REST_SECONDS)

    def look(self, method: str, **settings: Any) -> None:
        """Take a method with some of its settings, and ask; returns at once.

        Parameters
        ----------
        method : str
            Label of the method.
        **settings
            What changes of its settings; the others stay as they were.
        """
        with self._lock:
            kind = named(method)
            try:
                recipe = self._settings.get(kind.label, kind()).replace(**settings)
            except CnnvizError as error:
                self.session.refuse(error)
                return
            self._settings[kind.label] = recipe
            with self.quietly():
                self.method = kind.label
            self.presenter.rebuild()
            self.view.leave()
            self.ask()

    def check(self, timeout: float | None = 120.0) -> Trust | None:
        """Check how far the map on the screen can be trusted, as the button does, and return what was found."""
        self.wait(timeout)
        self.view.checks.toggle()
        self.view.checks.wait(timeout)
        return self.view.checks.trust

    def dream(self) -> ImageGenerator:
        """Open an image generator below that raises what is explained, as the button does, and return it."""
        return self.view.dreams.open()

    def explained(self) -> Objective | None:
        """Return what the picture on the screen explains; None while there is none."""
        shown = self.explanation
        return None if shown is None else getattr(shown.recipe, "target", None)

    def return_to(self, moment: Moment | None) -> None:
        """Show an earlier moment again."""
        if moment is None:
            return
        with self._lock:
            with self.quietly():
                kind = type(moment.method)
                self._settings[kind.label] = moment.method
                self.method, self.image, self.style = kind.label, moment.image, moment.style
                self.slice_index = moment.slice_index
                self.target = getattr(moment.method, "target", None)
                self._picked_layer = bool(getattr(moment.method, "layer", None))
                self.layer = getattr(moment.method, "layer", None) or self.layer
            self._turn()
            self.presenter.rebuild()
            self.ask()

    def looked_at(self) -> tuple[Sequence[Image], int]:
        """Return all pictures, and the index of the one that is looked at."""
        return self.images, self.image

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def kept(self) -> Explanation | None:
        """Return what is on the screen as it is kept, without marks that are switched off; None while there is none."""
        return None if self.explanation is None else self.presenter.stage.kept(self.explanation)

    def _among(self, picture: Image) -> tuple[int, ...]:
        """Return which of the pictures is one, so that it follows the slider; others are put in the slice's place."""
        return tuple(k for k, image in enumerate(self.images) if image == picture)

    def _turn(self) -> None:
        """Ask the probe of the slice that the trait says."""
        volume = self.probe.volume
        if volume is None or volume.index == self.slice_index:
            return
        self.probe = probe = self.probe.at_slice(self.slice_index)
        self.session.turn_to(probe)
        self.presenter.film.turn_to(probe)
        self.view.turn_to(probe)
        picture = volume.at(self.slice_index).picture()
        for k in self._slices:
            self.images[k] = picture
            self.view.strip.replace(k, picture)

    def _preview(self) -> bytes:
        kept = self.kept()
        assert kept is not None
        return png_bytes(kept, self.style)

    def _stop(self) -> None:
        self.presenter.film.cancel()
        self.view.checks.cancel()
        self.view.received.cancel()
        self.view.dreams.close()
        self.presenter.close()

    @property
    def _questions(self) -> list[str]:
        return ["layer", "method", "image", "target", "slice_index"]

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    def _asked_anew(self, name: str) -> None:
        if name == "layer":
            self._picked_layer = bool(self.layer)
        if name == "image" and isinstance(self.target, ClassScore):
            with self.quietly():
                self.target = None
        if name == "target":  # to find the answer may take seconds
            self.presenter.mark_target(self.target)
        if name == "slice_index":
            self._turn()
        self.presenter.rebuild()
        self.view.received.follow()
        self.view.leave()
        self.ask(rest=REST_SECONDS if name == "slice_index" else 0.0)
        if self.session.state == "computing":  # and stays so; what it is at is something else
            self.presenter.update("question")


def _first_method(probe: Any) -> str:
    if not probe.differentiable:
        return "Occlusion"
    by_sign = probe.task in ("regression", "embedding") or probe.pair  # what speaks against it counts as much
    return "Grad-CAM" if probe.has_maps and not by_sign else "Saliency"


def explore(model: Any, images: Any = None, **settings: Any) -> Explorer:
    """Look into a network, a classifier or an autoencoder, in a notebook.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, one picture, or one volume
        Paths, arrays, PIL images or `Image` objects; for a model of volumes or videos one of them.
    **settings
        As for `Explorer`: labels, preprocess, value_range, method, layer, target, style, size, renderer, and
        name, by which running a cell again closes the Explorer before.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> cnnviz.explore(cnnviz.demo.photo_classifier(), cnnviz.demo.photos())  # doctest: +SKIP
    """
    return Explorer(model, images, **settings)
