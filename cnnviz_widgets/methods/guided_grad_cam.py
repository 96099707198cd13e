"""Guided Grad-CAM: the fine structure of guided backpropagation, where Grad-CAM votes for the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..explanation import Explanation
from ..images.image import Image
from ..method import register
from ..objectives import Objective
from ..probe import Probe
from ..resampling import laid
from ..settings import layer_name, objective
from ._class_map import maps_of, why_flat
from ._pixel_map import PixelMap, reduction
from .grad_cam import GradCAM


@register
@dataclass(frozen=True)
class GuidedGradCAM(PixelMap):
    """The fine structure that a score reacts to, only where a layer's maps argue for the target.

    The slope by guided backpropagation times Grad-CAM of `layer`, brought to the picture's size linearly with a
    cell's value at its middle. What guided backpropagation notes of the network's activations is noted here too.

    The result is a `Heatmap` of the picture's size, (H, W) float32; with ``colour`` a `ColourMap`.

    Raises
    ------
    LayerError
        If the layer has no maps, or the model has none at all.
    ModelError
        If the network's inner layers are not known, as in a model that could not be opened.
    """

    label: ClassVar[str] = "Guided Grad-CAM"
    help: ClassVar[str] = "Fine structure, only where the maps of a layer argue for the target"
    source: ClassVar[str] = "Selvaraju et al., ICCV 2017, arXiv:1610.02391, section 3.2"
    says: ClassVar[str] = "{places} hold the structure where maps of the layer speak for {target}."
    reading: ClassVar[str] = (
        "Where is Grad-CAM's, the detail is that of guided backprop. "
        "The detail itself is nearly the same for every class; only the place is evidence."
    )
    flat: ClassVar[str] = (
        "Flat: guided backpropagation finds nothing where the maps speak for the target. All values are 0."
    )
    by_layer: ClassVar[bool] = True
    rank: ClassVar[int] = 70

    reduction: str = reduction("max")
    layer: str | None = layer_name(help="layer whose maps are weighed; the last one with maps if empty")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield one result."""
        name = self.layer or probe.last_spatial()
        gradient = maps_of(probe, image, self.target, name)
        votes = GradCAM(layer=name).votes(gradient)
        guided, notes = probe.ruled(image, self.target, "guided")
        extent = probe.map_extent(name, image.size)
        cam = laid(np.maximum(votes, 0).astype(np.float32), image.size, extent)
        if not cam.any():
            notes = (*why_flat("Grad-CAM", probe, self.target, name, gradient, votes), *notes)
        yield self.drawn(
            probe, image, guided.slope * cam[..., None], scores={"score": gradient.score}, notes=notes
        )
