"""The end of a classifier: where its logits are, when softmax or sigmoid comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from ..graphs.graph import Graph, Shape, Step, has_weights
from ..graphs.paths import back
from ..pre_activation import Twin, last_activation, twin_of
from .functions import End, end_of, has_gradient, keeps_chances

Squash = Literal["softmax", "sigmoid", ""]
Scale = Literal["logit", "probability", "log-probability", ""]

MOST_TRIED = 2**16  # numbers that a step of unknown code is tried on
SMALL_SIDE = 3

_PASSES = {
    "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout",
    "GaussianNoise", "AlphaDropout", "ActivityRegularization", "Flatten", "Reshape", "Squeeze", "ExpandDims", "Cast",
}  # fmt: skip


@dataclass(frozen=True)
class Head:
    """How an output comes out of its logits.

    Attributes
    ----------
    squash : str
        ``softmax``, ``sigmoid``, or empty if the output is its own logit.
    slot : int
        Number of the value that is the logit; not used if there is a `twin`.
    twin : Twin or None
        The layer that makes the output without its activation, if it squashes by one of its own.
    after : tuple of Step
        What follows the squash and passes its numbers on in another shape or precision, in order.
    scale : str
        What the numbers read as logits are: ``logit``, ``log-probability``, ``probability`` where the end cannot be
        looked through, or empty as long as that is not known.
    """

    squash: Squash
    slot: int
    twin: Twin | None = None
    after: tuple[Step, ...] = ()
    scale: Scale = "logit"

    @property
    def needs(self) -> tuple[int, ...]:
        """Numbers of the values that the logits are read from."""
        return (self.slot,) if self.twin is None else self.twin.step.inputs

    def logits(self, values: Mapping[int, Any]) -> Any:
        """Return the logits in the output's shape, given the values of a run."""
        made = values[self.slot] if self.twin is None else self.twin.call(values)
        for step in self.after:
            (taken,) = set(step.inputs)
            (made,) = step.call({taken: made})
        return made


def find_head(graph: Graph, output: int) -> Head:
    """Return the head of one output; steps that pass it on unchanged are looked through.

    A softmax or sigmoid is known by what it computes: an activation, a layer or a function of the author's is run on a
    few numbers. What has weights is not run, but for the activation that a layer ends in.
    """
    slot, step, after, clipped = output, graph.makers.get(output), list[Step](), False
    end: End = "linear"
    while step is not None:
        end = _step_end(step, graph)
        clips = not end and _clips(step, graph)
        if end != "linear" and not clips:
            break
        slot, clipped = step.inputs[0], clipped or clips
        after = after if clips else [step, *after]
        step = graph.makers.get(slot)
    twin = None
    if step is not None and not end:
        end = _activation_end(last_activation(step), graph, slot)
        twin = twin_of(step) if end in ("softmax", "sigmoid") else None
    if step is None or end == "linear":
        return Head("", output, scale="" if clipped else "logit")
    if end == "log_softmax" and not clipped:
        return Head("", output, scale="log-probability")
    if end not in ("softmax", "sigmoid") or (end == "softmax" and not _keeps_classes(graph, slot, output)):
        return Head("", output, scale="")
    squash: Squash = "softmax" if end == "softmax" else "sigmoid"
    return Head(squash, step.inputs[0] if twin is None else slot, twin, tuple(after))


def passes_gradient(graph: Graph, output: int) -> bool:
    """Return False if one of the steps that make an output from the last weights on, such as an argmax, has none."""
    for step in back(graph, output):
        if has_weights(step.op) or len(step.inputs) != 1 or not step.real:
            return True
        (slot,) = step.inputs
        shape = (2, *(n or SMALL_SIDE for n in _shape(graph, slot)))
        if len(shape) > 1 and not has_gradient(partial(_first, step, slot), shape):
            return False
    return True


def _first(step: Step, slot: int, given: Any) -> Any:
    return step.call({slot: given})[0]


def _step_end(step: Step, graph: Graph) -> End:
    """Return which known end a step is, ``linear`` for one that passes its numbers on."""
    if len(set(step.inputs)) != 1 or len(step.outputs) != 1 or not step.real:
        return ""
    kind, own = type(step.op), type(step.op).__module__.startswith("keras.")
    if own and kind.__name__ in _PASSES:
        return "linear"
    if own and kind.__name__ == "Activation":
        return _activation_end(step.op.activation, graph, step.outputs[0])
    if step.shape is None or has_weights(step.op):
        return ""
    (slot,) = set(step.inputs)
    return _tried_end(lambda x: step.call({slot: x})[0], _shape(graph, slot), _axis(graph, step.shape))


def _clips(step: Step, graph: Graph) -> bool:
    """Return True for a step that only keeps probabilities off 0 and 1."""
    if len(set(step.inputs)) != 1 or len(step.outputs) != 1 or step.shape is None or not step.real:
        return False
    if has_weights(step.op) or not _shape(graph, step.inputs[0]):
        return False
    (slot,) = set(step.inputs)
    few = (2, *(min(n or SMALL_SIDE, 2 * SMALL_SIDE) for n in _shape(graph, slot)))
    return keeps_chances(lambda x: step.call({slot: x})[0], few)


def _activation_end(activation: Any, graph: Graph, slot: int) -> End:
    """Return which known end an activation is, over values like those of a number."""
    import keras

    if activation is None or has_weights(activation):
        return ""
    if activation is keras.activations.linear:
        return "linear"
    shape = _shape(graph, slot)
    return _tried_end(activation, shape, _axis(graph, shape))


def _tried_end(function: Any, shape: Shape, axis: int) -> End:
    """Return which known end a function is; on large maps it is tried on a few places, which has to be enough."""
    whole = (2, *(n or SMALL_SIDE for n in shape))
    few = (2, *(min(n, SMALL_SIDE + k) for k, n in enumerate(whole[1:-1])), whole[-1])
    if axis == 1:
        few = (2, whole[1], *(min(n, SMALL_SIDE + k) for k, n in enumerate(whole[2:])))
    for sizes in dict.fromkeys((few, whole)):
        numbers = 1
        for size in sizes:
            numbers *= size
        found = end_of(function, sizes, axis) if 0 < numbers <= MOST_TRIED else ""
        if found:
            return found
    return ""


def _shape(graph: Graph, slot: int) -> Shape:
    step = graph.makers.get(slot)
    if step is not None:
        return step.shape or ()
    return next((graph.input_shapes[name] for name, made in graph.inputs.items() if made == slot), ())


def _axis(graph: Graph, shape: Shape) -> int:
    """Return the axis of the classes, batch axis counted."""
    return 1 if graph.channels_first and len(shape) == 3 else -1


def _keeps_classes(graph: Graph, slot: int, output: int) -> bool:
    """Return True if the axis of the classes is that of the output's too."""
    inner, outer = (graph.seen_shape(_shape(graph, number)) for number in (slot, output))
    return bool(inner) and bool(outer) and inner[-1] == outer[-1]
