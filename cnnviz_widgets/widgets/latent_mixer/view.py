"""The controls of a latent mixer, laid out; what they do is the mixer's."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from ...errors import ImageError
from ...probe import LayerInfo
from ..canvas.scene import nothing
from ..core.elements import box, button, is_rounded, mark, part, row, shown, stylesheet, title
from ..core.image_picker import ImageStrip
from ..core.shell import Shell
from .code_tiles import CodeTiles
from .drawing import rounded_up
from .endpoints import EndpointControls
from .mixture import Cell, CodeEdit
from .state import MixerHost
from .text import shape
from .walk import WalkStrip

LOUDEST = 3.0
STEPS = 40
WHERE = {"Whole map": False, "One cell": True}


class ChannelEditor:
    """Scale, amount and place of a change.

    Parameters
    ----------
    change : callable
        Called with the change that the sliders stand for.
    look : callable
        Called with the cell to change, or None for the whole map.
    forget : callable
        Called to take all changes back.
    """

    def __init__(
        self,
        change: Callable[[CodeEdit], None],
        look: Callable[[Cell | None], None],
        forget: Callable[[], None],
    ) -> None:
        self._change, self._look, self._quiet = change, look, False
        self._edit = CodeEdit(0)
        self._shape = (1, 1)
        self._scale: Any = part(
            widgets.FloatSlider, "", 1.0, min=0, max=LOUDEST, step=0.05, readout_format=".2f"
        )
        self._add: Any = part(widgets.FloatSlider, "", 0.0, min=-1, max=1, step=0.05, readout_format="+.3g")
        self._where: Any = part(widgets.ToggleButtons, options=list(WHERE.items()), value=False)
        self._where.add_class("cv-seg")
        self._place = [part(widgets.IntSlider, min=0, max=1) for _ in range(2)]
        for made in (self._scale, self._add):
            made.observe(lambda _: self._moved(), "value")
        for made in (self._where, *self._place):
            made.observe(lambda _: self._placed(), "value")
        self.title = part(widgets.HTML)
        self._cells = box(widgets.VBox, "cv-cells", row("Row", self._place[0]), row("Column", self._place[1]))
        self._spot = row("Where", self._where, help="change the whole map of the channel, or one cell of it")
        silence = button("Zero", "cv-cancel", "Set it to 0", lambda: self._change(self._with(0.0, 0.0)))
        back = button(
            "Reset", "cv-cancel", "Take this change back", lambda: self._change(self._with(1.0, 0.0))
        )
        self.all = button("Reset all", "cv-cancel", "Take all changes of the code back", forget)
        self.widget = box(
            widgets.VBox, "cv-editor", self.title,
            row("Scale", self._scale, help="every value times this; 0 silences, 1 leaves it"),
            row("Add", self._add, help="added to every value, in the code's own numbers"),
            self._spot, self._cells, box(widgets.HBox, "cv-undo", silence, back, self.all),
        )  # fmt: skip

    def fit(self, shape: tuple[int, int], most: float) -> None:
        """Suit a code of maps of (height, width) whose numbers lie within `most` of zero."""
        end = rounded_up(most or 1.0)
        self._quiet = True
        try:
            self._shape = shape
            shown(self._spot, shape != (1, 1))
            self._add.max, self._add.min = max(end, self._add.value), min(-end, self._add.value)
            self._add.step = end / STEPS
            for made, length in zip(self._place, shape, strict=True):
                made.max = max(length - 1, 0)
        finally:
            self._quiet = False

    def put(self, edit: CodeEdit, heading: str, several: bool) -> None:
        """Move the controls to a change; `several` tells whether there is any to take back."""
        self._quiet = True
        try:
            self._edit, self.title.value = edit, heading
            for made, value in ((self._scale, edit.scale), (self._add, edit.add)):
                made.max, made.min = max(made.max, value), min(made.min, value)
                made.value = value
            self._where.value = edit.cell is not None
            for made, at in zip(self._place, edit.cell or (0, 0), strict=True):
                made.value = at
        finally:
            self._quiet = False
        shown(self._cells, edit.cell is not None)
        self.all.disabled = not several

    def _with(self, scale: float, add: float) -> CodeEdit:
        return CodeEdit(self._edit.channel, scale, add, self._edit.cell)

    def _moved(self) -> None:
        if self._quiet:
            return
        told = (self._scale, self._edit.scale), (self._add, self._edit.add)
        scale, add = (at if is_rounded(made.value, at, made.step) else made.value for made, at in told)
        if (scale, add) != (self._edit.scale, self._edit.add):
            self._change(self._with(scale, add))

    def _placed(self) -> None:
        if not self._quiet:
            down, across = (made.value for made in self._place)
            self._look((down, across) if self._where.value else None)


SPOKEN = {"Change": "change", "Focus": "focus", "Channel": "channel"}
MEANT = {
    "change": "What the changes did to the picture; without changes, the difference from A as it is decoded",
    "focus": "Which pixels of the decoded picture move the energy of the code",
    "channel": "Which pixels of the decoded picture move the chosen channel",
}
PLAY, STOP = "Walk from A to B by itself", "Stop the walk"


class MixerView(Shell):
    """Pictures above, the film of the walk below; what is mixed, the code and its sliders beside.

    Parameters
    ----------
    host : MixerHost
        The widget.
    """

    _host: MixerHost

    def __init__(self, host: MixerHost) -> None:
        super().__init__(host, nothing)
        self._quiet = False
        self.strip = ImageStrip(host.uid, host.images, self._clicked, self._uploaded)
        self.ends = EndpointControls(host.weigh)
        self.walk = WalkStrip(host.uid, self.set_trait("mix"))
        self.tiles = CodeTiles(host.uid, self.set_trait("channel"))
        self.editor = ChannelEditor(host.apply, self.set_trait("cell"), host.reset)
        self.beside: Any = part(
            widgets.ToggleButtons,
            options=list(SPOKEN.items()),
            value=host.beside,
            tooltips=[MEANT[name] for name in SPOKEN.values()],
        )
        self.beside.add_class("cv-seg")
        self.layers: Any = part(widgets.Dropdown, options=[(host.layer, host.layer)])
        self.layers.add_class("cv-exact")  # by which the page's helper calls it "Layer"
        self.notes, self._alone = part(widgets.HTML), part(widgets.HTML)
        self._listen()
        self.play = button("", "cv-icon", PLAY, host.play, icon="play")
        film = button("", "cv-icon", "Save the walk as GIF", host.deliver_gif, icon="film")
        self.lever.children = [self.walk.widget]
        stand = box(widgets.Box, "cv-canvas", host.canvas.widget)
        css = self.walk.css + stylesheet("latent_mixer/latent_mixer.css")
        self.children = self.framed(stand, self._side(), self.strip.widget, (self.play, film), css)

    def list_layers(self, layers: Sequence[LayerInfo]) -> None:
        """Offer the layers at which the network can be cut."""
        self._quiet = True
        try:
            self.layers.options = [(f"{layer.name}   {shape(layer)}", layer.name) for layer in layers]
            self.layers.value = self._host.layer
        finally:
            self._quiet = False

    def put(self) -> None:
        """Move the controls to what the mixer's traits say."""
        host, self._quiet = self._host, True
        try:
            self.beside.value = host.beside
            if self.layers.value != host.layer:
                self.layers.value = host.layer
        finally:
            self._quiet = False
        self.walk.mark(host.mix)
        self.ends.put(host.added, {index: host.images[index].name for index in host.added})
        thumbs = self.strip.thumbs
        mark(thumbs, host.a)
        mark(thumbs, host.b, "cv-second")
        for index, made in enumerate(thumbs):
            (made.add_class if index in host.added else made.remove_class)("cv-plus")

    def tell_notes(self, notes: Sequence[str]) -> None:
        """Say what to mind."""
        value = "".join(f"<div>{html.escape(note)}</div>" for note in notes)
        self.notes.value = f'<div class="cv-read">{value}</div>' if notes else ""
        shown(self.notes, bool(notes))

    def show_alone(self, markup: str) -> None:
        """Show the small pictures beside the controls, where the canvas has no room for them; nothing if empty."""
        self._alone.value = markup
        shown(self._alone, bool(markup))

    def playing(self, on: bool) -> None:
        """Show whether the walk goes on by itself."""
        self.play.icon, self.play.tooltip = ("stop", STOP) if on else ("play", PLAY)

    def _side(self) -> tuple[widgets.Widget, ...]:
        code = box(
            widgets.VBox, "cv-sec", title("Code", "its channels, strongest first"), self.tiles.widget,
            self.editor.widget, row("Layer", self.layers, help="where the network is cut"),
        )  # fmt: skip
        small = box(widgets.VBox, "cv-sec", title("Small map"), self.beside, self._alone, self.notes)
        return self.ends.widget, code, small

    def _listen(self) -> None:
        for made, name in ((self.beside, "beside"), (self.layers, "layer")):
            change = self.set_trait(name)
            made.observe(
                lambda event, change=change: None if self._quiet else change(event["new"]),  # type: ignore[misc]
                "value",
            )

    def _clicked(self, index: int) -> None:
        self._host.take(index, self.ends.slot.value)

    def _uploaded(self, images: list[Any], refused: list[str]) -> None:
        if images:
            self._host.add_images(images, look=not refused)
        if refused:
            self._host.refuse(ImageError(" ".join(refused)))
