"""Layers that give each place's numbers from that place alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from .fold import Unit, constants, is_plain_norm, kind_of

Shapes = Mapping[int, tuple[int, ...]]

# fmt: off
_PLAIN = {
    "ReLU", "LeakyReLU", "ELU", "Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
    "Identity", "ActivityRegularization", "Rescaling", "LayerScale", "StochasticDepth",
    "Relu", "Relu6", "Sigmoid", "Softplus", "Softsign", "Silu", "LeakyRelu", "HardSigmoid", "HardSilu", "Elu",
    "Selu", "Gelu", "Celu", "Tanh", "Negative", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Log1p", "Abs",
    "Absolute", "Clip",
}
_MERGES = {"Add", "Subtract", "Multiply", "Maximum", "Minimum", "Divide", "TrueDivide"}
_OVER_CHANNELS = {"Softmax", "LogSoftmax", "LayerNormalization", "RMSNormalization", "UnitNormalization"}
_LAST = (-1, 3, [-1], [3], (-1,), (3,))
# fmt: on


def is_pointwise(unit: Unit, shapes: Shapes) -> bool:
    """Return True if each place of the output of maps depends on the same place of the inputs alone."""
    step, kind = unit.step, unit.kind
    if not _fits(unit, shapes):
        return False
    if kind in _PLAIN or kind in _MERGES or is_plain_norm(step):
        return True
    if kind in _OVER_CHANNELS:
        return step.op.axis in _LAST
    if kind == "Concatenate":
        return step.op.axis in (-1, 3)
    if kind == "Average":
        return ".layers." in type(step.op).__module__
    if kind in ("Activation", "Dense"):
        return is_own_activation(step.op.activation)
    if kind == "PReLU":
        return tuple(step.op.alpha.shape[:2]) == (1, 1)
    return kind == "Normalization" and tuple(step.op.mean.shape)[:3] in ((), (1, 1, 1))


def is_own_activation(activation: Any) -> bool:
    """Return True for one of Keras' activation functions, which see one place at a time, or none."""
    if activation is None or kind_of(activation) in ("ReLU", "LeakyReLU", "ELU"):
        return True
    return inspect.isfunction(activation) and activation.__module__.startswith("keras.")


def _fits(unit: Unit, shapes: Shapes) -> bool:
    """Return True if every input is maps of the output's size, or one place that serves for all."""
    made, given = shapes[unit.outputs[0]], [shapes[slot] for slot in unit.inputs]
    if any(len(shape) != 3 for shape in (made, *given)) or made[:2] not in [shape[:2] for shape in given]:
        return False
    if any(shape[:2] not in (made[:2], (1, 1)) for shape in given):
        return False
    return all(_is_small(constant) for constant in (*constants(unit.step), *_settings(unit.step.op)))


def _settings(op: Any) -> list[Any]:
    """Return the numbers that an operation was made with, such as the ends of a clip or a scale."""
    own = [getattr(op, name, None) for name in ("scale", "offset", "x_min", "x_max")]
    return [value for value in own if value is not None]


def _is_small(constant: Any) -> bool:
    """Return True for a number, or one for each channel."""
    shape = tuple(getattr(constant, "shape", np.shape(constant)))
    return all(n == 1 for n in shape[:-1])
