"""The kernel behind a channel in small pictures, and in words where a picture would tell nothing."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np

from ...explanation import ActivationMaps, Heatmap, Kernels
from ...methods.filter_response import FilterResponse
from ...probe import Kernel, Probe
from ...render import Style, as_text, picture
from ...render.collage import tile
from ...render.panels import bare
from ...render.scale import finite
from ..parts import data_url

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
