"""What a rebuilt picture is compared with: what goes in, or what the network makes of that before it looks at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import TargetError
from .graphs.graph import Graph, Step, Values
from .graphs.paths import back, weighs
from .pre_activation import own_activation
from .receptive_field import kind_of

Range = tuple[float, float]
PICTURES, SIDE = 4, 32
_ENDS: dict[str, Range] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "hard_sigmoid": (0.0, 1.0)}
_NEAR = 0.05  # of the width


def compared_with(
    graph: Graph,
    image: int,
    output: int,
    value_range: Range | None,
    prepare: Callable[[np.ndarray], np.ndarray],
) -> str:
    """Return the name of the step whose output a rebuilt picture is compared with; empty for what goes in.

    A network that rescales inside gives back what it rescaled to, unless it scales back at its end. Which of the values
    on the way have the range of the output is found by running the first steps on noise.

    Parameters
    ----------
    graph : Graph
        The network.
    image, output : int
        Numbers of the values that are the picture and the output.
    value_range : tuple of float, optional
        Range of the pictures that go in; nothing can be told without.
    prepare : callable
        What is done to pictures (N, H, W, C) of that range before the network gets them.

    Raises
    ------
    TargetError
        If what goes in never has the range of what comes out.
    """
    steps = _first_steps(graph, image)
    if value_range is None:
        return ""
    shape = next(graph.input_shapes[name] for name, slot in graph.inputs.items() if slot == image)
    seen = graph.seen_shape(shape)
    noise = np.random.default_rng(0).uniform(*value_range, (PICTURES, *(n or SIDE for n in seen)))
    noise[0], noise[1] = value_range
    given = prepare(noise.astype(np.float32))
    values = _run(graph, image, np.moveaxis(given, -1, 1) if graph.channels_first else given)
    ways = [("", image), *((step.name, step.outputs[0]) for step in steps)]
    ends = _range_of_end(graph, output)
    if ends is None:
        return _nearest(values, ways, output) if steps else ""
    for name, slot in ways:
        made = np.asarray(values[slot], np.float32)
        if _alike((float(made.min()), float(made.max())), ends):
            return name
    low, high = value_range
    raise TargetError(
        f"ReconstructionError compares what comes out, from {ends[0]:g} to {ends[1]:g}, with what goes in, from "
        f"{low:g} to {high:g}: unlike things. Give Probe(value_range={ends}) if the network takes that, begin it with "
        "a Rescaling, or end it with one."
    )


def _first_steps(graph: Graph, image: int) -> list[Step]:
    """Return the steps without a kernel that work on each pixel of the picture before anything else does."""
    found: list[Step] = []
    slot, size = image, None
    while len(takers := graph.takers.get(slot, [])) == 1:
        step = takers[0]
        size = size or step.shape
        if weighs(step) or len(step.inputs) != 1 or not step.real or step.shape != size or not _affine(step):
            break
        found.append(step)
        slot = step.outputs[0]
    return found


def _affine(step: Step) -> bool:
    kinds = {
        "Rescaling",
        "Normalization",
        "Divide",
        "TrueDivide",
        "Multiply",
        "Subtract",
        "Add",
        "Identity",
        "Lambda",
    }
    return kind_of(step.op) in kinds | {"Cast", "Dropout"} or type(step.op).__name__.startswith("Random")


def _run(graph: Graph, image: int, given: np.ndarray) -> Values:
    import keras
    import tensorflow as tf

    feed: dict[int, Any] = {}
    for name, slot in graph.inputs.items():
        shape = (len(given), *(n or 1 for n in graph.input_shapes[name]))
        feed[slot] = tf.cast(given if slot == image else np.zeros(shape), graph.input_types[name])
    values = Values(graph, feed)
    with keras.StatelessScope():
        for step in _first_steps(graph, image):
            values[step.outputs[0]]
    return values


def _range_of_end(graph: Graph, output: int) -> Range | None:
    """Return the range of an output that ends in a sigmoid or tanh, scaled or not; None for any other."""
    scale, offset = 1.0, 0.0
    for step in back(graph, output):
        own = own_activation(step.op) or getattr(step.op, "activation", None)
        name = getattr(own, "__name__", kind_of(step.op).lower())
        if name in _ENDS:
            low, high = (end * scale + offset for end in _ENDS[name])
            return low, high
        if kind_of(step.op) == "Rescaling" and np.ndim(step.op.scale) == 0 and np.ndim(step.op.offset) == 0:
            offset, scale = offset + scale * float(step.op.offset), scale * float(step.op.scale)
        elif kind_of(step.op) not in ("Identity", "Reshape", "Cast", "Dropout"):
            return None
    return None


def _alike(one: Range, other: Range) -> bool:
    width = other[1] - other[0]
    return all(abs(a - b) <= _NEAR * abs(width) for a, b in zip(one, other, strict=True))


def _nearest(values: Values, ways: list[tuple[str, int]], output: int) -> str:
    """Return what the output of noise is nearest to, as a share of its spread; the last of those that are as near."""
    import keras

    with keras.StatelessScope():
        made = np.asarray(values[output], np.float32)
    apart = []
    for _, slot in ways:
        given = np.asarray(values[slot], np.float32)
        apart.append(float(np.mean((made - given) ** 2) / max(float(given.var()), 1e-12)))
    best = min(apart)
    return next(
        name for (name, _), error in reversed(list(zip(ways, apart, strict=True))) if error <= 1.5 * best
    )
