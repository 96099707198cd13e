"""Which part of the picture a cell of a layer can see, worked out one layer and one axis at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .graphs.graph import Graph, Step

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


Size = tuple[int, int]
Seen = tuple[Places, Places]  # places down, places across
_ROWS = {
    "Reshape",
    "ZeroPadding1D",
    "Cropping1D",
    "GetItem",
}  # between maps and tokens, or tokens with more or fewer
# How far from its place a cell may be drawn: in cells, and as a share of the picture. What is off at both ends was left
# out there, or added; what is off at one end may be the strides with padding="same" alone, by which TensorFlow puts
# cells aside by up to half of the coarsest one on the way, and again on the way up.
MOST_OFF, MOST_OFF_SHARE = 0.6, 0.03
MOST_ASIDE, MOST_ASIDE_SHARE = 1.5, 0.1
NOTHING: Seen = (frozenset(), frozenset())


@dataclass(frozen=True)
class ReceptiveField:
    """The smallest rectangle of the picture outside of which no pixel can change a cell.

    Measured in pixels of the picture as the model takes it.

    Attributes
    ----------
    top, left, height, width : int
        The rectangle, within the picture; height and width are 0 if the cell sees nothing of it.
    unclipped : tuple of int
        (top, left, height, width) as if the maps went on beyond their edges: the first two may be below 0.
    picture : tuple of int
        (height, width) of the picture.
    """

    top: int
    left: int
    height: int
    width: int
    unclipped: tuple[int, int, int, int]
    picture: Size

    @property
    def whole(self) -> bool:
        """True if the cell sees the whole picture."""
        return (self.height, self.width) == self.picture

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """The rectangle as (x, y, width, height), each from 0 to 1 of the picture."""
        high, wide = self.picture
        return self.left / wide, self.top / high, self.width / wide, self.height / high


def receptive_field(
    graph: Graph, picture: int, slot: int, position: Size, sizes: Mapping[int, Size | None]
) -> ReceptiveField:
    """Follow a cell back to the picture.

    Exact for convolutions, pooling, transposed convolutions, enlarging, padding, cropping and whatever works place
    by place. Anything else is taken to read all of its input.

    Parameters
    ----------
    graph : Graph
        The network.
    picture, slot : int
        Numbers of the values that are the picture and the layer's maps.
    position : tuple of int
        (row, column) of the cell.
    sizes : mapping
        Height and width of each value, None for one that is no maps; see `map_sizes`.
    """
    size = sizes[picture]
    assert size is not None
    start = frozenset({position[0]}), frozenset({position[1]})
    inside = _traced(graph, picture, slot, start, sizes, clipped=True)
    beyond = _traced(graph, picture, slot, start, sizes, clipped=False)
    return ReceptiveField(*_rectangle(inside), unclipped=_rectangle(beyond), picture=size)


def extent_of(
    graph: Graph, picture: int, slot: int, sizes: Mapping[int, Size | None]
) -> tuple[float, float, float, float] | None:
    """Return where maps lie on the picture, (top, left, height, width) in shares, by the middle of what cells see.

    None where that is all of it, near enough, or a cell sees too much to tell. Arguments as for `receptive_field`.
    """
    cells, whole = sizes[slot], sizes[picture]
    if cells is None or whole is None or slot in graph.tokens or slot in graph.slices:
        return None
    corners = [
        _traced(graph, picture, slot, (frozenset({row}), frozenset({column})), sizes, clipped=False)
        for row, column in ((0, 0), (cells[0] - 1, cells[1] - 1))
    ]
    if NOTHING in corners:
        return None
    passed = [
        size for step in graph.before(slot) for made in step.outputs if (size := sizes[made]) is not None
    ]
    down, across = (
        _span(
            [corner[axis] for corner in corners],
            cells[axis],
            whole[axis],
            max((whole[axis] / size[axis] for size in passed if size[axis] > 1), default=1.0),
        )
        for axis in (0, 1)
    )
    if down is None and across is None:
        return None
    (top, height), (left, width) = down or (0.0, 1.0), across or (0.0, 1.0)
    return top, left, height, width


def _span(ends: list[Places], count: int, whole: int, coarsest: float) -> tuple[float, float] | None:
    """Return (begin, length) of a line of cells in shares of the picture, from what the first and the last one see.

    `coarsest` is the side in pixels of the largest cells on the way.
    """
    if count < 2 or any(max(seen) - min(seen) + 1 >= whole for seen in ends):
        return None
    first, last = ((min(seen) + max(seen) + 1) / 2 for seen in ends)
    step = (last - first) / (count - 1)
    begin, length = first - step / 2, step * count
    gaps = begin, whole - begin - length
    both = min(abs(gap) for gap in gaps) if gaps[0] * gaps[1] > 0 else 0.0
    inside = both > max(MOST_OFF * step, MOST_OFF_SHARE * whole)
    aside = max(abs(gap) for gap in gaps) > max(MOST_ASIDE * coarsest, MOST_ASIDE_SHARE * whole)
    return (begin / whole, length / whole) if step > 0 and (inside or aside) else None


def map_sizes(graph: Graph, picture: int, size: Size) -> dict[int, Size | None]:
    """Return height and width of every value for a picture of a size; None for values that are no maps."""
    sizes = {slot: _size(graph, graph.input_shapes[name]) for name, slot in graph.inputs.items()}
    for step in graph.steps:
        sizes.update(dict.fromkeys(step.outputs))
        tokens, slices = (graph.tokens.get(step.outputs[0]), graph.slices.get(step.outputs[0]))
        shape = (step.shape or ()) if slices is None else slices.map_shape
        sizes[step.outputs[0]] = _size(graph, shape) if tokens is None else tokens.grid
    if sizes[picture] is not None and None not in (sizes[picture] or ()):
        return sizes
    return _inferred(graph, picture, size)


def _inferred(graph: Graph, picture: int, size: Size) -> dict[int, Size | None]:
    """Return the same for a model of variable size, by asking each layer what it would make."""
    import keras

    values: dict[int, Any] = {}
    for name, slot in graph.inputs.items():
        shape = tuple(n or 1 for n in graph.input_shapes[name])
        if slot == picture:
            seen = graph.seen_shape(graph.input_shapes[name])[-1] or 1
            shape = (seen, *size) if graph.channels_first else (*size, seen)
        values[slot] = keras.KerasTensor((1, *shape), dtype=graph.input_types[name])
    for step in graph.steps:
        args, kwargs = step.filled(values)
        made = keras.tree.flatten(step.op.compute_output_spec(*args, **kwargs))
        values.update(zip(step.outputs, made, strict=False))
    shapes = {slot: tuple(value.shape[1:]) for slot, value in values.items()}
    for slot, slices in graph.slices.items():
        shapes[slot] = shapes[slot][: slices.axis] + shapes[slot][slices.axis + 1 :]
    return {slot: _size(graph, shape) for slot, shape in shapes.items()}


def _size(graph: Graph, shape: tuple[int | None, ...]) -> Any:
    return graph.seen_shape(shape)[:2] if len(shape) == 3 else None


def _traced(
    graph: Graph, picture: int, slot: int, start: Seen, sizes: Mapping[int, Size | None], *, clipped: bool
) -> Seen:
    """Return the places of the picture that some places of a value depend on."""
    needed: dict[int, Seen | None] = {slot: start}
    for step in reversed(graph.before(slot)):
        wanted = [(made, needed[made]) for made in step.outputs if made in needed]
        for taken in step.inputs if wanted else ():
            for made, places in wanted:
                found = _read(graph, step, places, sizes[taken], sizes[made])
                if clipped and found is not None:
                    found = _within(found, sizes[taken])
                _add(needed, taken, found)
    return needed.get(picture) or NOTHING


def _read(
    graph: Graph, step: Step, places: Seen | None, taken: Size | None, made: Size | None
) -> Seen | None:
    """Return what a step reads of one input, which is all of it unless it is known better; None for no maps."""
    if taken is None:
        return None
    if places == NOTHING:
        return NOTHING
    everything = frozenset(range(taken[0])), frozenset(range(taken[1]))
    if places is None or made is None:
        return everything
    if kind_of(step.op) in _ROWS and taken == made and step.outputs[0] not in graph.lost:
        return places
    tokens = graph.tokens.get(step.outputs[0])
    if tokens is not None and taken == tuple(n * side for n, side in zip(made, tokens.patch, strict=True)):
        return tuple(_patches(axis, side) for axis, side in zip(places, tokens.patch, strict=True))  # type: ignore[return-value]
    slices = graph.slices.get(step.outputs[0])
    if slices is not None and step.shape is None:  # the picture is put among the slices
        return places
    axes = (0, 1) if slices is None else tuple(axis for axis in range(3) if axis != slices.axis)
    down, across = (read(step.op, axes[k], places[k], taken[k], made[k]) for k in (0, 1))
    if down is None or across is None:
        return everything
    return (down, across) if down and across else NOTHING


def _patches(places: Places, side: int) -> Places:
    """Return the pixels of the patches that tokens are made of, on one axis."""
    return frozenset(place * side + pixel for place in places for pixel in range(side))


def _within(places: Seen, size: Size | None) -> Seen:
    """Drop the places beyond the edges: what is there is padding."""
    down, across = (
        frozenset(p for p in axis if 0 <= p < most) for axis, most in zip(places, size or (0, 0), strict=True)
    )
    return (down, across) if down and across else NOTHING


def _add(needed: dict[int, Seen | None], slot: int, found: Seen | None) -> None:
    before = needed.get(slot)
    if found is None or before is None:
        needed[slot] = found
    else:
        needed[slot] = before[0] | found[0], before[1] | found[1]


def _rectangle(places: Seen) -> tuple[int, int, int, int]:
    down, across = places
    if places == NOTHING:
        return 0, 0, 0, 0
    return min(down), min(across), max(down) - min(down) + 1, max(across) - min(across) + 1
