"""A layer of the network without its own activation, running on the original's weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .graph import Step


@dataclass(frozen=True, eq=False)
class Twin:
    """A copy of a step's layer whose activation is linear.

    Attributes
    ----------
    step : Step
        The step whose layer has an activation of its own.
    layer : keras.Layer
        The copy. Its own weights are never used.
    """

    step: Step
    layer: Any

    def call(self, values: Mapping[int, Any]) -> Any:
        """Return what the step's layer makes before its activation."""
        import keras

        args, kwargs = self.step.given(values)
        weights = [
            (own, original.value)
            for own, original in zip(self.layer.variables, self.step.op.variables, strict=True)
        ]
        with keras.StatelessScope(weights):
            return self.layer(*args, **kwargs)


def own_activation(op: Any) -> Any:
    """Return the activation function that a Dense or convolution layer of Keras ends in, else None."""
    import keras

    layers = keras.layers
    known = (
        layers.Dense, layers.EinsumDense, layers.Conv2D, layers.Conv2DTranspose, layers.DepthwiseConv2D,
        layers.SeparableConv2D,
    )  # fmt: skip
    plain = next((kind for kind in known if isinstance(op, kind)), None)
    return None if plain is None or type(op).call is not plain.call else op.activation


def twin_of(step: Step) -> Twin | None:
    """Return the twin of a step, or None if its layer cannot be made again from its configuration."""
    layer = step.op
    try:
        made = type(layer).from_config({**layer.get_config(), "activation": "linear"})
        made.build(tuple(step.arguments.keras_tensors[0].shape))
    except Exception:
        return None
    return Twin(step, made) if len(made.variables) == len(layer.variables) else None
