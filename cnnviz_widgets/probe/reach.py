"""Which places of its input a layer reads for some places of its output, one axis at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

Places = frozenset[int]

# Each place of the output depends on that place of every input, whatever the channels do among themselves.
POINTWISE = {
    "Rescaling", "Normalization", "BatchNormalization", "Dropout", "SpatialDropout2D", "SpatialDropout3D",
    "GaussianNoise",
    "GaussianDropout", "AlphaDropout", "Identity", "ActivityRegularization", "Activation", "ReLU", "LeakyReLU",
    "PReLU", "ELU", "Dense", "EinsumDense", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum",
    "Concatenate", "Divide", "TrueDivide", "Power", "Negative", "Absolute", "Square", "Sqrt", "Exp", "Log",
    "Clip", "Tanh", "Sigmoid", "Softplus", "Softsign", "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Gelu",
    "Silu", "LogSigmoid", "HardSigmoid", "HardSilu", "Cast",
}  # fmt: skip
_ALONG_CHANNELS = {"Softmax", "LogSoftmax", "LayerNormalization", "UnitNormalization", "RMSNormalization"}
_CONVOLUTIONS = {"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv3D"}
_POOLINGS = {"MaxPooling2D", "AveragePooling2D", "MaxPooling3D", "AveragePooling3D"}
_TAPS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def kind_of(op: Any) -> str:
    """Return the class name of one of Keras' own operations, an empty string for anyone else's."""
    return type(op).__name__ if type(op).__module__.partition(".")[0] == "keras" else ""


def read(op: Any, axis: int, places: Places, taken: int, made: int) -> Places | None:
    """Return the places that an operation reads, those beyond the edges too; None if it may read any.

    Parameters
    ----------
    op : keras.Operation
        The operation, on maps.
    axis : int
        0 for down, 1 for across; of a volume one of its three axes.
    places : frozenset of int
        Places of the output.
    taken, made : int
        How many places the input and the output have on this axis.
    """
    kind = kind_of(op)
    if kind in POINTWISE or (kind in _ALONG_CHANNELS and _on_channels(op)):
        return _same(places, taken, made)
    if kind in _CONVOLUTIONS or kind in _POOLINGS:
        window = _window(op, kind, axis)
        start = _border(op, window, taken, made)
        return frozenset(p * window[1] - start + tap for p in places for tap in _steps(window))
    if kind in ("Conv2DTranspose", "Conv3DTranspose"):
        window = _window(op, kind, axis)
        start = _border(op, window, made, taken)
        found = (divmod(p + start - tap, window[1]) for p in places for tap in _steps(window))
        return frozenset(place for place, rest in found if rest == 0)
    if kind == "UpSampling2D":
        return _interpolated(places, 1 / op.size[axis], op.interpolation)
    if kind == "UpSampling3D":
        return _interpolated(places, 1 / op.size[axis], "nearest")
    if kind == "TimeDistributed" and axis > 0:
        return read(op.layer, axis - 1, places, taken, made)
    if kind == "ExtractPatches" and op.padding == "valid" and op.dilation_rate == 1:
        size, stride = (int(_pair(n)[axis]) for n in (op.size, op.strides or op.size))
        return frozenset(p * stride + tap for p in places for tap in range(size))
    if kind in ("ZeroPadding2D", "Cropping2D", "ZeroPadding3D", "Cropping3D"):
        shift = -op.padding[axis][0] if "Padding" in kind else op.cropping[axis][0]
        return frozenset(p + shift for p in places)
    return None


def _same(places: Places, taken: int, made: int) -> Places | None:
    """Return the same places; the only one of an input that is spread over all."""
    if taken == made:
        return places
    return frozenset({0}) if taken == 1 else None


def _on_channels(op: Any) -> bool:
    axis = getattr(op, "axis", None)
    return axis in (-1, 3, [-1], [3], (-1,), (3,)) or axis in (4, [4], (4,))


def _window(op: Any, kind: str, axis: int) -> tuple[int, int, int]:
    """Return (size, stride, dilation) along an axis."""
    if kind in _POOLINGS:
        return int(_pair(op.pool_size)[axis]), int(_pair(op.strides)[axis]), 1
    size, stride, dilation = (_pair(v)[axis] for v in (op.kernel_size, op.strides, op.dilation_rate))
    return int(size), int(stride), int(dilation)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)  # type: ignore[return-value]


def _border(op: Any, window: tuple[int, int, int], taken: int, made: int) -> int:
    """Return how many places beyond the edge the first window begins."""
    size, stride, dilation = window
    if op.padding != "same":
        return 0
    return max((made - 1) * stride + (size - 1) * dilation + 1 - taken, 0) // 2


def _steps(window: tuple[int, int, int]) -> Iterable[int]:
    size, _, dilation = window
    return range(0, size * dilation, dilation)


def _interpolated(places: Places, step: float, how: str) -> Places | None:
    """Return the places between which an enlarged map is interpolated, centre on centre."""
    if how not in _TAPS:
        return None
    if how == "nearest":
        return frozenset(math.floor(p * step + 1e-9) for p in places)
    found = set()
    for p in places:
        at, reach = (p + 0.5) * step - 0.5, _TAPS[how]
        near = range(math.ceil(at - reach), math.floor(at + reach) + 1)
        found |= {tap for tap in near if abs(tap - at) < reach - 1e-6}
    return frozenset(found)
