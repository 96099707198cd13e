"""Grad-CAM++: Grad-CAM with slopes weighed place by place, so that small and repeated things count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..method import register
from ..probe import Gradient
from ._class_map import ClassMap


@register
@dataclass(frozen=True)
class GradCAMPlusPlus(ClassMap):
    """Where a layer's maps argue for the target, each place of a map with a weight of its own.

    With g = dS / dA_k[i, j], the weight of a place is alpha = g^2 / (2 g^2 + (sum over a, b of A_k[a, b]) g^3), that
    of a map w_k = sum over i, j of alpha ReLU(g), and the map shown is ReLU(sum over k of w_k A_k). This is the
    paper's closed form for Y = exp(S), without the common factor exp(S) of all weights, which would overflow for a
    logit of 90 and changes no picture. Places without a slope have weight 0.

    The result is a `Heatmap` of the layer's own size, (h, w) float32, never below 0.

    Raises
    ------
    LayerError
        If the layer has no maps, or the model has none at all.
    """

    label: ClassVar[str] = "Grad-CAM++"
    help: ClassVar[str] = "Grad-CAM that also counts small and repeated things"
    source: ClassVar[str] = "Chattopadhay et al., WACV 2018, arXiv:1710.11063, eq. 11 and 19"
    says: ClassVar[str] = "{places} speak for {target} in layer {layer}, small ones too."
    reading: ClassVar[str] = (
        "As Grad-CAM, but a map that is active in few places counts as much as one that is active in many. "
        "Only slopes that speak for the target enter, so it covers more and tells classes apart less."
    )
    rank: ClassVar[int] = 20

    def votes(self, gradient: Gradient) -> np.ndarray:
        """Return the maps, each weighed by its slopes weighed place by place, added up."""
        maps, slope = gradient.values.astype(np.float64), gradient.slope.astype(np.float64)
        below = 2 * slope**2 + maps.sum(axis=(0, 1)) * slope**3
        alpha = np.divide(slope**2, below, out=np.zeros_like(slope), where=below != 0)
        return np.asarray(maps @ (alpha * np.maximum(slope, 0)).sum(axis=(0, 1)))

    def minded(self, gradient: Gradient) -> tuple[str, ...]:
        """Say so if the layer has negative values, which the formula does not foresee."""
        if (gradient.values < 0).any():
            return ("This layer has values below 0; the formula is made for maps after a ReLU.",)
        return ()
