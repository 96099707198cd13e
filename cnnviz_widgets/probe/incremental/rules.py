"""How each kind of layer is run on windows: what it reads of its input, and which places of its output are new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fold import Unit, convolve, is_plain_norm, normalise
from .paste import Window, look
from .pointwise import Shapes, is_own_activation, is_pointwise
from .windows import Reach, Region, Size, Span, hull, reach, slid, spread

At = Callable[[Region], Window]


@dataclass(frozen=True, eq=False)
class Move:
    """What one layer does to the windows.

    Attributes
    ----------
    read : Region
        Windows of its input that it needs; they hold what the patch changed there.
    renewed : Region
        Windows of its output that it gives.
    made : Region or None
        Windows of its output that come out of the computation and hold `renewed`, if they are others.
    """

    read: Region
    renewed: Region
    made: Region | None = None


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

    def move(self, have: Region) -> Move:
        """Return what is read and renewed, given what of the input is changed."""
        return Move(have, have)

    def work(self, unit: Unit) -> float:
        """Return the number of multiplications and additions for one place of the output."""
        return 2.0 * _numbers(unit.step.op.kernel) if unit.kind == "Dense" else 0.0

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        """Return windows `move.renewed` of the output, (B, h, w, C), given windows `move.read` by number."""
        if is_plain_norm(unit.step):
            return normalise(unit.step.op, values[unit.inputs[0]])
        return unit.step.call(values)[0]


class _Axes(Rule):
    """A layer that slides over both axes."""

    over = True

    def __init__(self, axes: tuple[Reach, Reach]) -> None:
        self.axes = axes

    def move(self, have: Region) -> Move:
        down, across = slid(have.rows, self.axes[0]), slid(have.columns, self.axes[1])
        return Move(Region(down[0], across[0]), Region(down[1], across[1]))


class Convolution(_Axes):
    """A convolution of any kind."""

    def work(self, unit: Unit) -> float:
        op = unit.step.op
        if unit.kind == "SeparableConv2D":
            return 2.0 * (_numbers(op.depthwise_kernel) + _numbers(op.pointwise_kernel))
        return 2.0 * _numbers(op.kernel)

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        height, width = move.renewed.size
        return convolve(unit, values[unit.inputs[0]], "valid")[:, :height, :width]


class TransposedConvolution(_Axes):
    """A convolution read backwards."""

    def work(self, unit: Unit) -> float:
        op = unit.step.op
        return 2.0 * _numbers(op.kernel) / (op.strides[0] * op.strides[1])

    def move(self, have: Region) -> Move:
        down, across = spread(have.rows, self.axes[0]), spread(have.columns, self.axes[1])
        read, made, renewed = (Region(rows, columns) for rows, columns in zip(down, across, strict=True))
        return Move(read, renewed, made)

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        assert move.made is not None
        whole = convolve(unit, values[unit.inputs[0]], "valid")
        top, left = (max(axis.taps - axis.stride, 0) for axis in self.axes)
        height, width = move.made.size
        made = whole[:, top : top + height, left : left + width]
        return look(made, at(move.made), at(move.renewed), (self.axes[0].length, self.axes[1].length))


class MaxPooling(_Axes):
    """The largest number of each small window."""

    lowest = True

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        import tensorflow as tf

        op, (height, width) = unit.step.op, move.renewed.size
        return tf.nn.max_pool2d(values[unit.inputs[0]], op.pool_size, op.strides, "VALID")[:, :height, :width]


class AveragePooling(_Axes):
    """The mean of each small window; what lies outside of the map is not counted."""

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        import tensorflow as tf

        op, (height, width) = unit.step.op, move.renewed.size
        mean = tf.nn.avg_pool2d(values[unit.inputs[0]], op.pool_size, op.strides, "VALID")[:, :height, :width]
        if op.padding == "valid":
            return mean
        where = at(move.renewed)
        down = _share(where.top, height, self.axes[0], mean.dtype)
        across = _share(where.left, width, self.axes[1], mean.dtype)
        return mean / (down[:, :, None] * across[:, None, :])[..., None]


class NearestUpSampling(Rule):
    """Each place becomes a block."""

    def __init__(self, factor: Size, before: Size) -> None:
        self.factor, self.before = factor, before

    def move(self, have: Region) -> Move:
        return Move(have, _scaled(have, self.factor))


class BilinearUpSampling(NearestUpSampling):
    """Each place becomes a block that passes smoothly into its neighbours; the border goes on outside of the map."""

    def move(self, have: Region) -> Move:
        spans = zip((have.rows, have.columns), self.before, strict=True)
        rows, columns = (_widened(span, length) for span, length in spans)
        read = Region(_widened(rows, self.before[0]), _widened(columns, self.before[1]))
        return Move(read, _scaled(Region(rows, columns), self.factor), Region(_around(rows), _around(columns)))

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        assert move.made is not None
        slot = unit.inputs[0]
        around = look(values[slot], at(move.read), at(move.made), self.before)
        made = unit.step.call({slot: around})[0]
        (top, left), (height, width) = self.factor, move.renewed.size
        return made[:, top : top + height, left : left + width]


class Shift(Rule):
    """Padding with zeros: the windows stay, their places move."""

    def __init__(self, top: int, left: int) -> None:
        self.top, self.left = top, left

    def move(self, have: Region) -> Move:
        return Move(have, _moved(have, self.top, self.left))

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        return values[unit.inputs[0]]


class Crop(Rule):
    """A border is cut off, and with it what of a window lies there."""

    def __init__(self, top: int, left: int, before: Size, after: Size) -> None:
        self.top, self.left, self.before, self.after = top, left, before, after

    def move(self, have: Region) -> Move:
        rows = _kept(have.rows, self.top, self.after[0])
        columns = _kept(have.columns, self.left, self.after[1])
        read = Region(hull([have.rows, rows], self.before[0]), hull([have.columns, columns], self.before[1]))
        return Move(read, _moved(Region(rows, columns), -self.top, -self.left), Region(rows, columns))

    def run(self, unit: Unit, values: dict[int, Any], move: Move, at: At) -> Any:
        assert move.made is not None
        return look(values[unit.inputs[0]], at(move.read), at(move.made), self.before)


def rule_of(unit: Unit, shapes: Shapes) -> Rule | None:
    """Return how a unit is run on windows, or None if it has to see whole maps.

    `shapes` are those of the values by number, without the batch axis.
    """
    step = unit.step
    if step.training or len(step.outputs) != 1 or not step.real:
        return None
    if is_pointwise(unit, shapes):
        return Rule()
    if unit.kind not in _MAKERS or getattr(step.op, "data_format", "channels_last") != "channels_last":
        return None
    before, after = shapes[unit.inputs[0]], shapes[unit.outputs[0]]
    if len(before) != 3 or len(after) != 3 or not is_own_activation(getattr(step.op, "activation", None)):
        return None
    return _MAKERS[unit.kind](step.op, before[:2], after[:2])


def _axes(op: Any, kernel: Size, dilation: Size, size: Size) -> tuple[Reach, Reach]:
    down, across = (
        reach(size[k], kernel[k], op.strides[k], dilation[k], op.padding) for k in (0, 1)
    )
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
    "ZeroPadding2D": lambda op, before, after: Shift(op.padding[0][0], op.padding[1][0]),
    "Cropping2D": lambda op, before, after: Crop(
        op.cropping[0][0], op.cropping[1][0], before, after
    ),
}


def _numbers(weight: Any) -> int:
    return int(np.prod(weight.shape))


def _share(first: Any, count: int, axis: Reach, kind: Any) -> Any:
    """Return which share of the rows that each output reads lies in the map, (B, count)."""
    import tensorflow as tf

    begin = (first[:, None] + np.arange(count, dtype=np.int32)) * axis.stride - axis.before
    inside = tf.minimum(begin + axis.taps, axis.length) - tf.maximum(begin, 0)
    return tf.cast(inside, kind) / axis.taps


def _moved(region: Region, down: int, across: int) -> Region:
    return Region(
        Span(region.rows.first + down, region.rows.count),
        Span(region.columns.first + across, region.columns.count),
    )


def _scaled(region: Region, factor: Size) -> Region:
    spans = zip((region.rows, region.columns), factor, strict=True)
    return Region(*(Span(span.first * n, span.count * n) for span, n in spans))


def _widened(span: Span, length: int) -> Span:
    """Return a row more at both ends, as far as the map has them, all inside of it."""
    count = min(span.count + 2, length)
    return Span(np.clip(span.first - 1, 0, length - count), count)


def _around(span: Span) -> Span:
    return Span(span.first - 1, span.count + 2)


def _kept(span: Span, start: int, length: int) -> Span:
    """Return the rows of a span that lie in the kept part of a map, moved into it."""
    count = min(span.count, length)
    return Span(np.clip(span.first, start, start + length - count), count)
