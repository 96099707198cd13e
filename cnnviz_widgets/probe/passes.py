"""One forward and backward pass of an image and a target, and every layer's maps and slopes from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .graph import Graph
from .plan import Rest

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
