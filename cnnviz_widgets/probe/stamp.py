"""A number that changes when a model's weights do, so that nothing remembered outlives a training step."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from ..errors import ModelError

UNCOMPILED = 8
WORTH_COMPILING = 64


class WeightsStamp:
    """Compares every number of a model's weights with those of the last question.

    The tensors that were read last are held. TensorFlow writes into a variable's numbers only where nobody else holds
    them, and makes new ones elsewhere if somebody does. So a variable whose numbers lie where they lay has not been
    written to, which takes no reading; only those that lie elsewhere are compared, number by number. This is exact: a
    single weight moved by the last bit is noticed, and so are two filters or two layers that were exchanged.

    At first each weight is asked by an operation of its own, for a compiled function would have to be traced before
    the first picture; a model of many weights that is asked again and again is worth the trace, a quarter of a
    second. Both ways find the same.

    Parameters
    ----------
    model : keras.Model
        Anything with `weights`; random layers' seeds are not among them.
    """

    def __init__(self, model: Any) -> None:
        # a sealed model's weights are TensorFlow's own variables, whose `value` is a method
        self._variables = [w if callable(w.value) else w.value for w in model.weights]
        self._held: list[np.ndarray] | None = None
        self._compiled: Any = None
        self._asked = self._changes = 0

    def now(self) -> int:
        """Return the stamp of the weights as they are: how often they were found changed."""
        self._asked += 1
        found = [_numbers(tensor) for tensor in self._read()]
        held, self._held = self._held, found
        if held is None or not all(_same(was, now) for was, now in zip(held, found, strict=True)):
            self._changes += 1
        return self._changes

    def _read(self) -> list[Any]:
        import tensorflow as tf

        if self._compiled is None and (self._asked <= UNCOMPILED or len(self._variables) <= WORTH_COMPILING):
            return [_tensor(variable) for variable in self._variables]
        if self._compiled is None:

            def read() -> list[Any]:
                return [_tensor(variable) for variable in self._variables]

            self._compiled = tf.function(read, input_signature=(), autograph=False).get_concrete_function()
        tensors: list[Any] = self._compiled()
        return tensors


def _tensor(variable: Any) -> Any:
    """Return a variable's tensor, which shares its memory where TensorFlow can."""
    import tensorflow as tf

    if not hasattr(variable, "handle"):
        return tf.convert_to_tensor(variable)
    tensor = tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)
    return tf.bitcast(tensor, tf.uint16) if tensor.dtype == tf.bfloat16 else tensor


def _numbers(tensor: Any) -> np.ndarray:
    """Return a tensor as an array that holds its memory; of a type that NumPy cannot look at, a copy."""
    try:
        return np.asarray(memoryview(tensor))
    except ValueError:
        copied: np.ndarray = tensor.numpy()
        return copied


def _same(was: np.ndarray, now: np.ndarray) -> bool:
    """Return whether two arrays hold the same numbers, bit for bit."""
    if np.may_share_memory(was, now):
        return True
    if was.shape != now.shape or was.dtype != now.dtype:
        return False
    if was.dtype == object:
        return bool((was == now).all())
    return bool(np.array_equal(_bits(was), _bits(now)))


def _bits(array: np.ndarray) -> np.ndarray:
    """Return an array's numbers as whole ones, so that NaN equals itself."""
    size = array.dtype.itemsize
    return array.reshape(-1).view(f"u{size}" if size in (1, 2, 4, 8) else np.uint8)


class Structure:
    """Which layers and weights a model had when it was made ready to be asked.

    Parameters
    ----------
    model : keras.Model
        The model.
    """

    def __init__(self, model: Any) -> None:
        self._model, self._parts = model, _parts(model)

    def check(self) -> None:
        """Raise a `ModelError` if the model has other layers or weights by now: what was learnt of it is wrong then."""
        now = _parts(self._model)
        if len(now) != len(self._parts) or any(a is not b for a, b in zip(now, self._parts, strict=True)):
            raise ModelError(
                f"{self._model.name} has other layers or weights than when it was looked at, as after model.add, "
                "enable_lora or quantize: give the model anew, to Probe(model) or to the widget."
            )


def _parts(model: Any) -> list[Any]:
    return [*getattr(model, "layers", ()), *model.weights]


def fingerprint(model: Any) -> str:
    """Return a name for all weights of a model, every number counted, that lasts beyond this run of Python."""
    import keras

    made = hashlib.blake2b(digest_size=16)
    for weight in model.weights:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        made.update(repr((values.shape, str(values.dtype))).encode())
        made.update(values.view(np.uint8).reshape(-1).data if values.size else b"")
    return made.hexdigest()
