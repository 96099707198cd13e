"""Which of a layer's places along the slices of a volume belongs to the slice that is the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..graphs.graph import Graph, Shape, Step
from ..receptive_field import kind_of, read
from .slices import Slices

_PERIOD = 24  # places after which a layer that enlarges or skips repeats itself
_OVER_SLICES = {"Mean", "Max", "Amax", "Min", "Amin", "Sum", "Squeeze"}


@dataclass(frozen=True)
class _Line:
    """Where the places of a value lie along the slices.

    It is told by the middle of the first, how far it is to the next, and half of what each sees.
    """

    first: float
    step: float
    half: float

    def nearest(self, index: int, count: int) -> int | None:
        """Return the place nearest to a slice; None if none of them sees it."""
        place = min(range(count), key=lambda p: abs(self.first + p * self.step - index))
        seen = abs(self.first + place * self.step - index) <= self.half + 0.5
        return place if seen else None


def find_slices(graph: Graph, volume: int, shape: Shape, axis: int, index: int) -> None:
    """Note in a graph which values have maps of the slice that is the picture, and which have only the shape of maps.

    The slices are followed through Keras' own layers of volumes, and frame by frame through `TimeDistributed`. A layer
    of unknown doing, and one whose axes are exchanged or joined, ends that: its maps are of whole volumes.

    Parameters
    ----------
    graph : Graph
        The network, a slice put into its volume.
    volume : int
        Number of the value that is the whole volume.
    shape : tuple
        Its three axes and its channels.
    axis, index : int
        Which of its three axes counts the slices, and which slice is the picture.
    """
    shapes: dict[int, Shape] = {slot: graph.input_shapes[name] for name, slot in graph.inputs.items()}
    lines = {volume: _Line(0.0, 1.0, 0.0)}
    shapes[volume] = shape
    graph.slices = {volume: Slices(axis, index, shape)}
    for step in graph.steps:
        slot, made = (step.outputs or (volume,))[0], step.shape
        if made is None or slot == volume:
            continue
        shapes.update(dict.fromkeys(step.outputs, made))
        line = _after(step, axis, lines, shapes) if len(made) == 4 else None
        if line is not None:
            lines[slot] = line
            place = line.nearest(index, made[axis] or 1)
            graph.slices.update({} if place is None else {slot: Slices(axis, place, made)})
        elif len(made) == 3 and not _are_maps(graph, step, axis, lines, shapes):
            graph.lost.add(slot)


def _are_maps(graph: Graph, step: Step, axis: int, lines: dict[int, _Line], shapes: dict[int, Shape]) -> bool:
    """Return False if what a step makes has the shape of maps, but a volume was taken apart for it."""
    deep = [taken for taken in step.inputs if len(shapes.get(taken, ())) == 4]
    if not deep:
        return not graph.lost.intersection(step.inputs)
    return len(deep) == 1 and deep[0] in lines and _joins_slices(step, axis, shapes[deep[0]])


def _after(step: Step, axis: int, lines: dict[int, _Line], shapes: dict[int, Shape]) -> _Line | None:
    """Return how the places of what a step makes lie along the slices; None if that is not known."""
    count, found = (step.shape or ())[axis], list[_Line]()
    for taken in step.inputs:
        shape = shapes.get(taken, ())
        if len(shape) < 4 or shape[axis] == 1 != count:  # the same for all slices
            continue
        sizes = shape[axis], count
        line = lines.get(taken)
        moved = None if line is None or None in sizes else _moved(step.op, axis, line, sizes)  # type: ignore[arg-type]
        if moved is None or (found and abs(moved.step - found[0].step) > 1e-6):
            return None
        found.append(moved)
    if not found:
        return None
    low, high = min(one.first - one.half for one in found), max(one.first + one.half for one in found)
    return _Line((low + high) / 2, found[0].step, (high - low) / 2)


def _moved(op: Any, axis: int, line: _Line, sizes: tuple[int, int]) -> _Line | None:
    """Return a line after an operation that takes and makes so many places."""
    if axis == 0 and _frame_by_frame(op):
        return line if sizes[0] == sizes[1] else None
    if kind_of(op) == "Concatenate" and op.axis not in (-1, 4):
        return None
    spans = [read(op, axis, frozenset({place}), *sizes) for place in range(_PERIOD + 1)]
    seen = [(min(one), max(one)) for one in spans if one]
    if len(seen) <= _PERIOD:
        return None
    step = (seen[-1][0] - seen[0][0]) / _PERIOD
    first = sum(low + high for low, high in seen[:-1]) / (2 * _PERIOD) - step * (_PERIOD - 1) / 2
    half = max(high - low for low, high in seen) / 2
    return _Line(line.first + line.step * first, line.step * step, line.half + line.step * half)


def _frame_by_frame(op: Any) -> bool:
    """Return True for what works on frame after frame, in their order."""
    inner = op.forward_layer if kind_of(op) == "Bidirectional" else op
    if kind_of(inner) == "ConvLSTM2D":
        return bool(inner.return_sequences and not inner.go_backwards)
    return kind_of(op) == "TimeDistributed"


def _joins_slices(step: Step, axis: int, taken: Shape) -> bool:
    """Return True if a step makes maps of a volume by joining its slices, so that rows and columns stay."""
    op, kind = step.op, kind_of(step.op)
    if kind == "ConvLSTM2D":
        return axis == 0
    if (step.shape or ())[:2] != (taken[:axis] + taken[axis + 1 :])[:2]:
        return False
    if kind == "Reshape":
        return axis == 2 or taken[axis] == 1
    if kind == "GetItem":
        return _takes_one(step, axis)
    axes = getattr(op, "axis", None)
    given = [axes] if isinstance(axes, int) else list(axes or ())
    return kind in _OVER_SLICES and [one % 5 for one in given] == [axis + 1]


def _takes_one(step: Step, axis: int) -> bool:
    """Return True for ``values[:, k]`` and the like, which takes one place along the slices and all of the rest."""
    args, kwargs = step.filled(dict.fromkeys(step.inputs))
    key = kwargs.get("key", args[1] if len(args) > 1 else None)
    parts = list(key) if isinstance(key, tuple | list) else [key]
    one = parts.pop(axis + 1) if len(parts) > axis + 1 else None
    return isinstance(one, int) and all(part in (slice(None), Ellipsis) for part in parts)
