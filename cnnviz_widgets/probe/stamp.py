"""A number that changes when a model's weights do, so that nothing remembered outlives a training step."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import numpy as np

SAMPLES = 61
UNCOMPILED = 8
WORTH_COMPILING = 64


class WeightsStamp:
    """Reads some numbers spread over every weight of a model.

    At first each weight is read by an operation of its own, for a compiled function would have to be traced before
    the first picture; a model of many weights that is asked again and again is worth the trace, a quarter of a
    second. Both ways give the same stamp.
    """

    def __init__(self, model: Any) -> None:
        self._weights = model.weights
        self._samples: list[tuple[Any, Any]] | None = None
        self._compiled: Any = None
        self._asked = 0

    def now(self) -> int:
        """Return the stamp of the weights as they are."""
        if self._samples is None:
            # a sealed model's weights are TensorFlow's own variables, whose `value` is a method
            self._samples = _samples([w if callable(w.value) else w.value for w in self._weights])
        self._asked += 1
        if self._asked > UNCOMPILED and len(self._samples) > WORTH_COMPILING:
            return _stamp(self._read_at_once())
        return _stamp(_read(variable, places) for variable, places in self._samples)

    def _read_at_once(self) -> Any:
        import tensorflow as tf

        if self._compiled is None:

            def read() -> list[Any]:
                by_type: dict[Any, list[Any]] = {}
                for variable, places in self._samples or ():
                    by_type.setdefault(variable.dtype, []).append(_read(variable, places))
                return [tf.concat(samples, 0) for samples in by_type.values()]

            self._compiled = tf.function(read, input_signature=(), autograph=False).get_concrete_function()
        return self._compiled()


def _samples(variables: list[Any]) -> list[tuple[Any, Any]]:
    """Return each variable with the places to read, those of one type together."""
    import tensorflow as tf

    ordered = sorted(variables, key=lambda variable: str(variable.dtype))
    return [
        (variable, tf.constant(_spread(tuple(variable.shape))) if _can_gather(variable) else None)
        for variable in ordered
    ]


def _can_gather(variable: Any) -> bool:
    return bool(variable.shape.rank) and bool(variable.shape.num_elements()) and hasattr(variable, "handle")


def _read(variable: Any, places: Any) -> Any:
    """Return a sample of a variable, without copying all of it where TensorFlow can."""
    import tensorflow as tf

    if places is None:
        return tf.reshape(tf.convert_to_tensor(variable), (-1,))
    return tf.raw_ops.ResourceGatherNd(resource=variable.handle, indices=places, dtype=variable.dtype)


def _stamp(parts: Any) -> int:
    stamp = 0
    for part in parts:
        stamp = zlib.crc32(part.numpy().view(np.uint8).data, stamp)
    return stamp


def _spread(shape: tuple[int, ...]) -> np.ndarray:
    """Return the places of at most `SAMPLES` numbers, from the first to the last, as int32 (n, rank)."""
    size = int(np.prod(shape))
    flat = np.unique(np.linspace(0, size - 1, min(size, SAMPLES)).astype(np.int64))
    return np.stack(np.unravel_index(flat, shape), axis=1).astype(np.int32)


def fingerprint(model: Any) -> str:
    """Return a name for all weights of a model, every number counted, that lasts beyond this run of Python."""
    import keras

    made = hashlib.blake2b(digest_size=16)
    for weight in model.weights:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        made.update(repr((values.shape, str(values.dtype))).encode())
        made.update(values.view(np.uint8).reshape(-1).data if values.size else b"")
    return made.hexdigest()
