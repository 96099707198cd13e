"""How each kind of layer is run on windows, and which rule serves a layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fused_layers import (
    Shapes,
    Unit,
    Weights,
    convolve,
    is_own_activation,
    is_plain_norm,
    is_pointwise,
    normalise,
    trains,
)
from .paste import Window, look
from .windows import Reach, Size, Span, hull, kept, reach, slid, spread, widened


@dataclass(frozen=True, eq=False)
class Move:
    """What one layer does to the rows (or columns) of windows.

    Attributes
    ----------
    read : Span
        Rows of its input that it needs; they hold what the patch changed there.
    renewed : Span
        Rows of its output that it gives.
    made : Span or None
        Rows that are computed on the way and hold those renewed, for layers that cut these out.
    """

    read: Span
    renewed: Span
    made: Span | None = None


@dataclass(frozen=True, eq=False)
class Places:
    """Where the windows of a `Move` lie, for one batch of positions."""

    read: Window
    made: Window
    renewed: Window


class Rule:
    """A layer that gives the same at each place whatever is far away; this one reads just the place itself.

    Attributes
    ----------
    lowest : bool
        True if outside of the map is the lowest number instead of zero.
    over : bool
        True if it may read places outside of the map.
    """

    lowest = False
    over = False

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of rows (axis 0) or columns (1), given what of the input is changed."""
        return Move(have, have)

    def work(self, unit: Unit) -> float:
        """Return the number of multiplications and additions for one place of the output."""
        return 2.0 * _numbers(unit.step.op.kernel) if unit.kind == "Dense" else 0.0

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return windows `at.renewed` of the output, (B, h, w, C), given windows `at.read` of the inputs by number.

        `weights` are those of a convolution with a normalisation folded in.
        """
        if is_plain_norm(unit.step):
            return normalise(unit.step.op, values[unit.inputs[0]])
        return unit.step.call(values)[0]


class _Axes(Rule):
    """A layer that slides over both axes."""

    over = True

    def __init__(self, axes: tuple[Reach, Reach]) -> None:
        self.axes = axes

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        return Move(*slid(have, self.axes[axis]))

    def _fitted(self, made: Any, at: Places) -> Any:
        """Return what was made without the rows and columns that come of reading past the last one needed."""
        if all(axis.exact for axis in self.axes):
            return made
        return made[:, : at.renewed.height, : at.renewed.width]


class Convolution(_Axes):
    """A convolution of any kind."""

    def work(self, unit: Unit) -> float:
        """Return the number of multiplications and additions for one place of the output."""
        op = unit.step.op
        if unit.kind == "SeparableConv2D":
            return 2.0 * (_numbers(op.depthwise_kernel) + _numbers(op.pointwise_kernel))
        return 2.0 * _numbers(op.kernel)

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        return self._fitted(convolve(unit, values[unit.inputs[0]], weights, "valid"), at)


class TransposedConvolution(_Axes):
    """A convolution read backwards."""

    def work(self, unit: Unit) -> float:
        """Return the number of multiplications and additions for one place of the output."""
        op = unit.step.op
        return 2.0 * _numbers(op.kernel) / (op.strides[0] * op.strides[1])

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        read, made, renewed = spread(have, self.axes[axis])
        return Move(read, renewed, made)

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        all_made = convolve(unit, values[unit.inputs[0]], weights, "valid")
        top, left = (max(axis.taps - axis.stride, 0) for axis in self.axes)
        made = all_made[:, top : top + at.made.height, left : left + at.made.width]
        return look(made, at.made, at.renewed, (self.axes[0].length, self.axes[1].length))


class MaxPooling(_Axes):
    """The largest number of each small window."""

    lowest = True

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        import tensorflow as tf

        op = unit.step.op
        return self._fitted(tf.nn.max_pool2d(values[unit.inputs[0]], op.pool_size, op.strides, "VALID"), at)


class AveragePooling(_Axes):
    """The mean of each small window; what lies outside of the map is not counted."""

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        import tensorflow as tf

        op = unit.step.op
        mean = self._fitted(tf.nn.avg_pool2d(values[unit.inputs[0]], op.pool_size, op.strides, "VALID"), at)
        if op.padding == "valid":
            return mean
        down = _share(at.renewed.rows, self.axes[0], mean.dtype)
        across = _share(at.renewed.columns, self.axes[1], mean.dtype)
        return mean / (down[:, :, None] * across[:, None, :])[..., None]


class NearestUpSampling(Rule):
    """Each place becomes a block."""

    def __init__(self, factor: Size, before: Size) -> None:
        self.factor, self.before = factor, before

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        return Move(have, _scaled(have, self.factor[axis]))


class BilinearUpSampling(NearestUpSampling):
    """Each place becomes a block that passes smoothly into its neighbours; the border goes on outside of the map."""

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        near = widened(have, self.before[axis])
        around = Span(near.first - 1, near.count + 2)
        return Move(widened(near, self.before[axis]), _scaled(near, self.factor[axis]), around)

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        import tensorflow as tf

        around = look(values[unit.inputs[0]], at.read, at.made, self.before)
        (top, left), made = self.factor, at.made
        large = tf.image.resize(around, (made.height * top, made.width * left))
        return large[:, top : top + at.renewed.height, left : left + at.renewed.width]


class Shift(Rule):
    """Padding with zeros: the windows stay, their places move."""

    def __init__(self, padding: Size) -> None:
        self.padding = padding

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        return Move(have, Span(have.first + self.padding[axis], have.count))

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        return values[unit.inputs[0]]


class Crop(Rule):
    """A border is cut off, and with it what of a window lies there."""

    def __init__(self, cropped: Size, before: Size, after: Size) -> None:
        self.cropped, self.before, self.after = cropped, before, after

    def move(self, have: Span, axis: int) -> Move:
        """Return what is read and renewed of one axis."""
        inner = kept(have, self.cropped[axis], self.after[axis])
        read = hull([have, inner], self.before[axis])
        return Move(read, Span(inner.first - self.cropped[axis], inner.count), inner)

    def run(self, unit: Unit, values: dict[int, Any], at: Places, weights: Weights | None = None) -> Any:
        """Return the renewed windows."""
        return look(values[unit.inputs[0]], at.read, at.made, self.before)


def _numbers(weight: Any) -> int:
    return int(np.prod(weight.shape))


def _share(made: Any, axis: Reach, kind: Any) -> Any:
    """Return which share of the rows that each output reads lies in the map, (B, rows made)."""
    import tensorflow as tf

    begin = made * axis.stride - axis.before
    inside = tf.minimum(begin + axis.taps, axis.length) - tf.maximum(begin, 0)
    return tf.cast(inside, kind) / axis.taps


def _scaled(span: Span, factor: int) -> Span:
    return Span(span.first * factor, span.count * factor)


def rule_of(unit: Unit, shapes: Shapes) -> Rule | None:
    """Return how a unit is run on windows, or None if it has to see whole maps.

    `shapes` are those of the values by number, without the batch axis.
    """
    step = unit.step
    if trains(step) or len(step.outputs) != 1 or not step.real:
        return None
    if is_pointwise(unit, shapes):
        return Rule()
    if unit.kind not in _MAKERS or getattr(step.op, "data_format", "channels_last") != "channels_last":
        return None
    before, after = shapes[unit.inputs[0]], shapes[unit.outputs[0]]
    if len(before) != 3 or len(after) != 3 or not is_own_activation(getattr(step.op, "activation", None)):
        return None
    return _MAKERS[unit.kind](step.op, before[:2], after[:2])


def is_mean(unit: Unit) -> bool:
    """Return True for a mean over all places, which a patch changes by a difference of sums."""
    return unit.kind == "GlobalAveragePooling2D" and unit.step.op.data_format == "channels_last"


def _axes(op: Any, kernel: Size, dilation: Size, size: Size) -> tuple[Reach, Reach]:
    down, across = (reach(size[k], kernel[k], op.strides[k], dilation[k], op.padding) for k in (0, 1))
    return down, across


def _convolution(op: Any, before: Size, after: Size) -> Rule | None:
    return Convolution(_axes(op, op.kernel_size, op.dilation_rate, before))


def _transposed(op: Any, before: Size, after: Size) -> Rule | None:
    axes = _axes(op, op.kernel_size, op.dilation_rate, after)
    return TransposedConvolution(axes) if (axes[0].made, axes[1].made) == before else None


def _max(op: Any, before: Size, after: Size) -> Rule | None:
    return MaxPooling(_axes(op, op.pool_size, (1, 1), before))


def _average(op: Any, before: Size, after: Size) -> Rule | None:
    return AveragePooling(_axes(op, op.pool_size, (1, 1), before))


def _up(op: Any, before: Size, after: Size) -> Rule | None:
    makers = {"nearest": NearestUpSampling, "bilinear": BilinearUpSampling}
    return makers[op.interpolation](tuple(op.size), before) if op.interpolation in makers else None


_MAKERS: dict[str, Callable[[Any, Size, Size], Rule | None]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "SeparableConv2D": _convolution,
    "Conv2DTranspose": _transposed,
    "MaxPooling2D": _max,
    "AveragePooling2D": _average,
    "UpSampling2D": _up,
    "ZeroPadding2D": lambda op, before, after: Shift((op.padding[0][0], op.padding[1][0])),
    "Cropping2D": lambda op, before, after: Crop((op.cropping[0][0], op.cropping[1][0]), before, after),
}
