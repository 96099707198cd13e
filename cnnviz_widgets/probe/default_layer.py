"""Which layer class maps are read from when none is named."""

from __future__ import annotations

from collections.abc import Sequence

from .graphs.graph import Graph, Shape, Step
from .graphs.paths import back, depending, kept_places, needed, weighs
from .layer_info import LayerInfo
from .receptive_field import kind_of
from .tokens.gates import arguing, wide

_EDGES = {"ZeroPadding2D", "Pad", "Resizing"}


def usual_layer(
    graph: Graph,
    image: int,
    output: int,
    spatial: Sequence[LayerInfo],
    read: set[int],
    other: int | None,
) -> str | None:
    """Return the last layer whose maps are of the picture that is explained, and lie before what is read.

    It is no layer that only prepares the picture, adds edges to maps or resizes them, none that another picture makes,
    and none whose places are not the picture's. Weights of places, as in the pooling of attention, and single channels
    are none as long as there are others. Of an output that has places, what makes it and its logits are left out.
    Where two pictures go through the same layers, it lies before they meet.

    Parameters
    ----------
    graph : Graph
        The network.
    image, output : int
        Numbers of the values that are the picture and the output.
    spatial : sequence of LayerInfo
        The layers with maps.
    read : set of int
        Numbers of the values that the target reads.
    other : int, optional
        Number of the value that is the other picture of a pair.
    """
    steps = {step.name: step for step in graph.steps}
    own, before = depending(graph, image), needed(graph, read)
    ends = {step.name for slot in read for step in _end(graph, slot)}
    able = [
        layer
        for layer in spatial
        if (slot := steps[layer.name].outputs[0]) in own and slot in before and slot not in (image, output)
    ]
    inner = [layer for layer in able if layer.name not in ends]
    if other is not None and _shared(graph):
        met = depending(graph, other)
        inner = [layer for layer in inner if steps[layer.name].outputs[0] not in met] or inner
    places = kept_places(graph, image)
    true = [layer for layer in inner if layer.grid is not None or steps[layer.name].outputs[0] in places]
    learnt = [
        layer
        for layer in true
        if _learnt(graph, steps[layer.name]) and kind_of(steps[layer.name].op) not in _EDGES
    ]
    argue = arguing(graph, read, ends, places)
    voting = [layer for layer in learnt if steps[layer.name].outputs[0] in argue and wide(layer.shape)]
    several = [layer for layer in learnt if wide(layer.shape)]
    found = voting or several or learnt or true or inner or able
    return found[-1].name if found else None


def _end(graph: Graph, slot: int) -> list[Step]:
    """Return the steps that make a value, back to the last weighted sum, or to where maps become a row."""
    found: list[Step] = []
    for step in back(graph, slot):
        if step.shape is not None and any(
            len(_shape(graph, taken)) > len(step.shape) == 1 for taken in step.inputs
        ):
            return found
        found.append(step)
        if weighs(step):
            return found
    return found[:1]


def _shape(graph: Graph, slot: int) -> Shape:
    step = graph.makers.get(slot)
    return (step.shape or ()) if step is not None else ()


def _shared(graph: Graph) -> bool:
    """Return True if layers with a kernel are used several times."""
    used = [id(step.op) for step in graph.steps if weighs(step)]
    return len(set(used)) < len(used)


def _learnt(graph: Graph, step: Step) -> bool:
    """Return True if a layer with a kernel has worked on what this one gives."""
    return any(weighs(one) for one in graph.before(step.outputs[0]))
