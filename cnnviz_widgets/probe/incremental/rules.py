"""How each kind of layer is run on windows: what it reads of its input, and which places of its output are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .fold import Unit, Weights, convolve, is_plain_norm, normalise
from .paste import Window, look
from .windows import Reach, Size, Span, hull, kept, slid, spread, widened


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
