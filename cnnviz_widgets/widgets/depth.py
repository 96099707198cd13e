"""The depth of the network as a film: small pictures from first to last layer, a slider under them, the exact layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as widgets
import numpy as np

from ..probe import LayerInfo, Probe
from .parts import box, button, data_url, mark, part, shown, style_child, title

FRAMES = 9
FRAME_SIDE = 140
TIMES = "\N{MULTIPLICATION SIGN}"
Stages = list[tuple[str, tuple[LayerInfo, ...]]]


class DepthStrip:
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


def depth_strip(uid: str, probe: Probe, choose: Callable[[str], None]) -> DepthStrip:
    """Return the strip of a network, with a frame for the layer that class maps are read from."""
    stages = probe.stages()
    return DepthStrip(uid, stages, choose, probe.last_spatial() if stages else "")


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
