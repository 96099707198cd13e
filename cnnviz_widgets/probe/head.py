"""The end of a classifier: where its logits are, when softmax or sigmoid comes last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .graph import Graph, Step

Squash = Literal["softmax", "sigmoid", ""]


@dataclass(frozen=True)
class Head:
    """How an output comes out of its logits.

    Attributes
    ----------
    squash : str
        ``softmax``, ``sigmoid``, or empty if the output is its own logit.
    slot : int
        Number of the value that is the logit, or that is put into `twin`.
    step : Step or None
        The step that makes the output, if it squashes by an activation of its own.
    twin : keras.Layer or None
        A copy of that step's layer without the activation; it runs on the original's weights.
    """

    squash: Squash
    slot: int
    step: Step | None = None
    twin: Any = None

    def logits(self, values: dict[int, Any]) -> Any:
        """Return the logits, given all values of a run."""
        if self.step is None or self.twin is None:
            return values[self.slot]
        layer = self.step.op
        args, _ = self.step.arguments.fill_in({tensor: values[slot] for tensor, slot in self.step.bind})
        weights, state = (
            [v.value for v in group] for group in (layer.trainable_variables, layer.non_trainable_variables)
        )
        return self.twin.stateless_call(weights, state, *args)[0]


def find_head(graph: Graph, output: int) -> Head:
    """Return the head of one output; layers that pass it on unchanged are looked through."""
    slot, step = output, graph.maker(output)
    while step is not None and _kind(step.op) == "linear" and len(step.inputs) == 1:
        slot, step = step.inputs[0], graph.maker(step.inputs[0])
    if step is None:
        return Head("", output)
    squash = _kind(step.op)
    if squash in ("softmax", "sigmoid"):
        return Head(squash, step.inputs[0])
    squash = _own_activation(step.op)
    if squash:
        return Head(squash, slot, step, _without_activation(step))
    return Head("", output)


def _kind(op: Any) -> Any:
    """Return ``softmax``, ``sigmoid`` or ``linear`` for an operation that is nothing else, or an empty string."""
    plain = {"Softmax": "softmax", "Sigmoid": "sigmoid", "Identity": "linear"}.get(type(op).__name__, "")
    if type(op).__name__ == "Activation":
        return _word(op.activation, ("softmax", "sigmoid", "linear"))
    return plain


def _own_activation(op: Any) -> Any:
    return _word(getattr(op, "activation", None), ("softmax", "sigmoid")) if hasattr(op, "get_config") else ""


def _word(function: Any, allowed: tuple[str, ...]) -> str:
    name = str(getattr(function, "__name__", "")).lower()
    return name if name in allowed else ""


def _without_activation(step: Step) -> Any:
    layer = step.op
    twin = type(layer).from_config({**layer.get_config(), "activation": "linear"})
    twin.build(tuple(step.arguments.keras_tensors[0].shape))
    return twin
