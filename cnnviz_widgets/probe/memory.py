"""What a probe remembers: passes, outputs and codes, bounded, and only as long as the weights stay the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ..image import Image
from ..objective import Objective
from .passes import Gradient, Pass
from .stamp import Structure, WeightsStamp

CACHE_BYTES = 512 * 2**20
CACHED_OUTPUTS = 64
CODE_BYTES = 128 * 2**20
KEPT_STILLS = 2

Key = TypeVar("Key")
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
        self.passes: OrderedDict[tuple[Image, Objective], Pass] = OrderedDict()
        self.outputs: OrderedDict[Image, np.ndarray] = OrderedDict()
        self.codes: OrderedDict[tuple[Image, str], np.ndarray] = OrderedDict()
        self.ruled: OrderedDict[tuple[Image, Objective, str], Gradient] = OrderedDict()
        self.stills: OrderedDict[tuple[Image, Hashable], Any] = OrderedDict()
        self.attention: OrderedDict[Image, Mapping[str, np.ndarray]] = OrderedDict()
        self.shelf: OrderedDict[Hashable, Any] = OrderedDict()
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
            for memory in (self.passes, self.outputs, self.codes, self.ruled, self.stills, self.shelf):
                memory.clear()
            self.attention.clear()
            self.stamp, self._remark = stamp, None

    def done(self, image: Image, target: Objective, make: Callable[[], Pass]) -> Pass:
        """Return the pass of an image and a target, made if it is not there."""
        key = (image, target)
        if key not in self.passes:
            self.keep(image, target, make())
        self.passes.move_to_end(key)
        return self.passes[key]

    def keep(self, image: Image, target: Objective, done: Pass) -> None:
        """Remember a pass and the output that came with it."""
        self.passes[image, target] = done
        self.outputs[image] = done.output
        _recalled(self.outputs, image)
        while len(self.passes) > 1 and sum(p.bytes for p in self.passes.values()) > CACHE_BYTES:
            self.passes.popitem(last=False)

    def output(self, image: Image, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the model's output for an image, made if it is not there."""
        if image not in self.outputs:
            self.outputs[image] = make()
        return _recalled(self.outputs, image)

    def code(self, image: Image, layer: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an image's code at a layer, made if it is not there."""
        if (image, layer) not in self.codes:
            self.codes[image, layer] = make()
        found = _recalled(self.codes, (image, layer))
        while len(self.codes) > 1 and sum(code.nbytes for code in self.codes.values()) > CODE_BYTES:
            self.codes.popitem(last=False)
        return found

    def attention_of(
        self, image: Image, make: Callable[[], Mapping[str, np.ndarray]]
    ) -> Mapping[str, np.ndarray]:
        """Return the attention of all layers for an image, made if it is not there."""
        if image not in self.attention:
            self.attention[image] = make()
        found = _recalled(self.attention, image)
        while len(self.attention) > 1 and sum(map(_bytes, self.attention.values())) > CODE_BYTES:
            self.attention.popitem(last=False)
        return found

    def slope(self, key: tuple[Image, Objective, str], make: Callable[[], Gradient]) -> Gradient:
        """Return the slopes of an image and a target under a rule, made if they are not there."""
        if key not in self.ruled:
            self.ruled[key] = make()
        return _recalled(self.ruled, key)

    def remark(self, make: Callable[[], str]) -> str:
        """Return what is to be said of the weights as they are, worked out once."""
        if self._remark is None:
            self._remark = make()
        return self._remark

    def still(self, image: Image, key: Hashable, make: Callable[[], Found]) -> Found:
        """Return what a network makes of a picture without a patch; just the last two are kept, they are large."""
        if (image, key) not in self.stills:
            self.stills[image, key] = make()
        self.stills.move_to_end((image, key))
        while len(self.stills) > KEPT_STILLS:
            self.stills.popitem(last=False)
        found: Found = self.stills[image, key]
        return found


def _bytes(arrays: Mapping[str, np.ndarray]) -> int:
    return sum(array.nbytes for array in arrays.values())


def _recalled(memory: OrderedDict[Key, Found], key: Key) -> Found:
    """Return what is remembered under a key; the least recently used goes when there are too many."""
    memory.move_to_end(key)
    while len(memory) > CACHED_OUTPUTS:
        memory.popitem(last=False)
    return memory[key]
