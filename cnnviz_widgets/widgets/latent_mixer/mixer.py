"""The latent mixer: walk between the codes of two pictures, change the code by hand, and see what is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import CnnvizError
from ...images.intake import loaded, rows_of
from ...jobs import worker
from ...style import Style
from ..core.widget import RootWidget, probe_of
from .exporting import Kept
from .mixture import Cell, CodeEdit, Order, checked_output_range
from .player import Player
from .presenter import LiveSession, MixerScreen
from .state import check_model
from .view import MixerDesk

QUESTIONS = ["a", "b", "mix", "added", "edits", "layer", "channel", "cell", "beside"]
LOOKS = ("channel", "cell", "beside")


class LatentMixer(Kept, RootWidget):
    """Mix the codes of pictures with a slider, change the code by hand, and see live what the decoder makes of it.

    Its traits are those of `MixerState`: a, b, mix, added, layer, edits, channel, cell, beside, mixed, style, progress,
    status and error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        An autoencoder: a network that makes a picture of the size of the one it takes.
    images : sequence, or one picture
        Anything that `Image.load` opens. At least one; a walk needs two, and the strip takes a few dozen well.
    preprocess, value_range
        As for `Probe`; only if `model` is not one already.
    layer : str, optional
        Where the code is; the bottleneck if None. The output must be made of this layer alone.
    a, b : int
        Indices of the pictures that the walk goes between.
    mix : float
        Share of the way from A to B, 0 to 1.
    added : mapping of int to float, optional
        Further pictures by index, with the weights of their codes, e.g. ``{2: 1, 3: -1}``.
    edits : sequence of CodeEdit
        Changes of the code.
    output_range : tuple of float, optional
        The output's values that mean black and white; those that the network takes if None. For a network that
        scales its input itself and gives back 0 to 1, it is ``(0, 1)``.
    style : Style, optional
        How to draw the code and the small map.
    size : str
        ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.
    renderer : str
        ``"auto"``, ``"ipympl"`` or ``"image"``.
    name : str, optional
        Closes the earlier mixer of this name, so that a cell that is run again leaves none behind.

    Raises
    ------
    ModelError
        If the network does not give back a picture of the size of the one it takes.
    LayerError
        If the output is not made of the layer alone; the message says what else reaches it, and where to cut instead.
    ImageError, SettingError
        If what is given cannot be mixed.
    """

    _talk = LiveSession
    session: LiveSession
    _desk: MixerDesk

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        layer: str | None = None,
        a: int = 0,
        b: int | None = None,
        mix: float = 0.5,
        added: Mapping[int, float] | None = None,
        edits: Sequence[CodeEdit] = (),
        output_range: tuple[float, float] | None = None,
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, None, preprocess, value_range)
        check_model(probe)
        channels = probe.input_shape[2]
        self.images, self._rows = loaded(images, 0, channels, probe.labels), rows_of(images, channels)
        self.output_range = checked_output_range(output_range)
        self._fitted = {}
        last = min(1, len(self.images) - 1) if b is None else b
        traits = {
            "layer": probe.split(layer).name,
            "a": a, "b": last, "mix": mix, "added": added or {}, "edits": tuple(edits),
        }  # fmt: skip
        super().__init__(probe, style, size, renderer, **traits)
        self._player = Player(self)
        self._picked_channel = False
        self.add_class("cv-mixer")
        with self._looks.lent():
            self._desk = MixerDesk(self)
            self._desk.list_layers(probe.decodable())
            self._screen = MixerScreen(self)
        self.children = self._desk.children
        self.observe(self._anew, QUESTIONS)
        self._begin(name)
        self._desk.strip.draw()  # last: the worker is at the first answer meanwhile

    # what is asked

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the mixture that the traits name; returns at once."""
        with self._lock:
            if self._closed:
                return
            try:
                self.session.order(self.picture(self.a), Order(self.mixture, self.ends))
            except CnnvizError as error:
                self.session.fail(error)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self._screen.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until picture, film and small map belong to the traits; False if `timeout` seconds pass first."""
        return super().wait(timeout) and self._screen.wait(timeout) and worker.wait(self, timeout)

    # what the reader does

    def take(self, index: int, slot: str) -> None:
        """Have a picture as ``a``, as ``b``, or among those ``added``, where it is left out if it is there."""
        with self._lock:
            if slot != "added":
                self._desk.set_trait(slot)(index)
            elif index in self.added:
                self.weigh(index, None)
            else:
                self.weigh(index, 1.0)

    def weigh(self, index: int, weight: float | None) -> None:
        """Add a picture's code with a weight, below 0 to take it away; None leaves it out."""
        with self._lock:
            kept = {k: w for k, w in self.added.items() if k != index or weight is not None}
            self._desk.set_trait("added")(kept if weight is None else {**kept, index: weight})

    def edit(self, channel: int, scale: float = 1.0, add: float = 0.0, cell: Cell | None = None) -> None:
        """Change a channel of the code, or a cell of it, in place of an earlier change of the same.

        Parameters
        ----------
        channel : int
            Which channel, from 0.
        scale, add : float
            Every value becomes value times `scale` plus `add`; 1 and 0 take the change back.
        cell : tuple of int, optional
            (row, column) to change only this cell.
        """
        others = tuple(one for one in self.edits if (one.channel, one.cell) != (channel, cell))
        self.edits = (*others, CodeEdit(channel, scale, add, cell))

    def apply(self, change: CodeEdit) -> None:
        """Make a change as the sliders do: what is refused is said below."""
        with self._lock:
            try:
                self.edit(change.channel, change.scale, change.add, change.cell)
            except CnnvizError as error:
                self.session.refuse(error)

    def reset(self) -> None:
        """Take all changes of the code back."""
        self.edits = ()

    def add_images(self, images: Sequence[Any], *, look: bool = True) -> None:
        """Add pictures at the end of the strip, and put the first of them where a click would."""
        with self._lock:
            new = loaded(images, len(self.images), self.probe.input_shape[2], self.probe.labels)
            self.images.extend(new)
            self._desk.strip.append(new)
            if look:
                self.take(len(self.images) - len(new), self._desk.ends.slot.value)
            self._desk.put()

    @property
    def playing(self) -> bool:
        """Whether the walk goes on by itself."""
        return self._player.playing

    def play(self) -> None:
        """Walk from A to B by itself, or stop it."""
        with self._lock:
            if self._player.playing:
                self._player.stop()
            else:
                self._player.start()

    def stop(self) -> None:
        """Stop the walk where it is."""
        with self._lock:
            self._player.stop()

    # what follows

    def suggest(self, channel: int) -> None:
        """Look at a channel, unless the reader has chosen one."""
        if not self._picked_channel:
            with self._quietly():
                self.channel = channel

    def _anew(self, event: Any) -> None:
        with self._lock:
            if self._quiet_depth or self._closed:
                return
            name = event["name"]
            if name == "layer":
                self._forget()
            self._picked_channel = self._picked_channel or name == "channel"
            self._screen.mark()
            if name in LOOKS:
                self._screen.look()
            else:
                self.ask()

    def _forget(self) -> None:
        """Drop what belongs to the code of another layer."""
        with self._quietly():
            self.edits, self.channel, self.cell = (), 0, None
        self._picked_channel = False

    def _answered(self, what: str) -> None:
        self._screen.update(what)

    def _stop(self) -> None:
        self.stop()
        self._screen.close()
        worker.cancel(self)
