"""A layer of the network without its own activation, running on the original's weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .graphs.graph import Step, as_inner
from .output.functions import tried

MOST_TRIED = 2**22  # numbers: a layer of unknown code is not tried on larger maps


@dataclass(frozen=True, eq=False)
class Twin:
    """A stand-in for a step's layer whose activation is linear.

    Attributes
    ----------
    step : Step
        The step whose layer has an activation of its own.
    layer : keras.Layer
        The stand-in: it holds the original's variables, and its `activation` alone is another. Nothing is ever
        written to the original.
    """

    step: Step
    layer: Any

    def call(self, values: Mapping[int, Any]) -> Any:
        """Return what the step's layer makes before its activation."""
        args, kwargs = self.step.given(values)
        with as_inner(self.layer):
            return self.layer(*args, **kwargs)


def own_activation(op: Any) -> Any:
    """Return the activation function that a Dense or convolution layer of Keras ends in, else None."""
    import keras

    layers = keras.layers
    known = (
        layers.Dense, layers.EinsumDense, layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.Conv1DTranspose,
        layers.Conv2DTranspose, layers.Conv3DTranspose, layers.DepthwiseConv1D, layers.DepthwiseConv2D,
        layers.SeparableConv1D, layers.SeparableConv2D,
    )  # fmt: skip
    plain = next((kind for kind in known if isinstance(op, kind)), None)
    return None if plain is None or type(op).call is not plain.call else op.activation


def last_activation(step: Step) -> Any:
    """Return the activation that a step's layer ends in, of an author's own layer too; None if there is none.

    An author's layer is asked: it ends in its attribute `activation` if that, after all the rest of it, makes what the
    layer makes of some numbers.
    """
    found = own_activation(step.op)
    if found is not None or type(step.op).__module__.startswith("keras."):
        return found
    activation = getattr(step.op, "activation", None)
    return activation if callable(activation) and _ends_in(step, activation) else None


def twin_of(step: Step) -> Twin:
    """Return the twin of a step whose layer has an attribute `activation`."""
    import keras

    layer = object.__new__(type(step.op))
    vars(layer).update(vars(step.op))
    vars(layer)["activation"] = keras.activations.linear
    return Twin(step, layer)


def _ends_in(step: Step, activation: Any) -> bool:
    shape = tuple(getattr(step.arguments.keras_tensors[0], "shape", ())) if len(step.inputs) == 1 else ()
    sizes = tuple(n or 4 for n in shape[1:])
    if not sizes or not step.inputs or int(np.prod(sizes)) > MOST_TRIED:
        return False
    given = np.random.default_rng(0).normal(0.0, 1.0, (1, *sizes)).astype(np.float32)
    (slot,) = step.inputs
    before, after = _linear_and_whole(step, slot, activation)
    whole, linear = tried(after, given), tried(before, given)
    if whole is None or linear is None or whole.shape != linear.shape or np.array_equal(whole, linear):
        return False
    made = tried(activation, linear)
    return (
        made is not None
        and made.shape == whole.shape
        and bool(np.allclose(made, whole, rtol=1e-4, atol=1e-5))
    )


def _linear_and_whole(step: Step, slot: int, activation: Any) -> tuple[Any, Any]:
    twin = twin_of(step)
    return (lambda x: twin.call({slot: x})), (lambda x: step.call({slot: x})[0])
