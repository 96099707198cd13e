"""Which layer holds the code, and the code taken apart by the places of the picture, where that is exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LayerError
from ..images.image import Image
from .cam_weights import is_mean_over_places, is_weighted_sum, linear_weights
from .graphs.graph import Graph, Step
from .layer_info import CODE_WORDS, LayerInfo, bottleneck, number_count
from .output.tasks import PLACED
from .pre_activation import own_activation

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
    return _way(probe.engine.graph, _step(probe, info.name))


def _activations(probe: Probe, image: Image, *layers: str) -> list[np.ndarray]:
    """Return what layers answer to a picture, from one run, or from memory if they have been there."""
    with probe.memory.current():
        known = {name: probe.memory.codes.get((image, name)) for name in layers}
        missing = [name for name, code in known.items() if code is None]
        if missing:
            known |= {
                name: made[0] for name, made in zip(missing, probe.answers(image, missing), strict=True)
            }
        return [probe.memory.code(image, name, partial(np.asarray, known[name])) for name in layers]


def _step(probe: Probe, name: str) -> Step:
    return next(step for step in probe.engine.graph.steps if step.name == name)


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


_OWN_OUTPUT = {
    "UnitNormalization",
    "Lambda",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Flatten",
    "Reshape",
}


def code_layer(probe: Probe) -> str:
    """Return the layer whose activations are compared when none is named.

    It is the bottleneck of a model that rebuilds its picture; what an encoder gives; what each picture of a pair
    becomes before the two meet; the output, if that is no weighted sum but maps brought together; the first flat layer
    that is named a code (``embedding``, ``encoded``, ...); for a model that gives maps the layer of fewest numbers, its
    output too; else what goes into the last weighted sum, the penultimate layer of a classifier.

    Raises
    ------
    LayerError
        If the network's layers are not known, or two pictures meet at once.
    """
    if not probe.layers:
        raise LayerError(f"{probe.name} has no layer that holds a code: {probe.why_no_layers}")
    last = probe.layers[-1]
    if probe.task == "image":
        return (probe.bottleneck or last).name
    if probe.pair and probe.outputs == 1:
        return _of_own_branch(probe)
    if probe.task == "embedding" and probe.output_layer is not None:
        return probe.output_layer
    if not probe.squash and last.kind in _OWN_OUTPUT and (len(last.shape) == 1 or last.shape[:2] == (1, 1)):
        return last.name
    named = [layer.name for layer in probe.layers if len(layer.shape) == 1 and _is_named_code(layer)]
    if named:
        return named[0]
    if probe.task in PLACED:
        return (bottleneck((*probe.layers, last)) or last).name  # of all layers: a code may be what comes out
    return _before_last_sum(probe) or last.name


def _of_own_branch(probe: Probe) -> str:
    """Return the last layer of the picture's own way through a network of two pictures, a flat one if there is one."""
    own = [layer for layer in probe.own_branch if len(layer.shape) == 1 or layer.spatial]
    flat = [layer for layer in own if len(layer.shape) == 1]
    if not own:
        raise LayerError(
            f"{probe.name} compares two pictures itself, and has no layer that only one of them goes through: its "
            "output says how alike they are. Give layer=... to compare codes of another layer."
        )
    return (flat or own)[-1].name


def about_layer(probe: Probe, layer: str, pooled: bool) -> tuple[str, ...]:
    """Return what to mind of a layer that is no bottleneck, in sentences."""
    if probe.pair and probe.outputs == 1 and layer in [own.name for own in probe.own_branch]:
        return (
            f"Compared is what each picture becomes in {layer}, before the two meet; the network's own answer for two "
            "pictures is its output.",
        )
    chosen, own = probe.layer(layer), probe.bottleneck
    size = number_count((1, 1, chosen.shape[-1]) if pooled and len(chosen.shape) == 3 else chosen.shape)
    if own is not None and own.name != chosen.name:
        known = f" of {size} numbers" if size else ""
        return (
            f"{chosen.name}{known} is not the bottleneck, which is {own.name}: "
            "pictures that are alike in one may differ in the other.",
        )
    most = number_count(probe.input_shape)
    if size and most and size >= most:
        return (
            f"{chosen.name} is no bottleneck: it has {size} numbers, the picture {most}. "
            "Likeness there is nearly that of the pixels.",
        )
    return ()


def _is_named_code(layer: LayerInfo) -> bool:
    return layer.name.rpartition("/")[2].lower().startswith(CODE_WORDS)


def _before_last_sum(probe: Probe) -> str | None:
    """Return the layer that the last weighted sum takes; layers that train alone are looked through."""
    graph, names = probe.engine.graph, {layer.name for layer in probe.layers}
    head = probe.engine.head
    step = head.twin.step if head.twin is not None else graph.makers.get(head.slot)
    while step is not None and not is_weighted_sum(step):
        step = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
    while step is not None and len(step.inputs) == 1:
        step = graph.makers.get(step.inputs[0])
        if step is not None and step.name in names and "Dropout" not in type(step.op).__name__:
            return step.name
    return None
