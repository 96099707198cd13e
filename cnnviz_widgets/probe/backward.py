"""One forward and backward pass of an image and a target: which values it keeps, and every layer's maps and slopes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .graphs.graph import Graph, Step, Values

LONGEST = 6
Chain = tuple[int, int]  # light steps since what was kept, and convolutions among them
START: Chain = (0, 0)

# fmt: off
_LIGHT = {
    "BatchNormalization", "LayerNormalization", "Rescaling", "Normalization",
    "ReLU", "LeakyReLU", "ELU", "PReLU", "Activation", "Softmax", "Sigmoid", "Relu", "Relu6", "Silu",
    "Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout", "Identity",
    "ActivityRegularization", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate",
    "Reshape", "Flatten", "Permute", "ZeroPadding2D", "Cropping2D",
    "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
}
# fmt: on


def is_light(step: Step) -> bool:
    """Return True for one of Keras' own operations that costs about as much as copying its input."""
    kind = type(step.op)
    return kind.__name__ in _LIGHT and kind.__module__.startswith("keras.")


def _pointwise(step: Step) -> int:
    """Return by how many channels a 1 x 1 convolution widens its input, less than 0 if it narrows it, else 0."""
    import keras

    op = step.op
    if type(op) is not keras.layers.Conv2D or (op.kernel_size, op.strides, op.groups) != ((1, 1), (1, 1), 1):
        return 0
    return int(op.filters - op.kernel.shape[2])


def values_to_keep(graph: Graph) -> list[int]:
    """Return the numbers of the values from which the others follow.

    They follow in at most `LONGEST` light steps, one of which may be a 1 x 1 convolution that widens: to do it again
    takes less than to keep what it made.
    """
    chains: dict[int, Chain] = dict.fromkeys(graph.inputs.values(), START)
    kept: list[int] = []
    for step in graph.steps:
        chain = _longer((chains[slot] for slot in step.inputs), [(is_light(step), _pointwise(step) > 0)])
        for slot in step.outputs:
            chains[slot] = chain or START
        kept += [] if chain else step.outputs
    return kept


def slopes_to_keep(graph: Graph, touched: Set[int]) -> list[int]:
    """Return the numbers of the values whose slopes must be kept.

    They are those that a heavy step takes or that the score reads (`touched`); the slope of any other value
    follows from the slopes of what the light steps, and one 1 x 1 convolution that narrows, make of it.
    """
    chains: dict[int, Chain] = {}
    kept = []
    for slot in reversed([*graph.inputs.values(), *(s for step in graph.steps for s in step.outputs)]):
        takers = graph.takers.get(slot, [])
        chain = _longer(
            (chains[made] for step in takers for made in step.outputs),
            [(is_light(step), _pointwise(step) < 0) for step in takers],
        )
        follows = chain if slot not in touched else None
        chains[slot] = follows or START
        kept += [] if follows else [slot]
    return kept


def _longer(before: Iterable[Chain], steps: Iterable[tuple[bool, bool]]) -> Chain | None:
    """Return the chain that some chains and a step after them make, or None if what follows must be kept.

    Each of the steps (several if they lead back) is told as light or not, and as a convolution worth repeating or not.
    """
    chains, kinds = [*before, START], list(steps)
    length = 1 + max(length for length, _ in chains)
    repeats = max(count for _, count in chains) + any(not light for light, _ in kinds)
    able = all(light or worth for light, worth in kinds)
    return (length, repeats) if able and length <= LONGEST and repeats <= 1 else None


class Rest:
    """Works out what a pass did not keep; everything found on the way is remembered as long as this lives.

    Parameters
    ----------
    graph : Graph
        The network.
    values, slopes : dict of int to tensor
        What was kept. A kept number without a slope means that the score does not depend on that value.
    kept_slopes : set of int
        Numbers whose slopes were asked for in the pass.
    """

    def __init__(
        self, graph: Graph, values: dict[int, Any], slopes: dict[int, Any], kept_slopes: Set[int]
    ) -> None:
        self.graph, self.kept_slopes = graph, kept_slopes
        self.values, self.slopes = Values(graph, values), dict[int, Any](slopes)

    def value(self, slot: int) -> Any:
        """Return a value."""
        self._fetch(slot)
        return self.values[slot]

    def _fetch(self, slot: int) -> None:
        step = self.graph.makers.get(slot)
        if slot in self.values or step is None:
            return
        for needed in step.inputs:
            self._fetch(needed)
        self.values.update(zip(step.outputs, step.call(self.values), strict=False))

    def slope(self, slot: int) -> Any:
        """Return the derivative of the score by a value, or None if it does not depend on it."""
        if slot not in self.slopes:
            made = None if slot in self.kept_slopes else self._through_takers(slot)
            self.slopes[slot] = made
        return self.slopes[slot]

    def _through_takers(self, slot: int) -> Any:
        parts = [self._through(step, slot) for step in self.graph.takers.get(slot, [])]
        known = [part for part in parts if part is not None]
        return sum(known[1:], known[0]) if known else None

    def _through(self, step: Step, slot: int) -> Any:
        """Return the slope by a value, as far as the score depends on it through one step."""
        import tensorflow as tf

        outer = [self.slope(made) for made in step.outputs]
        if all(slope is None for slope in outer):
            return None
        given = {needed: self.value(needed) for needed in step.inputs}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(given[slot])
            made = step.call(given)
        reached = [(out, slope) for out, slope in zip(made, outer, strict=True) if slope is not None]
        return tape.gradient([out for out, _ in reached], given[slot], [slope for _, slope in reached])


PICTURE = -1

Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Gradient:
    """A layer's answer and how the score depends on it.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (h, w, K), the layer's maps; for the input, the picture as the model gets it.
    slope : numpy.ndarray
        float32, same shape: derivative of the score by each value.
    score : float
        The target's value.
    """

    values: np.ndarray
    slope: np.ndarray
    score: float


@dataclass(frozen=True)
class Pass:
    """All that one pass yields.

    It keeps what heavy layers made and the slopes by what they took; a layer in between, such as a batch
    normalisation, is worked out from those when it is looked at, in the same way each time.

    Attributes
    ----------
    score : float
        Value of the target.
    output : numpy.ndarray
        The model's output for the image, without the batch axis.
    values, slopes : dict of int to tensor
        Activations, and derivatives of the score by them, by number, batch axis included. `PICTURE` is the
        picture as it went in.
    asked : frozenset of int
        Numbers of the values whose slopes were asked for; one without a slope has no influence on the score.
    """

    score: float
    output: np.ndarray
    values: dict[int, Any]
    slopes: dict[int, Any]
    asked: frozenset[int]

    @cached_property
    def bytes(self) -> int:
        """Memory held."""
        held = (*self.values.values(), *self.slopes.values())
        return self.output.nbytes + sum(math.prod(t.shape) * t.dtype.size for t in held)

    def at(self, graph: Graph, slot: int) -> Arrays:
        """Return a value and its slope: float32, read-only, without the batch axis."""
        import keras

        rest = Rest(graph, self.values, self.slopes, self.asked)
        with keras.StatelessScope():
            value, slope = rest.value(slot), rest.slope(slot)
        values = as_array(value if slot == PICTURE else graph.seen(slot, value))
        if slope is not None:
            return values, as_array(slope if slot == PICTURE else graph.seen(slot, slope))
        nothing = np.zeros_like(values)
        nothing.setflags(write=False)
        return values, nothing


def as_array(tensor: Any) -> np.ndarray:
    """Return the one image's part, read-only; float32 is not copied, for layers are large."""
    if tensor.dtype.name == "float32":
        array = np.asarray(memoryview(tensor))[0]
    else:
        array = tensor.numpy()[0].astype(np.float32)
    array.setflags(write=False)
    return array
