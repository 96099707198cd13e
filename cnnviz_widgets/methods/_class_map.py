"""What the class maps share: the maps of a layer, weighed by slopes that one pass has found."""

# No postponed annotations: fields that are inherited must be readable in modules that do not import their types.
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import LayerError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import Method
from ..objectives import Objective, as_objective, parts
from ..probe import Gradient, Probe
from ..settings import layer_name, objective


@dataclass(frozen=True)
class ClassMap(Method):
    """A map of a layer's own size, in which every place votes for the target; votes against it are cut off."""

    family: ClassVar[str] = "Class maps"
    by_layer: ClassVar[bool] = True

    layer: str | None = layer_name(help="layer whose maps are weighed; the last one with maps if empty")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    @abstractmethod
    def votes(self, gradient: Gradient) -> np.ndarray:
        """Return the votes of all places, for and against: (h, w), from maps and slopes (h, w, K)."""

    def minded(self, gradient: Gradient) -> tuple[str, ...]:
        """Return what to mind besides a flat map."""
        return ()

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        name = self.layer or probe.last_spatial()
        gradient = maps_of(probe, image, self.target, name)
        votes = self.votes(gradient)
        values = np.maximum(votes, 0.0).astype(np.float32)
        flat = why_flat(self.label, probe, self.target, name, gradient, votes) if not values.any() else ()
        yield Heatmap(
            **self.about(probe, image),
            values=values,
            layer=name,
            unit="vote",
            scores={"score": gradient.score},
            notes=flat + self.minded(gradient),
        )


def maps_of(probe: Probe, image: Image, target: Objective | int | None, layer: str) -> Gradient:
    """Return the maps of a layer with their slopes; a `LayerError` if it has none."""
    gradient = probe.gradient(image, target, at=layer)
    if gradient.values.ndim != 3:
        raise LayerError(probe.why_no_maps(layer))
    return gradient


def why_flat(
    label: str,
    probe: Probe,
    target: Objective | int | None,
    layer: str,
    gradient: Gradient,
    votes: np.ndarray,
) -> tuple[str, ...]:
    """Return why no place votes for the target."""
    order = [info.name for info in probe.layers]
    named = [getattr(part, "layer", None) for part in parts(as_objective(target))]
    earlier = [name for name in named if name in order and order.index(name) < order.index(layer)]
    if earlier:
        return (f"Flat: {layer} comes after {earlier[0]}. Choose {earlier[0]} or an earlier layer.",)
    if not gradient.slope.any():
        return ("Flat: the score does not react to this layer. All values are 0.",)
    if not gradient.values.any():
        return ("Flat: the layer answers nothing to this picture. All values are 0.",)
    if not votes.any():
        return (
            "Flat: what the score depends on in this layer answers nothing to this picture. All values are 0.",
        )
    only = (
        f"{label} shows only what speaks for it. Try an earlier layer, or a signed map such as Occlusion's."
    )
    return (f"Flat: everything in this layer speaks against the target, and {only}",)
