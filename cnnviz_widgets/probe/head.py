"""The end of a classifier: where its logits are, when softmax or sigmoid comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .graph import Graph
from .twin import Twin, own_activation, twin_of

Squash = Literal["softmax", "sigmoid", ""]

_PLAIN = {"Softmax": "softmax", "Sigmoid": "sigmoid", "Identity": "linear"}


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
    """

    squash: Squash
    slot: int
    twin: Twin | None = None

    @property
    def needs(self) -> tuple[int, ...]:
        """Numbers of the values that the logits are read from."""
        return (self.slot,) if self.twin is None else self.twin.step.inputs

    def logits(self, values: Mapping[int, Any]) -> Any:
        """Return the logits, given the values of a run."""
        return values[self.slot] if self.twin is None else self.twin.call(values)


def find_head(graph: Graph, output: int) -> Head:
    """Return the head of one output; layers that pass it on unchanged are looked through."""
    slot, step = output, graph.makers.get(output)
    while step is not None and len(step.inputs) == 1 and _kind(step.op) == "linear":
        slot = step.inputs[0]
        step = graph.makers.get(slot)
    if step is None:
        return Head("", output)
    squash = _kind(step.op)
    if squash in ("softmax", "sigmoid"):
        return Head(squash, step.inputs[0])
    squash = _word(own_activation(step.op), ("softmax", "sigmoid"))
    twin = twin_of(step) if squash else None
    return Head("", output) if twin is None else Head(squash, slot, twin)


def _kind(op: Any) -> Any:
    """Return ``softmax``, ``sigmoid`` or ``linear`` for an operation that is nothing else, or an empty string."""
    kind = type(op)
    if not kind.__module__.startswith("keras."):
        return ""
    if kind.__name__ == "Activation":
        return _word(op.activation, ("softmax", "sigmoid", "linear"))
    last = getattr(op, "axis", -1) == -1
    return _PLAIN.get(kind.__name__, "") if last else ""


def _word(function: Any, allowed: tuple[str, ...]) -> Any:
    """Return the name of one of Keras' own activation functions if it is allowed, else an empty string."""
    import keras

    return next((name for name in allowed if function is keras.activations.get(name)), "")
