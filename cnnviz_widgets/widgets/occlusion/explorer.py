"""The occlusion explorer: drag a patch over the picture and read what the network makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import CnnvizError
from ...export.code import Written, code
from ...images.image import Image
from ...images.intake import row_name, rows_of
from ...objectives import ClassScore, Objective
from ...occlusion import served_maps
from ...style import Style
from ...timers import Player
from ..core.exporting import made_with
from ..core.widget import PictureWidget, probe_of
from .presenter import OcclusionPresenter
from .state import SETTINGS, OcclusionState, Place
from .view import OcclusionView

REST_SECONDS = 0.15
STEP_SECONDS = 0.12


class OcclusionExplorer(PictureWidget, OcclusionState):
    """Drag a patch over a picture: what the network says before and behind it, live, and the maps of a whole sweep.

    Its traits are those of `OcclusionState`: image, patch, stride, fill, shape, map, target, position, pins, style,
    explanation, progress, status and error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network, a classifier or an autoencoder.
    images : sequence, or one picture
        Anything that `Image.load` opens.
    labels, preprocess, value_range
        As for `Probe`; only if `model` is not one already.
    patch, stride : int, optional
        Side of the patch and step of the sweep in pixels; a seventh of the picture and half a patch if None.
    fill : str or Image
        What the patch shows: a word, a colour such as ``"#ff8800"``, or another picture.
    shape : str
        ``"square"`` or ``"round"``.
    map : str, optional
        What is shown of the sweep first; if None how far the code of an autoencoder moves, else the fall.
    target : Objective or int, optional
        What is explained; the top class of each picture if None.
    position : tuple of int, optional
        First row and column of the patch; the middle if None.
    pins : sequence of tuple of int
        Positions to compare.
    style : Style, optional
        How to draw.
    size : str
        ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.
    renderer : str
        ``"auto"``, ``"ipympl"`` or ``"image"``, which cannot be dragged on; the sliders move the patch there.
    name : str, optional
        Closes the earlier explorer of this name, so that a cell that is run again leaves none behind.

    Raises
    ------
    ModelError, ImageError, SettingError, TargetError
        If what is given cannot be explored.
    """

    view: OcclusionView

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        labels: Any = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        patch: int | None = None,
        stride: int | None = None,
        fill: str | Image = "grey",
        shape: str = "square",
        map: str | None = None,
        target: Objective | int | None = None,
        position: Place | None = None,
        pins: Sequence[Place] = (),
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, labels, preprocess, value_range)
        first = map or ("code distance" if "code distance" in served_maps(probe) else "fall")
        traits = {
            "patch": patch, "stride": stride, "fill": fill, "shape": shape,
            "map": first, "target": target, "position": position, "pins": pins,
        }  # fmt: skip
        super().__init__(probe, images, style, size, renderer, **traits)
        self._rows = rows_of(images, probe.input_shape[2])
        self._player = Player(lambda: self._step(), STEP_SECONDS)
        self.patient = False  # whether the reader has said to go on with a sweep that takes minutes
        self.add_class("cv-occlusion")
        with self._looks.lent():
            self.view = OcclusionView(self)
            self.presenter = OcclusionPresenter(self, self.view)
        self.children = self.view.children
        self._begin(name)

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the sweep that the traits name; returns at once."""
        with self._lock:
            if self.closed:
                return
            try:
                image = self.fitted_image
                recipe = self.recipe.fitted(image)
            except CnnvizError as error:
                self.session.fail(error)
                return
            before = self.session.question
            again = before is not None and (before.image, before.method) == (image, recipe)
            self.patient = again and self.session.state == "cancelled"
            self.session.ask(image, recipe, rest=rest)
            if self.session.state == "computing":  # another question: what is shown is no longer its answer
                self.presenter.update("question")

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until sweep and bars belong to the question; False if `timeout` seconds pass first."""
        return super().wait(timeout) and self.presenter.wait(timeout)

    def code(self) -> str:
        """Return the lines that make this map again without widgets."""
        if self.explanation is None:
            return ""
        fill = self.explanation.recipe.fill
        written = Written(
            {one: row_name(k, self._rows) for k, one in enumerate(self.images[: self._rows]) if one == fill}
        )
        row = row_name(self.presenter.explained, self._rows)
        return code(self.explanation, self.style, probe=made_with(self.probe), picture=row, written=written)

    def pin(self) -> None:
        """Keep the position of the patch, numbered, to compare it with others."""
        with self._lock:
            self.pins = (*self.pins, self.presenter.place())

    def unpin(self, number: int) -> None:
        """Remove a pin by its number, from 1."""
        with self._lock:
            self.pins = tuple(pin for k, pin in enumerate(self.pins, 1) if k != number)

    @property
    def playing(self) -> bool:
        """Whether the patch moves over the picture by itself."""
        return self._player.playing

    def play(self) -> None:
        """Move the patch over the positions of the sweep, row by row, or stop it."""
        with self._lock:
            if self.playing:
                self.stop()
                return
            if self.position is None:
                self.position = 0, 0
            self._player.start()
            self.view.playing(True)

    def stop(self) -> None:
        """Stop the patch where it is."""
        with self._lock:
            if self.playing:
                self._player.stop()
                self.view.playing(False)
                self.presenter.redraw()

    def _step(self) -> bool:
        """Go to the next position of the sweep, after the last one stop; return whether there is one after it."""
        with self._lock:
            if self.closed or not self.playing:
                return False
            self._go_on()
            return self.playing

    def _go_on(self) -> None:
        grid = self.presenter.ready.grid(self.presenter.image)
        places = [(row, column) for row in grid.rows for column in grid.columns]
        later = [place for place in places if place > self.presenter.place()]
        self.position = later[0] if later else places[0]
        if len(later) == 1:
            self.stop()

    @property
    def _questions(self) -> list[str]:
        return ["image", *SETTINGS, "map", "target", "position", "pins"]

    def _asked_anew(self, name: str) -> None:
        if name in ("position", "pins"):
            self.presenter.look()
            return
        if name == "image" and isinstance(self.target, ClassScore):
            with self.quietly():
                self.target = None
        self.presenter.rebuild()
        if name in SETTINGS or name == "image":
            self.presenter.look()
        self.ask(rest=REST_SECONDS if name in SETTINGS else 0.0)

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    def _stop(self) -> None:
        self.stop()
        self.presenter.close()
