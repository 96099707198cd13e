"""The controls of a latent mixer, laid out; what they do is the mixer's."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ...errors import ImageError
from ...probe import LayerInfo
from ..parts import box, button, mark, part, row, shown, stylesheet, title
from ..rim import Rim
from ..strip import ImageStrip
from .code_tiles import CodeTiles
from .editor import Editor
from .ends import EndsPart
from .walk import WalkStrip
from .words import shape

if TYPE_CHECKING:
    from .mixer import LatentMixer

SPOKEN = {"Change": "change", "Focus": "focus", "Channel": "channel"}
MEANT = {
    "change": "What the changes did to the picture; without changes, the difference from A as it is decoded",
    "focus": "Which pixels of the decoded picture move the energy of the code",
    "channel": "Which pixels of the decoded picture move the chosen channel",
}
PLAY, STOP = "Walk from A to B by itself", "Stop the walk"


class MixerDesk(Rim):
    """Pictures above, the film of the walk below; what is mixed, the code and its sliders beside.

    Parameters
    ----------
    owner : LatentMixer
        Whose they are.
    """

    _owner: LatentMixer

    def __init__(self, owner: LatentMixer) -> None:
        super().__init__(owner, lambda by: None)
        self._quiet = False
        self.strip = ImageStrip(owner.uid, owner.images, self._clicked, self._uploaded)
        self.ends = EndsPart(owner.weigh)
        self.walk = WalkStrip(owner.uid, self.set_trait("mix"))
        self.tiles = CodeTiles(owner.uid, self.set_trait("channel"))
        self.editor = Editor(owner.apply, self.set_trait("cell"), owner.reset)
        self.beside: Any = part(
            widgets.ToggleButtons,
            options=list(SPOKEN.items()),
            value=owner.beside,
            tooltips=[MEANT[name] for name in SPOKEN.values()],
        )
        self.beside.add_class("cv-seg")
        self.layers: Any = part(widgets.Dropdown, options=[(owner.layer, owner.layer)])
        self.layers.add_class("cv-exact")  # by which the page's helper calls it "Layer"
        self.notes, self._alone = part(widgets.HTML), part(widgets.HTML)
        self._listen()
        self.play = button("", "cv-icon", PLAY, owner.play, icon="play")
        film = button("", "cv-icon", "Save the walk as GIF", owner.deliver_gif, icon="film")
        self.lever.children = [self.walk.widget]
        stand = box(widgets.Box, "cv-canvas", owner._view.widget)
        css = self.walk.css + stylesheet("latent_mixer/latent_mixer.css")
        self.children = self.framed(stand, self._side(), self.strip.widget, (self.play, film), css)

    def list_layers(self, layers: Sequence[LayerInfo]) -> None:
        """Offer the layers at which the network can be cut."""
        self._quiet = True
        try:
            self.layers.options = [(f"{layer.name}   {shape(layer)}", layer.name) for layer in layers]
            self.layers.value = self._owner.layer
        finally:
            self._quiet = False

    def put(self) -> None:
        """Move the controls to what the mixer's traits say."""
        owner, self._quiet = self._owner, True
        try:
            self.beside.value = owner.beside
            if self.layers.value != owner.layer:
                self.layers.value = owner.layer
        finally:
            self._quiet = False
        self.walk.mark(owner.mix)
        self.ends.put(owner.added, {index: owner.images[index].name for index in owner.added})
        thumbs = self.strip._thumbs
        mark(thumbs, owner.a)
        mark(thumbs, owner.b, "cv-second")
        for index, made in enumerate(thumbs):
            (made.add_class if index in owner.added else made.remove_class)("cv-plus")

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
        self._owner.take(index, self.ends.slot.value)

    def _uploaded(self, images: list[Any], refused: list[str]) -> None:
        if images:
            self._owner.add_images(images, look=not refused)
        if refused:
            self._owner.session.refuse(ImageError(" ".join(refused)))
