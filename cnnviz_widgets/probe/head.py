"""The end of a classifier: where its logits are, when softmax or sigmoid comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .graph import Graph, Step

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
    step : Step or None
        The step that makes the output, if it squashes by an activation of its own.
    twin : keras.Layer or None
        A copy of that step's layer without the activation; it runs on the original's weights.
    """

    squash: Squash
    slot: int
    step: Step | None = None
    twin: Any = None

    @property
    def needs(self) -> tuple[int, ...]:
        """Numbers of the values that the logits are read from."""
        return self.step.inputs if self.step is not None else (self.slot,)

    def logits(self, values: Mapping[int, Any]) -> Any:
        """Return the logits, given the values of a run."""
        import keras

        if self.step is None:
            return values[self.slot]
        args, kwargs = self.step.filled(values)
        weights = [
            (own, original.value)
            for own, original in zip(self.twin.variables, self.step.op.variables, strict=True)
        ]
        with keras.StatelessScope(weights):
            return self.twin(*args, **kwargs)


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
    squash = _own_activation(step.op)
    twin = _without_activation(step) if squash else None
    return Head("", output) if twin is None else Head(squash, slot, step, twin)


def _kind(op: Any) -> Any:
    """Return ``softmax``, ``sigmoid`` or ``linear`` for an operation that is nothing else, or an empty string."""
    kind = type(op)
    if not kind.__module__.startswith("keras."):
        return ""
    if kind.__name__ == "Activation":
        return _word(op.activation, ("softmax", "sigmoid", "linear"))
    last = getattr(op, "axis", -1) == -1
    return _PLAIN.get(kind.__name__, "") if last else ""


def _own_activation(op: Any) -> Any:
    """Return how a Dense or convolution layer of Keras squashes its own answer, or an empty string."""
    import keras

    layers = keras.layers
    known = (
        layers.Dense, layers.EinsumDense, layers.Conv2D, layers.Conv2DTranspose, layers.DepthwiseConv2D,
        layers.SeparableConv2D,
    )  # fmt: skip
    plain = next((kind for kind in known if isinstance(op, kind)), None)
    if plain is None or type(op).call is not plain.call:
        return ""
    return _word(op.activation, ("softmax", "sigmoid"))


def _word(function: Any, allowed: tuple[str, ...]) -> str:
    """Return the name of one of Keras' own activation functions if it is allowed, else an empty string."""
    import keras

    return next((name for name in allowed if function is keras.activations.get(name)), "")


def _without_activation(step: Step) -> Any:
    """Return the layer's twin, or None if the layer cannot be made again from its configuration."""
    layer = step.op
    try:
        twin = type(layer).from_config({**layer.get_config(), "activation": "linear"})
        twin.build(tuple(step.arguments.keras_tensors[0].shape))
    except Exception:
        return None
    return twin if len(twin.variables) == len(layer.variables) else None
