"""The feature map browser: all that a layer sees, map by map, and one channel large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import CnnvizError, ImageError
from ...explanation import ActivationMaps
from ...export import code, png_bytes
from ...methods.feature_maps import FeatureMaps
from ...objectives import Unit
from ...style import Style
from ..core.exporting import SAVED_SIDE, made_with
from ..core.sizes import beside
from ..core.widget import PictureWidget, probe_of
from ..explorer.explorer import Explorer
from ..image_generator.generator import ImageGenerator
from .presenter import FeatureMapsPresenter
from .state import FeatureMapsState
from .text import heading_of_explorer
from .view import FeatureMapsView


class FeatureMapBrowser(PictureWidget, FeatureMapsState):
    """See all maps of a layer at once, and one of them on the picture with what its strongest cell can see.

    Its traits are those of `FeatureMapsState`: layer, image, channel, order, scale, style, explanation, progress,
    status and error. They can be observed and linked, with an `Explorer`'s too.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, or one picture
        Anything that `Image.load` opens.
    labels, preprocess, value_range, style, size, renderer, name
        As for `Explorer`.
    layer : str, optional
        The layer to begin with; the first convolution if None.
    channel : int, optional
        The channel to begin with; the liveliest if None.
    order : str
        ``"activity"``: those that vary most over the picture first (standard deviation over places). ``"index"``.
    scale : str
        ``"own"``: every map has all the colours. ``"shared"``: one scale for all maps of the layer.

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError
        If what is given cannot be browsed; a `LayerError` says why a network has no maps.

    Examples
    --------
    The eight maps of a small network's first layer, in grey, two rows of four:

    >>> import cnnviz_widgets as cnnviz
    >>> grey = cnnviz.Style(colormap="grey", signed_colormap="grey")
    >>> cnnviz.FeatureMapBrowser(model, image, style=grey, order="index")  # doctest: +SKIP

    The same as a picture, without a widget, in one line:

    >>> cnnviz.FeatureMaps(order="index")(model, image).show(grey)  # doctest: +SKIP
    """

    view: FeatureMapsView
    _column = 0

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        labels: Any = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        layer: str | None = None,
        channel: int | None = None,
        order: str = "activity",
        scale: str = "own",
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, labels, preprocess, value_range)
        self._as_built: dict[str, Any] = {"size": size, "renderer": renderer}
        FeatureMaps().default_layer(probe)
        known = probe.layer(layer).name if layer else ""
        traits = {"layer": known, "order": order, "scale": scale, "channel": channel or 0}
        super().__init__(probe, images, style, size, renderer, **traits)
        self.picked_channel = channel is not None
        self._below: Explorer | None = None
        self.add_class("cv-maps")
        with self._looks.lent():
            self.view = FeatureMapsView(self)
            self.presenter = FeatureMapsPresenter(self, self.view)
        self.children = self.view.children
        self._begin(name)

    explanation: ActivationMaps | None

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the maps that the traits name; returns at once."""
        with self._lock:
            if self.closed:
                return
            recipe = FeatureMaps(order=self.order, layer=self.layer or None)
            try:
                image = self.probe.fit(self.images[self.image])
            except CnnvizError as error:
                self.session.fail(error)
                return
            self.presenter.cancel()
            self.session.ask(image, recipe, rest=rest)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the picture belongs to the question; False if `timeout` seconds pass first."""
        return super().wait(timeout) and self.presenter.wait(timeout)

    def turn(self, by: int) -> None:
        """Turn the pages: -1 back, 1 on."""
        with self._lock:
            self.presenter.turn(by)

    def look_at(self, cell: tuple[int, int] | None) -> None:
        """Show what a cell of the chosen channel can see; its strongest cell if None."""
        with self._lock:
            self.presenter.look_at(cell)

    def explain_channel(self) -> Explorer:
        """Open an Explorer below that explains the chosen channel on the same picture, and return it.

        It begins with Occlusion: that tells something of a channel in any layer. Grad-CAM in the channel's own layer
        would be its map once more, and the slope of an early channel's mean is the same at every pixel.
        """
        with self._lock:
            shown = self.explanation
            if shown is None:
                raise ImageError("there is no picture yet: call wait() first.")
            before, self._below = self._below, None
            number = self.presenter.channel
            target = Unit(shown.layer, number)
            pictures = [self.images[self.image], *(i for k, i in enumerate(self.images) if k != self.image)]
            made = Explorer(
                self.probe, pictures, method="Occlusion", target=target, style=self.style, **self._as_built
            )
            self._below = made
            self.view.put_below(made, made.view.helper, heading_of_explorer(shown, number))
        if before is not None:
            before.close()
        return made

    def dream_channel(self) -> ImageGenerator:
        """Open an image generator below that raises the chosen channel, and return it."""
        return self.view.dreams.open()

    def chosen_unit(self) -> Unit | None:
        """Return the chosen channel as a target; None while there is no picture."""
        return None if self.explanation is None else Unit(self.explanation.layer, self.presenter.channel)

    def close_explorer(self) -> None:
        """Close the Explorer below; nothing happens without one."""
        with self._lock:
            before, self._below = self._below, None
            self.view.take_away()
        if before is not None:
            before.close()

    def snapshot(self) -> bytes:
        """Return the page of maps on the screen with its caption as a PNG file."""
        if self.explanation is None:
            raise ImageError("there is no picture yet: call wait() first.")
        return png_bytes(self.explanation, self.presenter.drawn_style(), **self._paper)

    def code(self) -> str:
        """Return the lines that show this page of maps again without widgets."""
        if self.explanation is None:
            return ""
        style = self.presenter.drawn_style()
        return code(self.explanation, style, probe=made_with(self.probe), **self._paper)

    @property
    def _paper(self) -> dict[str, Any]:
        return {"size": SAVED_SIDE, "page": self.presenter.page, "tiles": self.view.tiles.wall.grid}

    @property
    def _questions(self) -> list[str]:
        return ["layer", "image", "order", "channel", "scale"]

    def _asked_anew(self, name: str) -> None:
        if name in ("channel", "scale"):
            self.picked_channel = self.picked_channel or name == "channel"
            self.presenter.choose() if name == "channel" else self.presenter.redraw()
            return
        if name == "layer":
            self.picked_channel = False
        self.presenter.mark()
        self.ask()

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    def _stop(self) -> None:
        self.close_explorer()
        self.view.dreams.close()
        self.presenter.close()

    # size

    def _canvas_size(self, size: str | int) -> str | int:
        return beside(size, self._column)

    def _fill(self, width: int) -> None:
        self._column = width
        super()._fill(width)
