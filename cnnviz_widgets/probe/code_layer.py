"""Which layer holds the code of a network that nobody named one of, and what to mind of the layer chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LayerError
from .info import CODE_WORDS, LayerInfo, bottleneck, number_count
from .pooled import is_weighted_sum
from .tasks import PLACED

if TYPE_CHECKING:
    from .probe import Probe

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
    graph, names = probe._engine.graph, {layer.name for layer in probe.layers}
    head = probe._engine.head
    step = head.twin.step if head.twin is not None else graph.makers.get(head.slot)
    while step is not None and not is_weighted_sum(step):
        step = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
    while step is not None and len(step.inputs) == 1:
        step = graph.makers.get(step.inputs[0])
        if step is not None and step.name in names and "Dropout" not in type(step.op).__name__:
            return step.name
    return None
