"""The controls of a feature map browser, laid out; what they do is the browser's."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from ...errors import CnnvizError
from ...style import Style
from ..controls.layer_picker import layer_picker
from ..controls.style_controls import ColourPicker, OpacitySlider
from ..core.elements import box, button, free, heading, part, row, shown, stylesheet, title
from ..core.helper import Helper
from ..core.shell import PictureShell
from ..image_generator.open_below import GeneratorBelow
from .state import FeatureMapsHost
from .wall import MapTiles

ORDERS = {"Liveliest": "activity", "Number": "index"}
SCALES = {"Each its own": "own", "Shared": "shared"}


class FeatureMapsView(PictureShell):
    """The wall of maps, the film below it, and beside it the chosen channel, its kernel, and how maps are drawn.

    Parameters
    ----------
    host : FeatureMapsHost
        The browser.
    """

    _host: FeatureMapsHost

    def __init__(self, host: FeatureMapsHost) -> None:
        super().__init__(host, host.turn)
        self._quiet = False
        self.tiles = MapTiles(host.uid, self.set_trait("channel"))
        self.depth = layer_picker(host.uid, host.probe, self.set_trait("layer"))
        self._opacity = OpacitySlider(host.style)
        self.lever.children = [self.depth.widget] if self.depth.layers else []
        self.dreams = GeneratorBelow(host, host.chosen_unit, self.helper.show)
        tip = "Which places it hangs on: opens an Explorer below"
        self.explain = button("Explain this channel", "cv-do", tip, self._explain)
        self.explain.disabled = self.dreams.button.disabled = True  # until there is a channel
        self._title, self._about, self._bar = part(widgets.HTML), part(widgets.HTML), part(widgets.HTML)
        self._kernel_title, self._kernel = part(widgets.HTML, "", heading("Kernel")), part(widgets.HTML)
        self._notes = part(widgets.HTML)
        self.order, self.scale = self._choice("order", ORDERS), self._choice("scale", SCALES)
        self._opacity.slider.observe(lambda change: self._restyled("opacity", change["new"]), "value")
        self.colours = ColourPicker(host.uid, self._restyled)
        about = box(widgets.VBox, "cv-sec", self._kernel_part(), self._maps_part())
        about.add_class("cv-stack")
        side = (self._channel_part(), about)
        css = self.depth.css + stylesheet("feature_maps/feature_maps.css")
        self.below = box(widgets.VBox, "cv-below")
        self._belonging: tuple[widgets.Widget, ...] = ()
        framed = self.framed(self.tiles.widget, side, self.strip.widget, css=css)
        self.children = (*framed, self.below, self.dreams.widget)

    def tell_channel(self, number: int, about: str, bar: str) -> None:
        """Say what is shown of the chosen channel, and what the colours of its map are worth; offer what it can do."""
        self._title.value = heading(f"Channel {number}", "on the picture")
        self._about.value = f'<div class="cv-about">{about}</div>'
        self._bar.value = bar
        self.explain.disabled = self.dreams.button.disabled = False

    def tell_kernel(self, whose: str, markup: str) -> None:
        """Show the kernel behind the chosen channel."""
        self._kernel_title.value = heading("Kernel", whose)
        self._kernel.value = markup

    def tell_notes(self, notes: tuple[str, ...]) -> None:
        """Say what to mind."""
        value = "".join(f"<div>{html.escape(note)}</div>" for note in notes)
        self._notes.value = f'<div class="cv-read">{value}</div>' if notes else ""
        shown(self._notes, bool(notes))

    def put(self, order: str, scale: str, style: Style, signed: bool) -> None:
        """Move the controls to what they stand for."""
        self._quiet = True
        try:
            self.order.value, self.scale.value = order, scale
            self._opacity.put(style)
        finally:
            self._quiet = False
        self.colours.put(style, signed)

    def put_below(self, explorer: widgets.Widget, helper: Helper, says: str) -> None:
        """Show an Explorer under all, with a line (HTML) that says what it explains; `helper` is the Explorer's."""
        before = self._belonging
        said = part(widgets.HTML, "", says)
        close = button("Close", "cv-cancel", "Close the Explorer", self._host.close_explorer)
        self._belonging = (box(widgets.HBox, "cv-belowhead", said, close),)
        # only once it is on the page has it a height to scroll to
        helper.observe(lambda _: self.helper.show(".cv-below"), "loaded")
        self.below.children = (*self._belonging, explorer)
        for gone in before:
            free(gone)

    def take_away(self) -> None:
        """Show nothing under all."""
        before, self._belonging = self._belonging, ()
        self.below.children = ()
        for gone in before:
            free(gone)

    def _channel_part(self) -> widgets.Widget:
        stand = box(widgets.Box, "cv-canvas", self._host.canvas.widget)
        stand.add_class("cv-beside")
        plate = box(widgets.VBox, "cv-plate", stand, self._bar)
        return box(
            widgets.VBox,
            "cv-sec",
            self._title,
            plate,
            self._about,
            box(widgets.HBox, "cv-row", self.explain, self.dreams.button),
        )

    def _explain(self) -> None:
        try:
            self._host.explain_channel()
        except CnnvizError as error:
            self._host.refuse(error)

    def _kernel_part(self) -> widgets.Widget:
        return box(widgets.VBox, "cv-sec", self._kernel_title, self._kernel)

    def _maps_part(self) -> widgets.Widget:
        return box(
            widgets.VBox, "cv-sec", title("Maps"), self.colours.style, row("Order", self.order),
            row("Scale", self.scale), self._opacity.row, self.colours.widget, self._notes,
        )  # fmt: skip

    def _choice(self, name: str, options: dict[str, str]) -> Any:
        made = part(widgets.ToggleButtons, options=list(options.items()), value=getattr(self._host, name))
        made.add_class("cv-seg")
        choose = self.set_trait(name)
        made.observe(lambda change: None if self._quiet else choose(change["new"]), "value")
        return made

    def _restyled(self, name: str, value: Any) -> None:
        if not self._quiet:
            self.set_trait("style")(self._host.style.replace(**{name: value}))
