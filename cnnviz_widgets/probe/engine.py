"""Runs a network: predictions and scores in batches of one shape, and the pass that keeps all layers and slopes."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import TargetError
from .graph import Graph
from .head import Head
from .score import Run, Score

BATCH = 32
MOST_FUNCTIONS = 24


@dataclass(frozen=True)
class Pass:
    """All that one forward and backward pass of an image and a target yields, kept as the network left it.

    Attributes
    ----------
    score : float
        Value of the target.
    output : numpy.ndarray
        The model's output for the image, without the batch axis.
    names : dict of str to int
        Place of each layer in `values` and `slopes`.
    values, slopes : list of tensor
        Activations, and derivatives of the score by them, batch axis included. The last entry is the input.
    """

    score: float
    output: np.ndarray
    names: dict[str, int]
    values: list[Any]
    slopes: list[Any]

    @property
    def bytes(self) -> int:
        """Memory held."""
        return sum(math.prod(t.shape) * t.dtype.size for t in (*self.values, *self.slopes))

    def at(self, layer: str | None) -> tuple[np.ndarray, np.ndarray]:
        """Return values and slopes of a layer, or of the input if None: float32, read-only, without the batch axis."""
        place = -1 if layer is None else self.names[layer]
        return _array(self.values[place]), _array(self.slopes[place])


class Engine:
    """Compiled functions of one network; one lock, so that threads take turns.

    Parameters
    ----------
    graph : Graph
        The network.
    image_slot : int
        Number of the value that is the image.
    output_slot : int
        Number of the value that is the output looked at.
    constants : dict
        Values of the other inputs, by number, without the batch axis.
    head : Head
        Where the logits are.
    """

    def __init__(
        self, graph: Graph, image_slot: int, output_slot: int, constants: dict[int, np.ndarray], head: Head
    ) -> None:
        self.graph, self.image_slot, self.output_slot = graph, image_slot, output_slot
        self.constants, self.head = constants, head
        self.lock = threading.RLock()
        self.calls = 0
        self.seconds_per_image: float | None = None
        self._slots = {step.name: step.outputs[0] for step in graph.steps if step.outputs}
        self._compiled: OrderedDict[Hashable, Any] = OrderedDict()

    def predict(self, images: np.ndarray, *, of: str = "output") -> np.ndarray:
        """Return the output, or the logits, for a batch: float32 (N, ...)."""
        compiled = self._function(
            ("predict", of),
            lambda: self._compile(lambda run, _: run.output if of == "output" else run.logits),
        )
        return self._in_batches(compiled, images, ())

    def scores(self, images: np.ndarray, score: Score) -> np.ndarray:
        """Return the score of each image of a batch: float32 (N,)."""
        compiled = self._function(("scores", score.key), lambda: self._compile(score.compute))
        return self._in_batches(compiled, images, score.feed)

    def layer(self, images: np.ndarray, name: str) -> np.ndarray:
        """Return a layer's activations: float32 (N, ...)."""
        compiled = self._function(("layer", name), lambda: self._compile(lambda run, _: run.layer(name)))
        return self._in_batches(compiled, images, ())

    def passed(self, image: np.ndarray, score: Score) -> Pass:
        """Run forward and backward once and keep every layer; `image` is (H, W, C)."""
        compiled = self._function(("pass", score.key), lambda: self._compile_pass(score))
        with self.lock:
            self.calls += 1
            value, output, values, slopes = compiled(image[None], score.feed)
        names = {name: k for k, name in enumerate(self._kept())}
        return Pass(float(value.numpy()[0]), _array(output), names, values, slopes)

    def _run(self, images: Any) -> tuple[Run, dict[int, Any]]:
        import tensorflow as tf

        count = tf.shape(images)[0]
        feed = {slot: tf.repeat(tf.constant(v)[None], count, axis=0) for slot, v in self.constants.items()}
        values = self.graph.run({**feed, self.image_slot: images})
        output = tf.cast(values[self.output_slot], tf.float32)
        logits = tf.cast(self.head.logits(values), tf.float32)
        return Run(images, output, logits, lambda name: values[self._slots[name]]), values

    def _compile(self, compute: Any) -> Any:
        import tensorflow as tf

        return tf.function(
            lambda images, feed: tf.cast(compute(self._run(images)[0], feed), tf.float32),
            reduce_retracing=True,
            autograph=False,
        )

    def _compile_pass(self, score: Score) -> Any:
        import tensorflow as tf

        @tf.function(reduce_retracing=True, autograph=False)
        def run(images: Any, feed: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                images = tf.convert_to_tensor(images)
                tape.watch(images)
                seen, values = self._run(images)
                value = score.compute(seen, feed)
            kept = [*(values[slot] for slot in self._kept().values()), images]
            slopes = tape.gradient(value, kept)
            if slopes[-1] is None:
                raise TargetError(
                    "the target does not depend on the picture in a way that has a slope: its function is not differentiable."
                )
            return (
                value,
                seen.output,
                kept,
                [tf.zeros_like(v) if s is None else s for v, s in zip(kept, slopes, strict=True)],
            )

        return run

    def _kept(self) -> dict[str, int]:
        """Return the layers that a pass keeps: those whose first output is real numbers."""
        return {step.name: step.outputs[0] for step in self.graph.steps if step.real}

    def _function(self, key: Hashable, make: Any) -> Any:
        with self.lock:
            if key not in self._compiled:
                self._compiled[key] = make()
            self._compiled.move_to_end(key)
            while len(self._compiled) > MOST_FUNCTIONS:
                self._compiled.popitem(last=False)
            return self._compiled[key]

    def _in_batches(self, compiled: Any, images: np.ndarray, feed: tuple[np.ndarray, ...]) -> np.ndarray:
        """Run in batches of one shape: the last one is padded, so that nothing is traced again."""
        size = BATCH if len(images) > 1 else 1
        made = []
        for start in range(0, len(images), size):
            part = images[start : start + size]
            padded = (
                part
                if len(part) == size
                else np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
            )
            made.append(self._timed(compiled, padded, feed)[: len(part)])
        return np.concatenate(made)

    def _timed(self, compiled: Any, images: np.ndarray, feed: tuple[np.ndarray, ...]) -> np.ndarray:
        """Run one batch; note how long an image takes, unless this call had to trace first."""
        with self.lock:
            self.calls += 1
            traces, begun = compiled.experimental_get_tracing_count(), time.perf_counter()
            made: np.ndarray = compiled(images, feed).numpy()
            if len(images) == BATCH and compiled.experimental_get_tracing_count() == traces:
                self.seconds_per_image = (time.perf_counter() - begun) / BATCH
            return made


def _array(tensor: Any) -> np.ndarray:
    """Return the one image's part without copying it: a pass holds a hundred layers, of which few are looked at."""
    array = (
        np.asarray(memoryview(tensor))[0]
        if tensor.dtype.is_numpy_compatible and tensor.dtype.name == "float32"
        else tensor.numpy()[0].astype(np.float32)
    )
    array.setflags(write=False)
    return array
