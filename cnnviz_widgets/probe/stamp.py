"""A number that changes when a model's weights do, so that nothing remembered outlives a training step."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

SAMPLES = 61


class WeightsStamp:
    """Reads some numbers spread over every weight of a model.

    Each weight is read where it lies, one small operation a weight, for a compiled function would have to be
    traced before the first picture.
    """

    def __init__(self, model: Any) -> None:
        self._weights = model.weights
        self._readers: list[Callable[[], Any]] | None = None

    def now(self) -> int:
        """Return the stamp of the weights as they are."""
        if self._readers is None:
            self._readers = [_reader(weight.value) for weight in self._weights]
        stamp = 0
        for read in self._readers:
            stamp = zlib.crc32(memoryview(read()).cast("B"), stamp)
        return stamp


def _reader(variable: Any) -> Callable[[], Any]:
    """Return a function that reads a sample of a variable, without copying all of it where TensorFlow can."""
    import tensorflow as tf

    shape = tuple(variable.shape)
    if not shape or not hasattr(variable, "handle") or not variable.dtype.is_numpy_compatible:
        return lambda: np.array(tf.convert_to_tensor(variable))[None]
    places = tf.constant(_spread(shape))
    gather = partial(
        tf.raw_ops.ResourceGatherNd, resource=variable.handle, indices=places, dtype=variable.dtype
    )
    return (lambda: gather().numpy().view(np.uint8)) if variable.dtype.name == "bfloat16" else gather


def _spread(shape: tuple[int, ...]) -> np.ndarray:
    """Return the places of at most `SAMPLES` numbers, from the first to the last, as int32 (n, rank)."""
    size = int(np.prod(shape))
    flat = np.unique(np.linspace(0, size - 1, min(size, SAMPLES)).astype(np.int64))
    return np.stack(np.unravel_index(flat, shape), axis=1).astype(np.int32)
