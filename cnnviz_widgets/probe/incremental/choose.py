"""Which rule a layer is run on windows by, if any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .fold import Unit, trains
from .pointwise import Shapes, is_own_activation, is_pointwise
from .rules import (
    AveragePooling,
    BilinearUpSampling,
    Convolution,
    Crop,
    MaxPooling,
    NearestUpSampling,
    Rule,
    Shift,
    TransposedConvolution,
)
from .windows import Reach, Size, reach


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
