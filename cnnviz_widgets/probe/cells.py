"""A code taken apart by the places of the picture: what each cell of a layer gives to it, where that is exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LayerError
from ..image import Image
from .graph import Graph, Step
from .pooled import is_mean_over_places, is_weighted_sum, linear_weights
from .twin import own_activation

if TYPE_CHECKING:
    from .probe import Probe

TOLERANCE = 1e-4  # of the code's largest number: what float32 may lose when a thousand places are added up
HALF_TOLERANCE = 2e-2  # the same where the layer counts with 16 bits
_PASSED_ON = {"Dropout", "Identity", "Flatten", "Reshape", "Squeeze", "SpatialDropout2D", "Cast"}
_LAID_OUT = {"Flatten", "Reshape"}


@dataclass(frozen=True, eq=False)
class Cells:
    """What each place of a picture gives to its code.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (h, w, D).
    aligned : bool
        True if the code is these side by side, False if it is their sum.
    layer : str
        The layer that they are cells of.
    code : numpy.ndarray
        float32 (n,), the code as the network gives it.
    """

    values: np.ndarray
    aligned: bool
    layer: str
    code: np.ndarray


@dataclass(frozen=True, eq=False)
class Way:
    """From maps to a code: how the places come together, and what the flat numbers go through then.

    Attributes
    ----------
    maps : str
        The layer with the maps.
    how : str
        ``aligned``, ``mean`` or ``max`` over places.
    then : tuple of Step
        Weighted sums and scalings to length 1, in their order.
    """

    maps: str
    how: str
    then: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def aligned(self) -> bool:
        """True if the code is the places side by side."""
        return self.how == "aligned" and not any(map(_is_sum, self.then))

    def cells(self, maps: np.ndarray) -> np.ndarray:
        """Return what each place gives to the code, float32 (h, w, D), for maps (h, w, K)."""
        made, aligned = _brought_together(maps, self.how), self.how == "aligned"
        for step in self.then:
            if not _is_sum(step):
                code = made.ravel() if aligned else made.sum(axis=(0, 1))
                made = made / (np.linalg.norm(code) or 1.0)
                continue
            weights, bias = _weights(step)
            if aligned:
                made = np.einsum("ijk,ijkm->ijm", made, weights.reshape(*maps.shape, -1))
            else:
                made = made @ weights
            made, aligned = made + bias / made[..., 0].size, False
        return np.asarray(made, np.float32)


def cells_of(probe: Probe, image: Image, layer: str, pooled: bool = False) -> Cells:
    """Return what each place of a picture gives to its code at a layer; one run of the network.

    A layer with maps is its own cells. A flat layer has some if it is maps laid out or brought together by global
    pooling, then passes nothing but weighted sums (dense layers without an activation, batch normalisation) and
    scalings to length 1.

    Parameters
    ----------
    probe : Probe
        The network.
    image : Image
        The picture.
    layer : str
        The layer that holds the code.
    pooled : bool
        For a layer with maps: the code is their mean over all places.

    Raises
    ------
    LayerError
        If the code cannot be taken apart exactly; the message says at which layer it ends.
    """
    name = probe.layer(layer).name
    way = way_to(probe, name, pooled)
    code, maps = _activations(probe, probe.fit(image), name, way.maps)
    values = way.cells(maps)
    own = code.mean(axis=(0, 1)) if pooled and code.ndim == 3 else code.reshape(-1)
    if not way.aligned:
        half = "16" in str(getattr(_step(probe, name).op, "compute_dtype", ""))
        _check_sum(values, own, name, HALF_TOLERANCE if half else TOLERANCE)
    return Cells(values, way.aligned, way.maps, own)


def way_to(probe: Probe, layer: str, pooled: bool = False) -> Way:
    """Return how a layer's code comes from maps; raises as `cells_of`, and runs nothing."""
    info = probe.layer(layer)
    if len(info.shape) == 3 and info.shape[:2] != (1, 1):
        return Way(info.name, "mean" if pooled else "aligned")
    return _way(probe._engine.graph, _step(probe, info.name))


def _activations(probe: Probe, image: Image, *layers: str) -> list[np.ndarray]:
    """Return what layers answer to a picture, from one run, or from memory if they have been there."""
    with probe._memory.current():
        known = {name: probe._memory.codes.get((image, name)) for name in layers}
        missing = [name for name, code in known.items() if code is None]
        if missing:
            known |= {
                name: made[0] for name, made in zip(missing, probe.answers(image, missing), strict=True)
            }
        return [probe._memory.code(image, name, partial(np.asarray, known[name])) for name in layers]


def _step(probe: Probe, name: str) -> Step:
    return next(step for step in probe._engine.graph.steps if step.name == name)


def _way(graph: Graph, step: Step) -> Way:
    then: list[Step] = []
    last = step
    while True:
        maps = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
        how = _how(step, maps, graph)
        if how and maps is not None:
            return Way(maps.name, how, tuple(reversed(then)))
        if _is_sum(step) or type(step.op).__name__ == "UnitNormalization":
            then.append(step)
        elif type(step.op).__name__ not in _PASSED_ON:
            raise LayerError(_why_not(last, step))
        if maps is None:
            raise LayerError(_why_not(last, step))
        step = maps


def _how(step: Step, maps: Step | None, graph: Graph) -> str:
    """Return how a step brings the places of maps together; empty if it is no such step."""
    tokens = None if maps is None else graph.tokens.get(maps.outputs[0])
    if maps is None or maps.shape is None or (len(maps.shape) != 3 and tokens is None):
        return ""
    if is_mean_over_places(step, graph):
        return "mean"
    if type(step.op).__name__ == "GlobalMaxPooling2D":
        return "max"
    several = graph.seen_shape(maps.shape)[:2] != (1, 1) if tokens is None else not tokens.extra
    return "aligned" if several and type(step.op).__name__ in _LAID_OUT else ""


def _is_sum(step: Step) -> bool:
    """Return True if a step is a weighted sum of flat numbers and nothing else."""
    import keras

    if type(step.op) is keras.layers.BatchNormalization:
        return len(step.shape or ()) == 1
    return is_weighted_sum(step) and own_activation(step.op) is keras.activations.linear


def _weights(step: Step) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (n, m) and bias (m,) of a weighted sum."""
    import keras

    op: Any = step.op
    plain = linear_weights(step)
    if plain is not None:
        return plain
    variance, mean = (keras.ops.convert_to_numpy(v) for v in (op.moving_variance, op.moving_mean))
    gain = 1 / np.sqrt(variance + op.epsilon)
    gain = gain * keras.ops.convert_to_numpy(op.gamma) if op.scale else gain
    return np.diag(gain), (keras.ops.convert_to_numpy(op.beta) if op.center else 0) - mean * gain


def _brought_together(maps: np.ndarray, how: str) -> np.ndarray:
    """Return what each place gives before any weighted sum."""
    if how == "mean":
        return maps / np.float32(maps.shape[0] * maps.shape[1])
    if how == "max":
        flat = maps.reshape(-1, maps.shape[2])
        first = np.arange(len(flat))[:, None] == flat.argmax(axis=0)
        return np.where(first, flat, 0).reshape(maps.shape)
    return maps


def _check_sum(values: np.ndarray, code: np.ndarray, layer: str, tolerance: float) -> None:
    """Refuse to call exact what is not: a layer may do other than its kind says."""
    summed = values.sum(axis=(0, 1), dtype=np.float64)
    if summed.shape != code.shape or np.abs(summed - code).max() > tolerance * (np.abs(code).max() or 1.0):
        raise LayerError(
            f"{layer} has no exact decomposition: what its places give does not add up to its code."
        )


def _why_not(last: Step, step: Step) -> str:
    kind = type(step.op).__name__
    after = "" if step is last else f", which follows {step.name} ({kind}),"
    own = f" ({kind})" if step is last else ""
    return (
        f"{last.name}{own}{after} is flat and has no exact decomposition: it is no weighted sum over places. "
        "Use Gradient or Cover (by='gradient' or by='occlusion'), or a layer with maps."
    )
