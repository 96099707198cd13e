"""Neighbouring layers as few operations: a normalisation goes into the convolution before it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..graphs.graph import Step

Weights = tuple[Any, Any]
REBUILT = {"build", "quantize"}  # Keras wraps these on each layer
_HARMLESS = {
    "__init__", "build", "get_config", "from_config", "get_build_config", "build_from_config", "compute_output_shape",
    "compute_output_spec",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Unit:
    """One or two steps of the network that run as one.

    Attributes
    ----------
    step : Step
        What runs.
    norm : Step or None
        The batch normalisation that takes what `step` makes, and nothing else does.
    """

    step: Step
    norm: Step | None = None

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the values it takes."""
        return tuple(dict.fromkeys(self.step.inputs))

    @property
    def outputs(self) -> tuple[int, ...]:
        """Numbers of the values it makes."""
        return self.step.outputs if self.norm is None else self.norm.outputs

    @cached_property
    def kind(self) -> str:
        """Name of the kind of layer, empty for one that is not Keras' own."""
        return kind_of(self.step.op)


def kind_of(op: Any) -> str:
    """Return the name of the kind of one of Keras' own operations; empty if someone else changed what it does.

    A class derived from Keras' may have its own ``__init__``, ``build`` and configuration, and whatever Keras' has not.
    """
    line = type(op).__mro__
    first = next((k for k, c in enumerate(line) if c.__module__.startswith("keras.")), None)
    if first is None or not hasattr(line[first], "call"):
        return ""
    own = line[first]
    changed = {name for c in line[:first] for name, value in vars(c).items() if _does_something(name, value)}
    changed |= {name for name, value in getattr(op, "__dict__", {}).items() if callable(value)} - REBUILT
    return "" if any(hasattr(own, name) for name in changed) else own.__name__


def _does_something(name: str, value: Any) -> bool:
    if name in _HARMLESS or not (callable(value) or isinstance(value, (property, staticmethod, classmethod))):
        return False
    return not name.startswith("__") or name in ("__call__", "__getattribute__", "__getattr__")


def trains(step: Step) -> bool:
    """Return True if a layer runs in training mode for good: its author called it so, and `predict` leaves it so."""
    if step.training is not None:
        return step.training
    return any(value is True for value in constants(step))


def constants(step: Step) -> list[Any]:
    """Return what an operation was called with beside values of the network."""
    import keras

    value = object()
    args, kwargs = step.filled(dict.fromkeys(step.inputs, value))
    return [found for found in keras.tree.flatten((args, kwargs)) if found is not value and found is not None]


def units(steps: list[Step], takers: dict[int, list[Step]], kept: set[int]) -> list[Unit]:
    """Return the steps with each batch normalisation folded in where only it reads a linear convolution.

    Values in `kept` are asked for themselves, so nothing is folded past them.
    """
    made, folded = [], set[Step]()
    for step in steps:
        if step in folded:
            continue
        follower = _only_norm(step, takers, kept)
        if follower is not None:
            folded.add(follower)
        made.append(Unit(step, follower))
    return made


def convolve(unit: Unit, x: Any, weights: Weights | None = None, padding: str | None = None) -> Any:
    """Return what a convolution makes of maps, with its normalisation; `padding` replaces the layer's own."""
    import tensorflow as tf

    op = unit.step.op
    kernel, bias = weights or weights_of(unit)
    y = CONVOLUTIONS[unit.kind].run(op, x, kernel, padding or op.padding)
    if bias is not None:
        y = tf.nn.bias_add(y, tf.convert_to_tensor(bias))
    return y if op.activation is None else op.activation(y)


def weights_of(unit: Unit) -> Weights:
    """Return the kernel of a convolution, a pair of them where there are two, and its bias; scaled by its norm."""
    op = unit.step.op
    bias = op.bias if op.use_bias else None
    scale, shift = (None, bias) if unit.norm is None else _scale_and_shift(unit.norm.op, bias)
    return CONVOLUTIONS[unit.kind].scaled(op, scale), shift


def folded(units: Iterable[Unit]) -> dict[int, Weights]:
    """Return the weights of all convolutions that have a normalisation folded in, by the number of the output.

    They are tensors throughout: a kernel that is left as it is, too, for compiled functions are not fed variables.
    """
    import tensorflow as tf

    def tensors(unit: Unit) -> Any:
        return tf.nest.map_structure(tf.convert_to_tensor, weights_of(unit))

    return {unit.outputs[0]: tensors(unit) for unit in units if unit.norm is not None}


def normalise(op: Any, x: Any) -> Any:
    """Return maps, (N, h, w, C), after a batch normalisation over the last axis."""
    import tensorflow as tf

    mean, variance = tf.convert_to_tensor(op.moving_mean), tf.convert_to_tensor(op.moving_variance)
    scale = tf.convert_to_tensor(op.gamma) if op.scale else tf.ones_like(mean)
    offset = tf.convert_to_tensor(op.beta) if op.center else tf.zeros_like(mean)
    return tf.raw_ops.FusedBatchNormV3(
        x=x, scale=scale, offset=offset, mean=mean, variance=variance, epsilon=op.epsilon, is_training=False
    ).y


def _only_norm(step: Step, takers: dict[int, list[Step]], kept: set[int]) -> Step | None:
    if not is_plain_convolution(step.op) or step.outputs[0] in kept:
        return None
    after = takers.get(step.outputs[0], [])
    linear = step.op.activation is None or getattr(step.op.activation, "__name__", "") == "linear"
    if len(after) != 1 or not linear or not is_plain_norm(after[0]):
        return None
    return after[0]


def is_plain_convolution(op: Any) -> bool:
    """Return True for one of Keras' convolutions over maps whose last axis is that of the channels."""
    return kind_of(op) in CONVOLUTIONS and op.data_format == "channels_last"


def is_plain_norm(step: Step) -> bool:
    """Return True for a batch normalisation over the last axis that runs on its stored statistics."""
    if kind_of(step.op) != "BatchNormalization" or trains(step) or len(step.shape or ()) != 3:
        return False
    return step.op.axis in (-1, 3)


def _scale_and_shift(norm: Any, bias: Any) -> tuple[Any, Any]:
    """Return scale and shift of a normalisation of what comes without its bias, each (C,)."""
    import tensorflow as tf

    scale = tf.math.rsqrt(tf.convert_to_tensor(norm.moving_variance) + norm.epsilon)
    if norm.scale:
        scale = scale * norm.gamma
    mean = norm.moving_mean if bias is None else norm.moving_mean - bias
    shift = -mean * scale
    return scale, shift + norm.beta if norm.center else shift


def _scaled_kernel(op: Any, scale: Any) -> Any:
    return op.kernel if scale is None else op.kernel * scale


def _conv(op: Any, x: Any, kernel: Any, padding: str) -> Any:
    import keras
    import tensorflow as tf

    def conv(part: Any, kernel: Any) -> Any:
        return keras.ops.conv(part, kernel, op.strides, padding, "channels_last", op.dilation_rate)

    if op.groups == 1:
        return conv(x, kernel)
    # Keras compiles a convolution in groups by XLA, anew for each size of windows
    parts = zip(tf.split(x, op.groups, -1), tf.split(kernel, op.groups, -1), strict=True)
    return tf.concat([conv(*part) for part in parts], -1)


def _scaled_depthwise(op: Any, scale: Any) -> Any:
    import tensorflow as tf

    kernel = tf.convert_to_tensor(op.kernel)
    return kernel if scale is None else kernel * tf.reshape(scale, kernel.shape[2:])


def _depthwise(op: Any, x: Any, kernel: Any, padding: str) -> Any:
    import keras

    return keras.ops.depthwise_conv(x, kernel, op.strides, padding, "channels_last", op.dilation_rate)


def _scaled_pair(op: Any, scale: Any) -> tuple[Any, Any]:
    return op.depthwise_kernel, op.pointwise_kernel if scale is None else op.pointwise_kernel * scale


def _separable(op: Any, x: Any, kernel: tuple[Any, Any], padding: str) -> Any:
    import keras

    return keras.ops.separable_conv(x, *kernel, op.strides, padding, "channels_last", op.dilation_rate)


def _scaled_transposed(op: Any, scale: Any) -> Any:
    return op.kernel if scale is None else op.kernel * scale[:, None]


def _transposed(op: Any, x: Any, kernel: Any, padding: str) -> Any:
    import keras

    extra = op.output_padding if padding == op.padding else None
    return keras.ops.conv_transpose(
        x, kernel, list(op.strides), padding, extra, "channels_last", op.dilation_rate
    )


@dataclass(frozen=True)
class Kind:
    """A kind of convolution: how it runs, and its kernel with each channel of its output scaled."""

    run: Callable[[Any, Any, Any, str], Any]
    scaled: Callable[[Any, Any], Any]


CONVOLUTIONS = {
    "Conv2D": Kind(_conv, _scaled_kernel),
    "DepthwiseConv2D": Kind(_depthwise, _scaled_depthwise),
    "SeparableConv2D": Kind(_separable, _scaled_pair),
    "Conv2DTranspose": Kind(_transposed, _scaled_transposed),
}


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
