"""Grad-CAM: where a layer's maps argue for the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import LayerError
from ..explanation import Heatmap
from ..image import Image
from ..method import Method, register
from ..objective import Objective, as_objective, parts
from ..probe import Probe
from ..settings import layer_name, objective


@register
@dataclass(frozen=True)
class GradCAM(Method):
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
    family: ClassVar[str] = "Class maps"
    help: ClassVar[str] = "Where the maps of a layer argue for the target"
    source: ClassVar[str] = "Selvaraju et al., ICCV 2017, arXiv:1610.02391, eq. 1-2"
    says: ClassVar[str] = "{places} speak for {target} in layer {layer}."
    reading: ClassVar[str] = (
        "Each cell of this layer votes for the target; the brightest vote most. "
        "Edges between cells are drawn smooth, the map tile shows them as they are."
    )
    by_layer: ClassVar[bool] = True

    layer: str | None = layer_name(help="layer whose maps are weighed; the last one with maps if empty")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        name = self.layer or probe.last_spatial()
        gradient = probe.gradient(image, self.target, at=name)
        if gradient.values.ndim != 3:
            raise LayerError(
                f"{name} has no maps: its output is {gradient.values.shape}. Choose a layer with height and width."
            )
        weights = gradient.slope.mean(axis=(0, 1))
        votes = gradient.values @ weights
        values = np.maximum(votes, 0.0)
        notes = why_flat(probe, name, self.target, gradient.slope, votes) if not values.any() else ()
        yield Heatmap(
            **self.about(probe, image),
            values=values,
            layer=name,
            unit="vote",
            scores={"score": gradient.score},
            notes=notes,
        )


def why_flat(probe: Probe, layer: str, target: Any, slope: np.ndarray, votes: np.ndarray) -> tuple[str, ...]:
    """Say why a class map is 0 everywhere."""
    order = [info.name for info in probe.layers]
    earlier = [part.layer for part in parts(as_objective(target)) if hasattr(part, "layer")]
    if any(order.index(name) < order.index(layer) for name in earlier if name in order):
        return (f"Flat: {layer} comes after {earlier[0]}. Choose {earlier[0]} or an earlier layer.",)
    if not slope.any():
        return ("Flat: the score does not react to this layer. All values are 0.",)
    if not votes.any():
        return ("Flat: the layer answers nothing to this picture. All values are 0.",)
    return ("Flat: all of this layer speaks against the target; Grad-CAM shows only what speaks for it.",)
