"""One channel large: its map on the picture, the part that one of its cells can see, and its kernel."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...explanation import ActivationMaps, Heatmap, Kernels
from ...methods.filter_response import FilterResponse
from ...probe import Kernel, Probe, ReceptiveField
from ...render import as_text, picture
from ...render.collage import tile
from ...render.panels import bare
from ...render.scale import Scale, finite
from ...style import Style
from ..canvas import Canvas, Scene
from ..controls.colour_bar import ramp
from ..core.elements import data_url
from ..core.explanation_canvas import MOST_RATIO, cell

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Channel:
    """What is shown of one channel.

    Attributes
    ----------
    heat : Heatmap
        Its map.
    number : int
        Which channel it is.
    at : tuple of int or None
        The cell looked at, (row, column); None if no cell stands out.
    picked : bool
        True if the reader chose the cell, False if it is the strongest.
    field : ReceptiveField or None
        What that cell can see.
    """

    heat: Heatmap
    number: int
    at: Cell | None
    picked: bool
    field: ReceptiveField | None


def channel(probe: Probe, maps: ActivationMaps, number: int, picked: Cell | None = None) -> Channel:
    """Return what there is to show of a channel of a layer: of its strongest cell, or of the one that was picked."""
    kept = {f.name: getattr(maps, f.name) for f in dataclasses.fields(Heatmap) if hasattr(maps, f.name)}
    heat = Heatmap(**{**kept, "values": maps.values[..., number], "signed": maps.signed, "notes": ()})
    at = picked or strongest(heat.values)
    field = probe.receptive_field(maps.layer, at, maps.image.size) if at is not None else None
    return Channel(heat, number, at, picked is not None, field)


def strongest(values: np.ndarray) -> Cell | None:
    """Return (row, column) of the number farthest from zero; None if all are the same, or none is one."""
    known = np.isfinite(values)
    if not known.any() or values[known].max() == values[known].min():
        return None
    sizes = np.where(known, np.abs(values), -1)
    row, column = np.unravel_index(int(sizes.argmax()), sizes.shape)
    return int(row), int(column)


def about(shown: Channel) -> str:
    """Return, as HTML, what is to be said of a channel."""
    values = shown.heat.values
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "<b>No numbers</b>: nothing that this channel answers is one."
    if values.size == 1:
        return f"<b>{as_text(float(finite[0]))}</b> for the whole picture: the layer has one cell."
    if shown.at is None or shown.field is None:
        return f"<b>The same everywhere</b>: every cell answers {as_text(float(finite[0]))}."
    row, column = shown.at
    value = as_text(float(values[row, column]))
    where = f"at cell {row}, {column}"
    said = f"<b>{value}</b> {where}" if shown.picked else f"<b>Strongest {value}</b> {where}"
    if not shown.field.height:
        return f"{said}, which sees nothing but padding."
    if shown.field.whole:
        return f"{said}. This cell sees the whole picture."
    return f"{said}, inside the white square: all this cell can see."


def scale_bar(scale: Scale, unit: str, shared: bool) -> str:
    """Return the colours of a scale with its low end, 0 and its high end, as HTML; nothing if all values are 0."""
    if not scale.high:
        return ""
    numbers = (scale.low_text, "0", scale.high_text) if scale.signed else (scale.low_text, scale.high_text)
    whose = "all maps alike" if shared else "this map alone"
    return ramp(scale.colours, numbers, f"unit: {unit}; {whose}" if unit else whose)


class ChannelView:
    """A channel on a canvas of its own.

    Parameters
    ----------
    view : Canvas
        The canvas.
    hover : callable
        Called with a text for what is under the mouse, or None.
    pick : callable
        Called with the cell that was clicked.
    """

    def __init__(
        self, view: Canvas, hover: Callable[[str | None], None], pick: Callable[[Cell], None]
    ) -> None:
        self._view, self._hover, self._pick = view, hover, pick
        self._shown: Channel | None = None
        view.on_hover, view.on_click = self._hovered, self._clicked

    def show(self, shown: Channel, style: Style) -> None:
        """Draw a channel, at first as a quick preview, which the view sharpens by itself."""
        self._shown = shown
        side = round(self._view.hero_size * min(self._view.pixel_ratio, MOST_RATIO))
        blended = style.replace(mode="overlay") if style.mode == "side by side" else style
        field = shown.field
        frame = None if field is None or field.whole or not field.height else field.shares
        self._view.show(Scene(hero=picture(shown.heat, blended, size=side), frame=frame), moving=True)

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        if region is None or self._shown is None:
            self._hover(None)
            return
        i, j = cell(self._shown.heat.values.shape, x, y, self._shown.heat.extent)
        value = as_text(float(self._shown.heat.values[i, j]))
        self._hover(f"channel {self._shown.number} · cell {i}, {j}: {value}")

    def _clicked(self, region: str, x: float, y: float) -> None:
        if self._shown is not None:
            self._pick(cell(self._shown.heat.values.shape, x, y, self._shown.heat.extent))


SIDE = 192
MOST_PARTS = 3
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, eq=False)
class KernelPictures:
    """What there is to see of a kernel.

    Attributes
    ----------
    heading : str
        Whose kernel it is and how large.
    pictures : tuple of (str, numpy.ndarray)
        Captions, and small pictures, uint8 (h, w, 3).
    words : str
        A sentence; may be empty.
    """

    heading: str
    pictures: tuple[tuple[str, np.ndarray], ...]
    words: str

    @property
    def markup(self) -> str:
        """The pictures and the sentence, as HTML."""
        figures = "".join(
            f'<figure><img alt="{html.escape(caption)}" src="{data_url(pixels, 90)}">'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            for caption, pixels in self.pictures
        )
        row = f'<div class="cv-kernels">{figures}</div>' if figures else ""
        return row + (f'<div class="cv-read">{html.escape(self.words)}</div>' if self.words else "")


def kernel_pictures(probe: Probe, maps: ActivationMaps, channel: int, style: Style) -> KernelPictures:
    """Return what there is to see of the kernel behind a channel; runs no network that has not been run."""
    kernel = probe.own_kernel(maps.layer)
    if kernel is None:
        return KernelPictures(
            "", (), f"{maps.layer} takes its maps from several layers, or from none: it has no kernel."
        )
    high, wide, inputs, _ = kernel.values.shape
    feeds = "" if kernel.layer == maps.layer else ", which feeds this layer"
    heading = f"{high} {TIMES} {wide} of {kernel.layer}{feeds}"
    if kernel.border is not None and inputs in (1, maps.image.channels):
        return KernelPictures(heading, _on_pixels(probe, maps, kernel, channel, style), "")
    if inputs == 1:
        drawn = ((_named(kernel, channel), _tile(maps, kernel, channel, 0)),)
        return KernelPictures(heading, drawn, "It works on one map alone.")
    sizes = np.abs(finite(kernel.values[..., channel])).sum(axis=(0, 1))
    strong = [int(k) for k in np.argsort(-sizes, kind="stable")[:MOST_PARTS]]
    if high * wide == 1:
        weights = ((n, float(kernel.values[0, 0, n, channel])) for n in strong)
        listed = ", ".join(f"{n} ({'+' if w > 0 else ''}{as_text(w)})" for n, w in weights)
        words = f"It adds up {inputs} maps of the layer before. Most weight have {listed}."
        return KernelPictures(heading, (), words)
    limit = float(np.abs(finite(kernel.values[..., strong, channel])).max()) or None
    parts = tuple((f"on map {n}", _tile(maps, kernel, channel, n, limit)) for n in strong)
    ends = f" Black and white are ±{as_text(limit)}." if limit else ""
    return KernelPictures(heading, parts, f"Shown are its strongest parts of {inputs}.{ends}")


def _on_pixels(
    probe: Probe, maps: ActivationMaps, kernel: Kernel, channel: int, style: Style
) -> tuple[tuple[str, np.ndarray], ...]:
    """Draw the kernel, its answer to the raw pixels, and the convolution's own map."""
    method = FilterResponse(channel=channel, convolution=kernel.layer, target=maps.recipe.target)
    found, plain = method(probe, maps.image), style.replace(mode="map", limit=None, soften=0.0)
    answer = Heatmap(image=maps.image, recipe=found.recipe, values=found.values, signed=True)
    own, _, _ = bare(found, plain, SIDE)
    colours = kernel.values.shape[2] == 3
    part = None if colours else 0
    return (
        (_named(kernel, channel), _tile(maps, kernel, channel, part)),
        ("on the raw pixels", picture(answer, plain, size=SIDE)),
        ("the layer's own map" if kernel.layer == maps.layer else f"the map of {kernel.layer}", own),
    )


def _named(kernel: Kernel, channel: int) -> str:
    """Return the words under a kernel: how far its colours reach below and above zero."""
    most = float(np.abs(finite(kernel.values[..., channel])).max())
    return f"the kernel, ±{as_text(most)}"


def _tile(
    maps: ActivationMaps, kernel: Kernel, channel: int, part: int | None, limit: float | None = None
) -> np.ndarray:
    """Draw one input channel of a kernel, or its three together in colour; mid-grey is zero."""
    weights = (kernel.by_picture if part is None else kernel.values)[..., [channel]]
    colours = weights.transpose(0, 1, 3, 2) if part is None else None
    values = weights[:, :, part or 0]
    longer = max(values.shape[:2])
    size = round(SIDE * values.shape[0] / longer), round(SIDE * values.shape[1] / longer)
    kernels = Kernels(image=maps.image, recipe=maps.recipe, values=values, colours=colours, order=(0,))
    return tile(kernels, Style(limit=limit), size, 0)
