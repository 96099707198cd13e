"""The depth of the network as a film of small pictures, developed in the background, a slider, and the exact layer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...errors import CnnvizError
from ...explanation import ActivationMaps, Explanation, Kernels
from ...jobs import Job, worker
from ...method import Method
from ...probe import LayerInfo, Probe
from ...render import picture, thumbnail
from ...render.scale import finite
from ...style import Style
from ..core.elements import box, button, data_url, mark, part, shown, square, style_child, title

FRAMES = 9
FRAME_SIDE = 140
TIMES = "\N{MULTIPLICATION SIGN}"
Stages = list[tuple[str, tuple[LayerInfo, ...]]]


class LayerPicker:
    """Three views of one choice: frames, slider and list; the frames are the slider's track.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    stages : list
        Titles and layers, from the input to the output.
    choose : callable
        Called with the name of the layer that the reader picks.
    framed : str
        A layer that has a frame in any case, such as an autoencoder's code; if empty, none is needed.
    """

    def __init__(self, uid: str, stages: Stages, choose: Callable[[str], None], framed: str = "") -> None:
        self._uid, self._choose, self._quiet = uid, choose, False
        self.layers = [layer for _, group in stages for layer in group]
        self.names = [layer.name for layer in self.layers]
        self._places = steps(len(self.layers), FRAMES)
        if framed in self.names:
            self._places = through(self._places, self.names.index(framed))
        self._frames = [self._frame(k) for k in range(len(self._places))]
        self._style = style_child()
        self.slider = part(widgets.SelectionSlider, options=self.names or ["none"], readout=False)
        self.slider.add_class("cv-depth")
        self.list = part(
            widgets.Dropdown,
            options=self._listed(stages),
            layout=widgets.Layout(width="auto", max_width="350px"),
        )
        self.list.add_class("cv-exact")
        self.slider.observe(lambda change: self._picked(change["new"]), "value")
        self.list.observe(lambda change: self._picked(change["new"]), "value")
        heading = title("Depth", "from fine detail to whole things")
        head = box(widgets.HBox, "cv-leverhead", heading, self.list)
        film = box(widgets.HBox, "cv-film", *self._frames)
        self.widget = box(widgets.VBox, "cv-depthbox", self._style, head, film, self.slider)
        shown(self.widget, bool(self.layers))
        self.mark(framed)

    @property
    def frames(self) -> list[str]:
        """The layer that each frame shows."""
        return [self.names[place] for place in self._places]

    @property
    def css(self) -> str:
        """A rule that sets the slider's ends under the middle of the first and last frame."""
        return f".{self._uid} {{ --n: {max(1, len(self._places))}; }}"

    def mark(self, name: str) -> None:
        """Show which layer is looked at."""
        if name not in self.names:
            return
        place, self._quiet = self.names.index(name), True
        try:
            self.slider.value = name
            self.list.value = name
        finally:
            self._quiet = False
        nearest = min(range(len(self._places)), key=lambda k: abs(self._places[k] - place))
        exact = self._places[nearest] == place
        mark(self._frames, nearest if exact else None)
        mark(self._frames, None if exact else nearest, "cv-near")

    def develop(self, pictures: Sequence[np.ndarray], sizes: Sequence[tuple[int, int] | None]) -> None:
        """Put the small pictures into the frames, uint8 (h, w, 3) each, and say the sizes of maps that vary."""
        for frame, place, size in zip(self._frames, self._places, sizes, strict=True):
            if size is not None and None in self.layers[place].shape[:2]:
                frame.description = TIMES.join(map(str, size))
        rules = [
            f".{self._uid} .cv-f{k} {{ background-image: url({data_url(picture)}) !important; }}"
            for k, picture in enumerate(pictures)
        ]
        self._style.value = f"<style>{''.join(rules)}</style>"

    def _frame(self, k: int) -> widgets.Button:
        layer = self.layers[self._places[k]]
        name = layer.cells.replace(" ", "")
        tip = f"{layer.name}: {layer.cells} cells"
        return button(name, f"cv-frame cv-f{k}", tip, lambda: self._picked(layer.name))

    def _listed(self, stages: Stages) -> list[tuple[str, str]]:
        """Return the list's lines; a heading chooses the first layer of its stage."""
        lines: list[tuple[str, str]] = []
        for heading, group in stages:
            lines.append((f"── {heading} ──", f" {group[0].name}"))
            lines += [(f"{layer.name}   {_size(layer)}", layer.name) for layer in group]
        return lines or [("no layer has maps", "none")]

    def _picked(self, name: str) -> None:
        if not self._quiet and self.layers:
            self._choose(name.strip())


def _size(layer: LayerInfo) -> str:
    """Return the size of a layer's maps in words, as far as it is the same for all pictures."""
    if None in layer.shape[:2]:
        return f"{layer.shape[2]} channels"
    return f"{layer.cells} {TIMES} {layer.shape[2]}"


def layer_picker(uid: str, probe: Probe, choose: Callable[[str], None]) -> LayerPicker:
    """Return the strip of a network, with a frame for the layer that class maps are read from."""
    stages = probe.stages()
    return LayerPicker(uid, stages, choose, probe.last_spatial() if stages else "")


def steps(total: int, most: int) -> list[int]:
    """Return at most `most` places from the first to the last of `total`, evenly apart."""
    count = min(total, most)
    return [round(k * (total - 1) / (count - 1)) for k in range(count)] if count > 1 else list(range(count))


def through(places: list[int], place: int) -> list[int]:
    """Return rising places with the nearest one, but neither the first nor the last, moved to `place`."""
    if place in places or len(places) < 3:
        return places
    nearest = min(range(1, len(places) - 1), key=lambda k: abs(places[k] - place))
    return [*places[:nearest], place, *places[nearest + 1 :]]


KERNELS, KERNELS_SIDE = 9, 78  # so small that a collage leaves out its numbers


class LayerFilm:
    """The small pictures of a depth strip.

    Parameters
    ----------
    probe : Probe
        The network.
    lock : context manager
        Held while the strip is written to.
    strip : LayerPicker
        Where the pictures go.
    """

    def __init__(self, probe: Probe, lock: Any, strip: LayerPicker) -> None:
        self._probe, self._lock, self._strip = probe, lock, strip
        self._developed: Hashable = None
        self._maps: tuple[Hashable, list[Explanation]] = (None, [])

    def develop(self, explanation: Explanation, style: Style) -> None:
        """Draw the frames for what is on the screen, unless they are there already; returns at once."""
        recipe: Method = explanation.recipe
        if not recipe.by_layer or not self._strip.layers:
            return
        question = (explanation.image, recipe.replace(layer=None), self._probe.changes)
        look = style.replace(
            mode="spotlight" if style.mode == "spotlight" else "overlay", opacity=0.95, clip=0.995, soften=0.0
        )
        key = (question, look)
        if key != self._developed:
            worker.submit(self, lambda job: self._work(job, key), urgent=False)

    def cancel(self) -> None:
        """Stop; a question of the reader goes first."""
        worker.cancel(self)

    def turn_to(self, probe: Probe) -> None:
        """Develop what another probe finds from now on."""
        self.cancel()
        self._probe, self._developed, self._maps = probe, None, (None, [])

    def peak(self) -> float | None:
        """Return the largest magnitude in the maps of the frames, for one scale for all; None if there are none."""
        values = [float(np.abs(e.values).max()) for e in self._maps[1] if hasattr(e, "values")]
        return max(values, default=0.0) or None

    def _work(self, job: Job, key: Any) -> None:
        (image, recipe, _), look = key
        if self._maps[0] != key[0]:
            maps = []
            for layer in self._strip.frames:
                if job.cancelled:
                    return
                try:
                    *_, last = recipe.replace(layer=layer).explain(self._probe, image)
                except CnnvizError:
                    return
                maps.append(_lighter(last))
            self._maps = (key[0], maps)
        pictures = [_frame(explanation, look) for explanation in self._maps[1]]
        sizes = [self._probe.map_size(layer, image.size) for layer in self._strip.frames]
        with self._lock:
            if not job.cancelled:
                self._strip.develop(pictures, sizes)
                self._developed = key


def _frame(explanation: Explanation, look: Style) -> np.ndarray:
    """Draw one frame; of kernels several on one scale, as a kernel of one cell alone is a blank tile."""
    if not isinstance(explanation, Kernels):
        return square(thumbnail(explanation, look, FRAME_SIDE), FRAME_SIDE)
    weights = explanation.values if explanation.colours is None else explanation.colours
    limit = float(np.abs(finite(weights)).max(initial=0)) or None
    return picture(explanation, look.replace(limit=limit), size=KERNELS_SIDE)


def _lighter(explanation: Explanation) -> Explanation:
    """Keep only as many maps of a stack as a frame shows: nine stacks would fill the memory."""
    if not isinstance(explanation, ActivationMaps):
        return explanation
    kept = list(explanation.order[: KERNELS if isinstance(explanation, Kernels) else 1])
    changes: dict[str, Any] = {
        "values": explanation.values[..., kept].copy(),
        "order": tuple(range(len(kept))),
    }
    if isinstance(explanation, Kernels) and explanation.colours is not None:
        changes["colours"] = explanation.colours[:, :, kept].copy()
    return dataclasses.replace(explanation, **changes)
