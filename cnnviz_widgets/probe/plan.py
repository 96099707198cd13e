"""Which values and slopes one pass keeps, and how all the others follow from them without running the network."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from .graph import Graph, Step, Values

LONGEST = 6

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


def values_to_keep(graph: Graph) -> list[int]:
    """Return the numbers of the values from which the others follow in at most `LONGEST` light steps."""
    depth: dict[int, int] = dict.fromkeys(graph.inputs.values(), 0)
    kept: list[int] = []
    for step in graph.steps:
        far = 1 + max((depth[slot] for slot in step.inputs), default=0)
        follows = is_light(step) and far <= LONGEST
        for slot in step.outputs:
            depth[slot] = far if follows else 0
        kept += [] if follows else step.outputs
    return kept


def slopes_to_keep(graph: Graph, touched: Set[int]) -> list[int]:
    """Return the numbers of the values whose slopes must be kept.

    They are those that a heavy step takes or that the score reads (`touched`); the slope of any other value
    follows from the slopes of what the light steps make of it.
    """
    depth: dict[int, int] = {}
    kept = []
    for slot in reversed([*graph.inputs.values(), *(s for step in graph.steps for s in step.outputs)]):
        takers = graph.takers.get(slot, [])
        far = 1 + max((depth[made] for step in takers for made in step.outputs), default=0)
        follows = slot not in touched and far <= LONGEST and all(is_light(step) for step in takers)
        depth[slot] = far if follows else 0
        kept += [] if follows else [slot]
    return kept


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
