"""What a probe remembers, bounded, and only as long as a fingerprint of the weights stays the same."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ..errors import ModelError
from ..images.image import Image
from ..lru import LRU
from ..objectives import Objective
from .backward import Gradient, Pass

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


CACHE_BYTES = 512 * 2**20
CACHED_OUTPUTS = 64
SWEEP_BYTES = 256 * 2**20
CODE_BYTES = 128 * 2**20
KEPT_STILLS = 2

Found = TypeVar("Found")


class Memory:
    """Everything found so far about a model, the least recently used going first.

    Parameters
    ----------
    model : keras.Model
        The model whose weights are watched.
    lock : threading.RLock
        Held while memory is read or written.

    Attributes
    ----------
    structure : Structure
        The model's layers and weights, which must stay those they were.
    stamp : int or None
        That of the weights as they were at the last question.
    """

    def __init__(self, model: Any, lock: threading.RLock) -> None:
        self.passes: LRU[tuple[Image, Objective], Pass] = LRU(total=CACHE_BYTES, size=lambda one: one.bytes)
        self.outputs: LRU[Image, np.ndarray] = LRU(CACHED_OUTPUTS)
        self.codes: LRU[tuple[Image, str], np.ndarray] = LRU(
            CACHED_OUTPUTS, CODE_BYTES, lambda code: code.nbytes
        )
        self.ruled: LRU[tuple[Image, Objective, str], Gradient] = LRU(CACHED_OUTPUTS)
        self.stills: LRU[tuple[Image, Hashable], Any] = LRU(KEPT_STILLS)
        self.attention: LRU[Image, Mapping[str, np.ndarray]] = LRU(CACHED_OUTPUTS, CODE_BYTES, _bytes)
        self.sweeps: LRU[Hashable, Any] = LRU(total=SWEEP_BYTES, size=lambda table: table.bytes)
        self._lock, self._weights, self.structure = lock, WeightsStamp(model), Structure(model)
        self.stamp: int | None = None
        self._remark: str | None = None
        self._thread = threading.local()

    @contextmanager
    def current(self) -> Iterator[None]:
        """Hold the lock, with everything forgotten that was found with other weights."""
        with self._lock:
            if not getattr(self._thread, "in_question", False):
                self._look()
            yield

    @contextmanager
    def question(self) -> Iterator[None]:
        """Take all that this thread asks in the meantime as one question: the weights are looked at as it begins."""
        outer = getattr(self._thread, "in_question", False)
        if not outer:
            with self._lock:
                self._look()
        self._thread.in_question = True
        try:
            yield
        finally:
            self._thread.in_question = outer

    def _look(self) -> None:
        """Forget everything if the weights are not what they were."""
        self.structure.check()
        stamp = self._weights.now()
        if stamp != self.stamp:
            for memory in (self.passes, self.outputs, self.codes, self.ruled, self.stills, self.sweeps):
                memory.clear()
            self.attention.clear()
            self.stamp, self._remark = stamp, None

    def done(self, image: Image, target: Objective, make: Callable[[], Pass]) -> Pass:
        """Return the pass of an image and a target, made if it is not there."""
        key = (image, target)
        return self.passes.recalled(key, make) if key in self.passes else self.keep(image, target, make())

    def keep(self, image: Image, target: Objective, done: Pass) -> Pass:
        """Remember a pass and the output that came with it."""
        self.outputs.keep(image, done.output)
        return self.passes.keep((image, target), done)

    def output(self, image: Image, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the model's output for an image, made if it is not there."""
        return self.outputs.recalled(image, make)

    def code(self, image: Image, layer: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an image's code at a layer, made if it is not there."""
        return self.codes.recalled((image, layer), make)

    def attention_of(
        self, image: Image, make: Callable[[], Mapping[str, np.ndarray]]
    ) -> Mapping[str, np.ndarray]:
        """Return the attention of all layers for an image, made if it is not there."""
        return self.attention.recalled(image, make)

    def slope(self, key: tuple[Image, Objective, str], make: Callable[[], Gradient]) -> Gradient:
        """Return the slopes of an image and a target under a rule, made if they are not there."""
        return self.ruled.recalled(key, make)

    def remark(self, make: Callable[[], str]) -> str:
        """Return what is to be said of the weights as they are, worked out once."""
        if self._remark is None:
            self._remark = make()
        return self._remark

    def still(self, image: Image, key: Hashable, make: Callable[[], Found]) -> Found:
        """Return what a network makes of a picture without a patch; just the last two are kept, they are large."""
        found: Found = self.stills.recalled((image, key), make)
        return found


def _bytes(arrays: Mapping[str, np.ndarray]) -> int:
    return sum(array.nbytes for array in arrays.values())
