"""How a picture gets through a network: what depends on it, what it must pass, where its places are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from ..receptive_field import kind_of
from .graph import Graph, Shape, Step

_TURNED = {"Permute", "Transpose", "Moveaxis", "Swapaxes"}
_RESHAPED = {"Reshape", "Flatten"}
_MIXING = {"Matmul", "MatMul", "Einsum", "Dot", "Tensordot", "Flip", "Roll", "Sort", "Argsort"}
_GLOBAL = "Global"


def depending(graph: Graph, slot: int) -> set[int]:
    """Return the numbers of the values that depend on one, itself among them."""
    found = {slot}
    for step in graph.steps:
        if found & set(step.inputs):
            found.update(step.outputs)
    return found


def needed(graph: Graph, slots: set[int]) -> set[int]:
    """Return the numbers of the values that some are made from, themselves among them."""
    found = set(slots)
    for step in reversed(graph.steps):
        if found & set(step.outputs):
            found.update(step.inputs)
    return found


def narrows(graph: Graph, image: int, output: int) -> list[Step]:
    """Return the steps that all of the picture passes through on its way to the output, in their order."""
    relevant = depending(graph, image) & needed(graph, {output})
    last_use: dict[int, int] = {output: len(graph.steps)}
    for k, step in enumerate(graph.steps):
        if relevant & set(step.outputs):
            last_use.update({slot: max(k, last_use.get(slot, k)) for slot in step.inputs if slot in relevant})
    live, found = {image}, []
    for k, step in enumerate(graph.steps):
        made = relevant & set(step.outputs)
        if not made:
            continue
        live = {slot for slot in live if last_use[slot] > k} | made
        if live == made:
            found.append(step)
    return found


def back(graph: Graph, slot: int) -> list[Step]:
    """Return the steps from the one that makes a value back to where several values or an input come together."""
    found, step = [], graph.makers.get(slot)
    while step is not None:
        found.append(step)
        step = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
    return found


def weighs(step: Step) -> bool:
    """Return True for a step with a kernel: a weighted sum of what goes in, such as a convolution."""
    op = step.op
    return getattr(op, "kernel", None) is not None or type(op).__name__.startswith(
        ("Conv", "SeparableConv", "Dense")
    )


@dataclass(frozen=True)
class _Laid:
    """How a value's axes lie: maps of the picture's places, or tokens of them."""

    kind: Literal["maps", "tokens"]
    size: tuple[Any, Any]


def kept_places(graph: Graph, image: int) -> set[int]:
    """Return the numbers of the values that are maps whose places are the picture's.

    A map that was turned or cut up, such as one of heads by tokens, is none; neither is one that is made out of a flat
    row.
    """
    shape = next(graph.seen_shape(graph.input_shapes[n]) for n, slot in graph.inputs.items() if slot == image)
    laid: dict[int, _Laid] = {image: _Laid("maps", shape[:2])} if len(shape) == 3 else {}
    for step in graph.steps:
        made = graph.seen_shape(step.shape or ())
        if graph.slices and (sliced := _of_slices(graph, step, made)) is not None:
            laid[step.outputs[0]] = sliced
            continue
        found = _after(step, [laid[slot] for slot in step.inputs if slot in laid], made)
        if found is not None:
            laid.update(dict.fromkeys(step.outputs, found))
    return {slot for slot, one in laid.items() if one.kind == "maps"}


def _of_slices(graph: Graph, step: Step, made: Shape) -> _Laid | None:
    """Return how what a layer of a network of volumes makes of the slice is laid out, and what it joins slices to."""
    slot = step.outputs[0] if step.outputs else -1
    if slot in graph.slices:
        return _Laid("maps", (graph.slices[slot].map_shape[0], graph.slices[slot].map_shape[1]))
    joined = len(made) == 3 and slot not in graph.lost and any(taken in graph.slices for taken in step.inputs)
    return _Laid("maps", (made[0], made[1])) if joined else None


def _after(step: Step, given: list[_Laid], made: Shape) -> _Laid | None:
    """Return how what a step makes is laid out, given what of its inputs is known to be the picture's places."""
    kind = kind_of(step.op)
    if not given or len(made) < 2 or kind in _MIXING or kind.startswith(_GLOBAL):
        return None
    ways = _reshaped if kind in _RESHAPED else _turned if kind in _TURNED else _worked
    return next(filter(None, map(partial(ways, step, made), given)), None)


def _reshaped(step: Step, made: Shape, one: _Laid) -> _Laid | None:
    rows, columns = one.size
    if made[:2] == one.size and len(made) >= 3:
        return _Laid("maps", one.size)
    if rows is not None and columns is not None and made[0] == rows * columns:
        return _Laid("tokens", one.size)
    return None


def _turned(step: Step, made: Shape, one: _Laid) -> _Laid | None:
    dims, axes = (tuple(getattr(step.op, name, None) or ()) for name in ("dims", "axes"))
    stays = dims[:2] == (1, 2) or axes[:3] == (0, 1, 2)
    return one if stays and one.kind == "maps" else None


def _worked(step: Step, made: Shape, one: _Laid) -> _Laid | None:
    """Return the layout after what works on maps or tokens as such; both axes of maps change alike."""
    if one.kind == "tokens":
        return one if made[0] in (one.size[0] * one.size[1], None) else None
    if len(made) == 2:
        return one if made == one.size else _cut_up(made, one)
    if None in (*made[:2], *one.size):
        return _Laid("maps", (made[0], made[1]))
    shares = [new / old for new, old in zip(made[:2], one.size, strict=True)]
    about = kind_of(step.op) != "" or max(shares) <= 1.5 * min(shares)
    return _Laid("maps", (made[0], made[1])) if about else None


def _cut_up(made: Shape, one: _Laid) -> _Laid | None:
    """Return the layout of rows that squares of a map were made into by a layer of the user's own."""
    rows, columns = one.size
    if None in (rows, columns, made[0]) or not made[0]:
        return None
    side = math.isqrt(rows * columns // made[0])
    whole = side > 0 and rows % side == 0 and columns % side == 0
    fits = whole and (rows // side) * (columns // side) == made[0]
    return _Laid("tokens", (rows // side, columns // side)) if fits else None
