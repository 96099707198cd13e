"""Weights of places: values of a network that only tell how much each place counts, as in the pooling of attention."""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from typing import Any

from ..graphs.graph import Graph, Shape, Step
from ..pre_activation import own_activation
from ..receptive_field import kind_of


def arguing(graph: Graph, read: AbstractSet[int], ends: AbstractSet[str], maps: AbstractSet[int]) -> set[int]:
    """Return the numbers of the values that reach what is read by a way on which they are not only weights of places.

    Weights of places are what a softmax over places gives, and maps of a single channel. They do not argue for one
    class or another, and neither do layers that work for nothing but them.

    Parameters
    ----------
    graph : Graph
        The network, its tokens found.
    read : set of int
        Numbers of the values that are read.
    ends : set of str
        Names of the steps that make an output: one channel there is an answer, not a weight.
    maps : set of int
        Numbers of the values that are maps of the picture's places, tokens left out.
    """
    counts = _place_counts(graph, maps)
    found = set(read)
    for step in reversed(graph.steps):
        made = found & set(step.outputs)
        weighs = made and not made & read and step.name not in ends and _weighs(graph, step, maps, counts)
        if weighs:
            found -= made
        elif made:
            found.update(step.inputs)
    return found


def _place_counts(graph: Graph, maps: AbstractSet[int]) -> set[int]:
    """Return how many places the maps and tokens of a network have."""
    tokens = {count for one in graph.tokens.values() for count in (one.places, one.count)}
    sides = [graph.seen_shape(step.shape or ())[:2] for step in graph.steps if maps & set(step.outputs)]
    return (tokens | {math.prod(n or 0 for n in side) for side in sides}) - {0, 1}


def _weighs(graph: Graph, step: Step, maps: AbstractSet[int], counts: AbstractSet[int]) -> bool:
    """Return True if a step gives weights of places."""
    shape = graph.seen_shape(step.shape or ())
    laid = bool(set(step.outputs) & (maps | graph.tokens.keys()))
    if laid and shape[-1:] == (1,) and any(n != 1 for n in shape[:-1]):
        return True
    channels = 1 if graph.channels_first and len(shape) == 3 else len(shape)
    axes = _softmax_axes(step)
    if not axes or (laid and axes == {channels}):
        return False
    sizes = [(step.shape or ())[axis - 1] for axis in axes]
    return laid if None in sizes else math.prod(n or 0 for n in sizes) in counts


def _softmax_axes(step: Step) -> set[int]:
    """Return over which axes a step is a softmax, the batch being 0; none if it is not."""
    axis: Any = None
    if kind_of(step.op) == "Softmax":
        axis = step.op.axis
    else:
        own = own_activation(step.op) or getattr(step.op, "activation", None)
        axis = -1 if getattr(own, "__name__", "") == "softmax" else None
    if axis is None or not step.shape:
        return set()
    rank = len(step.shape) + 1
    return {n % rank for n in (axis if isinstance(axis, list | tuple) else (axis,))}


def wide(shape: Shape) -> bool:
    """Return True for maps or tokens of more than one channel."""
    return shape[-1:] != (1,)
