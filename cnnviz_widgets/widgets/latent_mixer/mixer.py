"""The latent mixer: walk between the codes of two pictures, change the code by hand, and see what is decoded."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CnnvizError, ImageError, SettingError
from ...export.files import checked_place
from ...images.image import Image
from ...images.intake import loaded, row_name, rows_of
from ...jobs import Job, worker
from ...style import Style
from ...timers import Player
from ..core.exporting import made_with
from ..core.widget import RootWidget, probe_of
from .exporting import GIF_STEPS, MOST_STEPS, PATIENCE_SECONDS, code_lines, gif, page
from .mixture import Cell, CodeEdit, Ends, Mixture, Order, checked_output_range, ends_of
from .presenter import MixerPresenter
from .session import MixerSession
from .state import MixerState, check_model
from .text import also
from .view import MixerView
from .walk import FRAMES, rebuilt, walked

STEPS, STEP_SECONDS = 32, 0.07  # of a walk by itself
QUESTIONS = ["a", "b", "mix", "added", "edits", "layer", "channel", "cell", "beside"]
LOOKS = ("channel", "cell", "beside")


class LatentMixer(RootWidget, MixerState):
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

    _talk = MixerSession
    session: MixerSession
    view: MixerView

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
        self._fitted: dict[tuple[int, tuple[int, int]], Image] = {}
        last = min(1, len(self.images) - 1) if b is None else b
        traits = {
            "layer": probe.split(layer).name,
            "a": a, "b": last, "mix": mix, "added": added or {}, "edits": tuple(edits),
        }  # fmt: skip
        super().__init__(probe, style, size, renderer, **traits)
        self._picked_channel = False
        self.add_class("cv-mixer")
        with self._looks.lent():
            self.view = MixerView(self)
            self.view.list_layers(probe.decodable())
            self.presenter = MixerPresenter(self, self.view)
        self._player = Player(lambda: self._walk_on(), STEP_SECONDS)
        self.children = self.view.children
        self.observe(self._anew, QUESTIONS)
        self._begin(name)
        self.view.strip.draw()  # last: the worker is at the first answer meanwhile

    # what is asked

    @property
    def mixture(self) -> Mixture:
        """What the traits stand for."""
        return self._at(self.mix)

    @property
    def ends(self) -> Ends:
        """The output's values that are drawn darkest and brightest."""
        return ends_of(self.probe, self.picture(self.a), self.output_range)

    def steps(self, count: int = FRAMES) -> list[Mixture]:
        """Return the mixtures of a walk from A to B, changes included."""
        return [self._at(float(share)) for share in np.linspace(0, 1, count)]

    def _at(self, mix: float) -> Mixture:
        weights = [(self.a, 1 - mix), (self.b, mix), *self.added.items()]
        return Mixture(self.layer, tuple((self.picture(index), w) for index, w in weights), self.edits)

    def picture(self, index: int) -> Image:
        """Return a picture as the network takes it; of the size of A where the network takes any."""
        first = self.probe.input_shape[:2]
        size = self.images[self.a].size if None in first else (first[0] or 0, first[1] or 0)
        if (index, size) not in self._fitted:
            self._fitted[index, size] = self.probe.fit(self.images[index]).resized(size, "crop")
        return self._fitted[index, size]

    def row_of(self, image: Image) -> str:
        """Return what a mixed picture is called in the lines of code, e.g. ``images[9]``."""
        found = next(index for (index, _), one in self._fitted.items() if one is image)
        return row_name(found, self._rows)

    def edit_of(self, channel: int, cell: Cell | None) -> CodeEdit:
        """Return the change of a channel or a cell, one that changes nothing if there is none."""
        found = (one for one in self.edits if (one.channel, one.cell) == (channel, cell))
        return next(found, CodeEdit(channel, cell=cell))

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the mixture that the traits name; returns at once."""
        with self._lock:
            if self.closed:
                return
            try:
                self.session.order(self.picture(self.a), Order(self.mixture, self.ends))
            except CnnvizError as error:
                self.session.fail(error)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until picture, film and small map belong to the traits; False if `timeout` seconds pass first."""
        return super().wait(timeout) and self.presenter.wait(timeout) and worker.wait(self, timeout)

    # what the reader does

    def take(self, index: int, slot: str) -> None:
        """Have a picture as ``a``, as ``b``, or among those ``added``, where it is left out if it is there."""
        with self._lock:
            if slot != "added":
                self.view.set_trait(slot)(index)
            elif index in self.added:
                self.weigh(index, None)
            else:
                self.weigh(index, 1.0)

    def weigh(self, index: int, weight: float | None) -> None:
        """Add a picture's code with a weight, below 0 to take it away; None leaves it out."""
        with self._lock:
            kept = {k: w for k, w in self.added.items() if k != index or weight is not None}
            self.view.set_trait("added")(kept if weight is None else {**kept, index: weight})

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
            self.view.strip.append(new)
            if look:
                self.take(len(self.images) - len(new), self.view.ends.slot.value)
            self.view.put()

    @property
    def playing(self) -> bool:
        """Whether the walk goes on by itself."""
        return self._player.playing

    def play(self) -> None:
        """Walk from A to B by itself, or stop it."""
        with self._lock:
            if self.playing:
                self.stop()
                return
            if self.mix >= 1:
                self.mix = 0.0
            self._player.start()
            self.view.playing(True)

    def stop(self) -> None:
        """Stop the walk where it is."""
        with self._lock:
            if self.playing:
                self._player.stop()
                self.view.playing(False)

    def _walk_on(self) -> bool:
        """Take a small step towards B; return whether there is one after it."""
        with self._lock:
            if self.closed or not self.playing:
                return False
            self.mix = min(1.0, (math.floor(self.mix * STEPS) + 1) / STEPS)
            if self.mix >= 1:
                self.stop()
            return self.playing

    # what follows

    def suggest(self, channel: int) -> None:
        """Look at a channel, unless the reader has chosen one."""
        if not self._picked_channel:
            with self.quietly():
                self.channel = channel

    def _anew(self, event: Any) -> None:
        with self._lock:
            if self._quiet_depth or self.closed:
                return
            name = event["name"]
            if name == "layer":
                self._forget()
            self._picked_channel = self._picked_channel or name == "channel"
            self.presenter.mark()
            if name in LOOKS:
                self.presenter.look()
            else:
                self.ask()

    def _forget(self) -> None:
        """Drop what belongs to the code of another layer."""
        with self.quietly():
            self.edits, self.channel, self.cell = (), 0, None
        self._picked_channel = False

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    def _stop(self) -> None:
        self.stop()
        self.presenter.close()
        worker.cancel(self)

    # on paper

    @property
    def drawn(self) -> bool:
        """Whether there is anything to keep."""
        return self.mixed is not None

    def snapshot(self) -> bytes:
        """Return A, the mixture and B over the film of the walk, with a caption, as a PNG file.

        Where there is no picture yet, it is waited for, at most half a minute.
        """
        if self.mixed is None:
            self.session.wait(PATIENCE_SECONDS)
        if self.mixed is None:
            raise ImageError(f"there is no picture yet: call wait() first. {self.error}".strip())
        steps = self.steps()
        both = rebuilt(self.probe, steps[0], self.ends)
        return page(self.mixed, both, walked(self.probe, steps, self.ends), self.code())

    def code(self) -> str:
        """Return the lines that decode this picture again without widgets."""
        if self.mixed is None:
            return ""
        rows = [self.row_of(image) for image, _ in self.mixed.recipe.parts]
        any_size = None in self.probe.input_shape[:2]
        return code_lines(self.mixed, rows, self.ends, made_with(self.probe), any_size)

    def file_name(self, kind: str = "png") -> str:
        """Return a file name that says what the picture is, e.g. ``bag-3-to-coat-1-encoded.png``."""
        if self.mixed is None:
            return f"picture.{kind}"
        (first, _), (second, _) = self.mixed.recipe.parts[:2]
        words = (first.name, "to", second.name, self.mixed.recipe.layer)
        return (
            "-".join("".join(c if c.isalnum() or c == "_" else "-" for c in w.lower()) for w in words)
            + f".{kind}"
        )

    def gif(self, steps: int = GIF_STEPS) -> bytes:
        """Return the walk from A to B and back, with the changes of the code, as a GIF file.

        Parameters
        ----------
        steps : int
            How many pictures from A to B, 2 to 200.
        """
        if isinstance(steps, bool) or not hasattr(steps, "__index__") or not 2 <= int(steps) <= MOST_STEPS:
            raise SettingError(f"steps must be a whole number from 2 to {MOST_STEPS}; got {steps!r}.")
        asked = self.steps(int(steps))
        (first, _), (second, _) = asked[0].parts[:2]
        return gif(walked(self.probe, asked, self.ends), (first.name, second.name), also(asked[0]))

    def save_gif(self, path: str | os.PathLike[str], steps: int = GIF_STEPS) -> None:
        """Write the walk as a GIF file; the name must end in .gif."""
        if Path(path).suffix.lower() != ".gif":
            raise SettingError(
                f"save_gif writes a GIF file: the name must end in .gif; got {os.fspath(path)!r}."
            )
        checked_place(path, "save_gif").write_bytes(self.gif(steps))

    def deliver_gif(self) -> None:
        """Have the browser save the walk as a GIF, made in the background."""
        if self.drawn:
            worker.submit(self, self._deliver_gif)

    def _deliver_gif(self, job: Job) -> None:
        try:
            made: Any = self.gif()
        except CnnvizError as error:
            with self._lock:
                self.session.refuse(error)
            return
        with self._lock:
            if not job.cancelled and not self.closed:
                self.view.deliver(made, self.file_name("gif"), "image/gif")
