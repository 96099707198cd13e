"""LayerCAM: where the values of a layer are both present and wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..method import register
from ..probe import Gradient
from ._class_map import ClassMap


@register
@dataclass(frozen=True)
class LayerCAM(ClassMap):
    """Where a layer's values are both present and wanted by the target, place by place.

    The map shown is ReLU(sum over k of ReLU(dS / dA_k) A_k), without any mean over places, so that it stays sharp in
    early layers, where the mean of Grad-CAM says little.

    The result is a `Heatmap` of the layer's own size, (h, w) float32, in units of the score, never below 0.

    Raises
    ------
    LayerError
        If the layer has no maps, or the model has none at all.
    """

    label: ClassVar[str] = "LayerCAM"
    help: ClassVar[str] = "Class map that stays sharp in early layers"
    source: ClassVar[str] = "Jiang et al., IEEE Transactions on Image Processing 30, 2021, eq. 5-7"
    says: ClassVar[str] = "{places} of layer {layer} are there and wanted by {target}."
    reading: ClassVar[str] = (
        "Warm cells hold values whose growth would raise the score. "
        "Walk towards the input for finer outlines; the last layer looks much like Grad-CAM."
    )
    rank: ClassVar[int] = 30

    def votes(self, gradient: Gradient) -> np.ndarray:
        """Return values times what is positive of their slopes, added up over the maps."""
        return np.asarray((np.maximum(gradient.slope, 0) * gradient.values).sum(axis=2))
