"""Grad-CAM: where a layer's maps argue for the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..method import register
from ..probe import Gradient
from ._class_map import ClassMap


@register
@dataclass(frozen=True)
class GradCAM(ClassMap):
    """Where a layer's maps argue for the target.

    With A_k the maps of the layer and S the target's score, the weight of a map is the mean of its slopes,
    alpha_k = mean over i, j of dS / dA_k[i, j], and the map shown is ReLU(sum over k of alpha_k A_k).

    The result is a `Heatmap` of the layer's own size, (h, w) float32, in units of the score: "votes". It is never
    below 0. It is 0 everywhere if nothing in the layer argues for the target; a note then says so.

    Raises
    ------
    LayerError
        If the layer has no maps, or the model has none at all.
    """

    label: ClassVar[str] = "Grad-CAM"
    help: ClassVar[str] = "Where the maps of a layer argue for the target"
    source: ClassVar[str] = "Selvaraju et al., ICCV 2017, arXiv:1610.02391, eq. 1-2"
    says: ClassVar[str] = "{places} speak for {target} in layer {layer}."
    reading: ClassVar[str] = (
        "Each cell of this layer votes for the target; the brightest vote most. "
        "Edges between cells are drawn smooth, the map tile shows them as they are."
    )
    rank: ClassVar[int] = 10

    def votes(self, gradient: Gradient) -> np.ndarray:
        """Return the maps, each weighed by the mean of its slopes, added up."""
        return np.asarray(gradient.values @ gradient.slope.mean(axis=(0, 1)))
