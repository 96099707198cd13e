"""Runs a network: predictions and scores in batches of one shape, and the pass that serves all layers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import CnnvizError, TargetError
from ..lru import LRU
from .backward import PICTURE, Arrays, Pass, as_array, slopes_to_keep, values_to_keep
from .graphs.graph import Graph, Shape, Values, row_of
from .graphs.integer_inputs import takes_any
from .output.head import Head, passes_gradient
from .relu_rules import Rule, Ruled, ruled
from .run_errors import plainly, sized_plainly, traced_plainly
from .scores import Run, Score
from .seeds import Lots

BATCH = 32
SLOPE_BATCH = 8
MOST_FUNCTIONS = 24
NO_SLOPE = (
    "the target does not depend on the picture with a slope: its function is not differentiable. Use Occlusion or "
    "RISE, which need none."
)


class Engine:
    """Compiled functions of one network; one lock, so that threads take turns.

    Every function is compiled once, for a fixed signature, so that an answer does not depend on what was asked
    before. The network runs in a scope that drops whatever a layer would write to its own state.

    Parameters
    ----------
    graph : Graph
        The network.
    image, output : str
        Names of the input that is the picture and of the output looked at.
    constants : dict
        Values of the other inputs, by name, without the batch axis.
    head : Head
        Where the logits are.

    Attributes
    ----------
    rows : int or None
        How many pictures the network takes at a time, if its author said so; then batches are filled up to it. 1 for a
        network that answers by chance, so that it draws the same for every picture.
    lots : Lots
        The seeds of what it draws.
    """

    def __init__(
        self, graph: Graph, image: str, output: str, constants: dict[str, np.ndarray], head: Head
    ) -> None:
        self.graph, self.head = graph, head
        self.constants = {graph.inputs[name]: value for name, value in constants.items()}
        self.lock = threading.RLock()
        self.calls, self.name = 0, "the network"
        self.seconds_per_image: float | None = None
        self.image, self.output = graph.inputs[image], graph.outputs[output]
        self.rows = graph.batch
        self.lots = Lots(graph)
        self._size: Shape = graph.seen_shape(graph.input_shapes[image])
        self.types = {graph.inputs[name]: kind for name, kind in graph.input_types.items()}
        self.slots = {step.name: step.outputs[0] for step in graph.steps if step.outputs}
        # class maps are read from the last layer with maps, so its values and slopes are kept as they are
        self._often = [
            step.outputs[0]
            for step in graph.steps
            if step.outputs
            and (len(step.shape or ()) == 3 or (step.shape and step.outputs[0] in graph.slices))
        ][-1:]
        self._tensors: dict[int, Any] = {}
        self._compiled: LRU[Hashable, Any] = LRU(MOST_FUNCTIONS)
        whole = graph.seen_shape(graph.output_shapes[output])
        self._ones = len(whole) - len(row_of(whole))
        self._ran = set[int]()
        self._needs_size = False
        self._ruled: dict[Rule, Ruled] = {}

    def predict(self, images: np.ndarray, *, of: str = "output") -> np.ndarray:
        """Return the output, or the logits, for a batch: float32 (N, ...); a row for an output at one place."""
        return self._answers(
            ("predict", of), images, (), lambda run, _: run.output if of == "output" else run.logits
        )

    def scores(self, images: np.ndarray, score: Score) -> np.ndarray:
        """Return the score of each image of a batch: float32 (N,)."""
        return self._answers(("scores", score.key), images, score.feed, score.compute)

    def layer(self, images: np.ndarray, name: str, raw: bool = False) -> np.ndarray:
        """Return a layer's activations: float32 (N, ...); with `raw` as it makes them, not laid out as maps."""
        raw = raw and self.slots[name] in self.graph.laid_out
        return self._answers(
            ("layer", name, raw), images, (), lambda run, _: (run.as_made if raw else run.layer)(name)
        )

    def ask(
        self, key: Hashable, images: np.ndarray, compute: Callable[[Values, Any], list[Any]]
    ) -> list[np.ndarray]:
        """Return what is computed from the values of a run, by number, and the number of pictures in it.

        Each answer is float32 (N, ...). `key` names what is computed: it is compiled once.
        """
        compiled = self.function(("ask", key), lambda: self._compile_values(compute), images.shape[1:])
        return self.in_batches(compiled, images, (), BATCH)

    def slopes(self, images: np.ndarray, score: Score, rule: Rule | None = None) -> Arrays:
        """Return the score of each image, (N,), and its slope by the image's values, (N, H, W, C).

        With a rule, the slope is that of the network with the rule at its activations.
        """
        graph = self.graph if rule is None else self.ruled(rule).graph
        key = ("slopes", rule, score.key)
        compiled = self.function(key, lambda: self._compile_slopes(score, graph), images.shape[1:])
        scores, slopes = self.in_batches(compiled, images, score.feed, SLOPE_BATCH)
        return scores, slopes

    def ruled(self, rule: Rule) -> Ruled:
        """Return the network with a rule at its activations, built once."""
        with self.lock:
            if rule not in self._ruled:
                self._ruled[rule] = ruled(self.graph, rule)
            return self._ruled[rule]

    def passed(self, image: np.ndarray, score: Score) -> Pass:
        """Run forward and backward once and keep what serves every layer; `image` is (H, W, C)."""
        with self.lock:
            compiled, asked = self.function(
                ("pass", score.key), lambda: self._compile_pass(score), image.shape
            )
            self.calls += 1
            with plainly(self.name):
                value, output, values, slopes = compiled(image[None], score.feed)
            return Pass(float(value.numpy()[0]), as_array(output), values, slopes, frozenset(asked))

    def at(self, done: Pass, layer: str | None) -> Arrays:
        """Return the maps and slopes of a layer, or of the input if None, from a pass that was done."""
        with self.lock:
            return done.at(self.graph, PICTURE if layer is None else self.slots[layer])

    def run(self, images: Any, touched: set[int], graph: Graph | None = None) -> tuple[Run, Values]:
        """Return the network's answers, computed as they are asked for; `touched` notes what the score reads."""
        import tensorflow as tf

        own, count = images, images.shape[0]
        most = self.rows or 0
        if count is not None and count < most:  # the network takes that many and no other number
            images = tf.concat([images, tf.repeat(images[-1:], most - count, axis=0)], axis=0)
        rows = tf.shape(images)[0]
        feed = self.held(rows)
        picture = self._typed(images)
        turned = self.graph.channels_first
        feed[self.image] = tf.transpose(picture, (0, 3, 1, 2)) if turned else picture
        values = Values(graph or self.graph, feed)

        def own_rows(tensor: Any) -> Any:
            return tensor[:count] if own is not images else tensor

        def layer(name: str) -> Any:
            touched.add(self.slots[name])
            return self.graph.seen(self.slots[name], own_rows(values[self.slots[name]]))

        def output() -> Any:
            touched.add(self.output)
            return self._answer(own_rows(values[self.output]))

        def logits() -> Any:
            touched.update(self.head.needs)
            return self._answer(own_rows(self.head.logits(values)))

        return Run(own, output, logits, layer, lambda name: own_rows(values[self.slots[name]])), values

    def held(self, rows: Any) -> dict[int, Any]:
        """Return the other inputs, by number, for as many pictures."""
        import tensorflow as tf

        with tf.init_scope():  # one tensor for all functions: a volume is large
            for slot, value in self.constants.items():
                if slot not in self._tensors:
                    self._tensors[slot] = tf.constant(value)
        return {
            slot: tf.cast(tf.repeat(self._tensors[slot][None], rows, axis=0), self.types[slot])
            for slot in self.constants
        }

    def share(self, other: Engine) -> None:
        """Hold the other inputs together with an engine that has the same."""
        self._tensors = other._tensors

    def _answer(self, tensor: Any) -> Any:
        import tensorflow as tf

        return self.as_row(self.graph.seen_output(tf.cast(tensor, tf.float32)))

    def as_row(self, answer: Any) -> Any:
        """Return an output, or logits, as rows (N, n) where the network gives them at one place, (N, 1, 1, n)."""
        import tensorflow as tf

        return tf.reshape(answer, (-1, answer.shape[-1])) if self._ones else answer

    def own_shape(self, answers: np.ndarray) -> np.ndarray:
        """Return answers (N, ...) in the shape that the network itself gives, the batch axis and all places counted."""
        return answers.reshape(len(answers), *(1,) * self._ones, *answers.shape[1:])

    def _typed(self, images: Any) -> Any:
        """Return pictures as numbers of the type that the network takes.

        Whole numbers are cut as Keras cuts them. What takes them may need whole numbers, which have no gradient;
        operations that take real ones alike get them so, and the gradient passes as if nothing was cut.
        """
        import tensorflow as tf

        kind = self.types[self.image]
        made = tf.cast(images, kind)
        if made.dtype.is_floating or not all(
            takes_any(step.op) for step in self.graph.takers.get(self.image, [])
        ):
            return made
        return images + tf.stop_gradient(tf.cast(made, images.dtype) - images)

    @cached_property
    def differentiable(self) -> bool:
        """False for a network that takes whole numbers and not real ones alike, or whose answer has no gradient."""
        takers = self.graph.takers.get(self.image, [])
        taken = "float" in self.types[self.image] or all(takes_any(step.op) for step in takers)
        return taken and passes_gradient(self.graph, self.output)

    def no_slope(self) -> str:
        """Return why there is no gradient."""
        kind = self.types[self.image]
        if "float" in kind:
            return NO_SLOPE
        return (
            f"the network takes whole numbers ({kind}), by which nothing has a gradient. Use Occlusion or RISE, "
            "or give a model that takes float32."
        )

    def _compile(self, compute: Callable[[Run, Any], Any], feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        @tf.function(input_signature=self.signature(None, feed), autograph=False)
        def answer(images: Any, given: Any) -> Any:
            with self.lots.held():
                run, _ = self.run(images, set())
                return (tf.cast(compute(run, given), tf.float32),)

        return traced(answer)

    def _compile_values(self, compute: Callable[[Values, Any], list[Any]]) -> Any:
        import tensorflow as tf

        @tf.function(input_signature=self.signature(None, ()), autograph=False)
        def answer(images: Any, given: Any) -> Any:
            with self.lots.held():
                _, values = self.run(images, set())
                return tuple(compute(values, tf.shape(images)[0]))

        return traced(answer)

    def _compile_slopes(self, score: Score, graph: Graph) -> Any:
        import tensorflow as tf

        @tf.function(input_signature=self.signature(None, score.feed), autograph=False)
        def run_slopes(images: Any, given: Any) -> Any:
            with self.lots.held(), tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(images)
                run, _ = self.run(images, set(), graph)
                value = score.compute(run, given)
            slope = tape.gradient(value, images)
            if slope is None:
                raise TargetError(self.no_slope())
            return tf.cast(value, tf.float32), slope

        return traced(run_slopes)

    def _compile_pass(self, score: Score) -> tuple[Any, set[int]]:
        import tensorflow as tf

        asked: set[int] = set()

        @tf.function(input_signature=self.signature(1, score.feed), autograph=False)
        def run_pass(images: Any, given: Any) -> Any:
            with self.lots.held(), tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(images)
                touched: set[int] = set()
                run, values = self.run(images, touched)
                value = score.compute(run, given)
                output = run.output
                slots = (*self.graph.inputs.values(), *values_to_keep(self.graph), *self._often)
                kept = {slot: values[slot] for slot in slots}
            asked.update(slopes_to_keep(self.graph, touched | set(self._often)), [PICTURE])
            places = [slot for slot in sorted(asked - {PICTURE}) if values[slot].dtype.is_floating]
            whole, *inner = tape.gradient(value, [images, *(values[slot] for slot in places)])
            if whole is None:
                raise TargetError(self.no_slope())
            known = {slot: slope for slot, slope in zip(places, inner, strict=True) if slope is not None}
            return value, output, {**kept, PICTURE: images}, {**known, PICTURE: whole}

        return traced(run_pass), asked

    def signature(self, rows: int | None, feed: tuple[Any, ...]) -> Any:
        """Return what a compiled function takes: so many pictures, any number if None, and the score's numbers."""
        import tensorflow as tf

        sides = tuple(tf.TensorSpec((None,) * np.ndim(n), np.asarray(n).dtype) for n in feed)
        return tf.TensorSpec((rows if rows or not self.rows else self.rows, *self._size), tf.float32), sides

    def function(self, key: Hashable, make: Callable[[], Any], size: Shape | None = None) -> Any:
        """Return a compiled function, made once; `size` is that of the pictures, (H, W, C), if it may be needed."""
        with self.lock:
            found = key if key in self._compiled else (key, size)
            if found not in self._compiled:
                with traced_plainly(self.name):
                    found, made = self._made(key, make, size)
                return self._compiled.keep(found, made)
            return self._compiled.keep(found, self._compiled[found])

    def _made(self, key: Hashable, make: Callable[[], Any], size: Shape | None) -> tuple[Hashable, Any]:
        """Compile for any size of picture, or for one where the network does not take an unknown one in a trace."""
        if size is None or None not in self._size:
            return key, make()
        if not self._needs_size:
            try:
                return key, make()
            except CnnvizError:
                raise
            except Exception:
                pass  # it may have to know the size of its pictures in a trace; else the same is raised again
        any_size, self._size = self._size, size
        try:
            with sized_plainly(self.name):
                made = make()
        finally:
            self._size = any_size
        self._needs_size = True
        return (key, size), made

    def _answers(
        self, key: Hashable, images: np.ndarray, feed: tuple[Any, ...], compute: Callable[[Run, Any], Any]
    ) -> np.ndarray:
        compiled = self.function(key, lambda: self._compile(compute, feed), images.shape[1:])
        return self.in_batches(compiled, images, feed, BATCH)[0]

    def in_batches(
        self, compiled: Any, images: np.ndarray, feed: tuple[Any, ...], most: int
    ) -> list[np.ndarray]:
        """Run in batches of one size: the last one is padded, for kernels may round by the batch's size."""
        size = self.rows or (most if len(images) > 1 else 1)
        made = []
        for start in range(0, len(images), size):
            part = images[start : start + size]
            padding = np.repeat(part[-1:], size - len(part), axis=0)
            padded = np.concatenate([part, padding]) if len(padding) else part
            made.append([answer[: len(part)] for answer in self._timed(compiled, padded, feed)])
        return [np.concatenate(parts) if len(parts) > 1 else parts[0] for parts in zip(*made, strict=True)]

    def _timed(self, compiled: Any, images: np.ndarray, feed: tuple[Any, ...]) -> list[np.ndarray]:
        """Run one batch; note how long an image takes, unless this call had to trace first."""
        with self.lock:
            self.calls += 1
            known, begun = id(compiled) in self._ran, time.perf_counter()
            self._ran.add(id(compiled))
            with plainly(self.name):
                made: list[np.ndarray] = [answer.numpy() for answer in compiled(images, feed)]
            if len(made[0]) != len(images):
                raise TargetError(
                    f"the target must give one number an image; it gave {len(made[0])} for {len(images)}."
                )
            if len(images) == (self.rows or BATCH) and known:
                self.seconds_per_image = (time.perf_counter() - begun) / len(images)
            return made


def traced(function: Any) -> Any:
    """Return a function of one signature, traced: it is compiled under `run_functions_eagerly` too."""
    return function.get_concrete_function()
