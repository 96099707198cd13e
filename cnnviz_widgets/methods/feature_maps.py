"""Feature maps: what each channel of a layer answers, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import LayerError
from ..explanation import ActivationMaps
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..probe import Probe
from ..settings import choice, layer_name, objective


@register
@dataclass(frozen=True)
class FeatureMaps(Method):
    """What each channel of a layer answers, as a collage.

    The result is `ActivationMaps`, (h, w, K) float32, the layer's activations as the network computes them. With
    ``order="activity"`` the channels that vary most over the picture come first (standard deviation over places, so
    that a channel that is loud everywhere does not).

    Raises
    ------
    LayerError
        If the layer has no maps.
    """

    label: ClassVar[str] = "Feature maps"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "What each channel of a layer answers, place by place"
    source: ClassVar[str] = (
        "Zeiler & Fergus, ECCV 2014, arXiv:1311.2901; Yosinski et al., ICML DL Workshop 2015, arXiv:1506.06579"
    )
    says: ClassVar[str] = "What the channels of {layer} answer."
    reading: ClassVar[str] = (
        "Each small picture is one channel: strongest where it found its pattern. "
        "Early layers find edges and colours, late ones parts and things."
    )
    by_layer: ClassVar[bool] = True

    order: str = choice("activity", ("activity", "index"), help="which channels come first")
    layer: str | None = layer_name(help="layer whose maps are shown; the first one with maps if empty")
    target: Objective | int | None = objective(
        help="only decides which pass is shared; the maps do not depend on it"
    )

    def default_layer(self, probe: Probe) -> str:
        """Return the first convolution, or the first layer that has maps."""
        spatial = probe.spatial_layers
        first = next((s.name for s in spatial if "Conv" in s.kind), spatial[0].name if spatial else None)
        return first or probe.last_spatial()

    def explain(self, probe: Probe, image: Image) -> Iterator[ActivationMaps]:
        """Yield one `ActivationMaps`."""
        name = self.layer or self.default_layer(probe)
        shared = probe.differentiable  # the pass of the target, if it has one
        values = (
            probe.gradient(image, self.target, at=name).values if shared else probe.activations(image, name)
        )
        if values.ndim != 3:
            raise LayerError(probe.why_no_maps(name))
        activity = values.std(axis=(0, 1))
        order = (
            np.argsort(-activity, kind="stable") if self.order == "activity" else np.arange(values.shape[2])
        )
        silent = int(np.count_nonzero(activity == 0))
        notes = (f"{silent} of {values.shape[2]} channels are the same everywhere.",) if silent else ()
        yield ActivationMaps(
            **{**self.about(probe, image), "target": ""},
            values=values,
            layer=name,
            order=tuple(int(k) for k in order),
            unit="activation",
            notes=notes,
        )
