"""From the code of a picture back to a picture: the network from a named inner layer on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import LayerError, SettingError, listed
from . import layer_info
from .engine import BATCH, Engine, traced
from .graphs.graph import Graph, Step, Values
from .graphs.opaque import UNKNOWN_SIDE
from .layer_info import LayerInfo
from .model_info import sized
from .receptive_field import map_sizes
from .run_errors import plainly


@dataclass(frozen=True, eq=False)
class Cut:
    """A network cut behind a layer.

    Attributes
    ----------
    graph : Graph
        The steps that make the output of what the layer made.
    crossing : tuple of str
        Whatever else reaches the output from the picture, by the name of the layer or input that makes it.
    reaches : bool
        Whether the output depends on the layer, and is another value than the layer's.
    """

    graph: Graph
    crossing: tuple[str, ...]
    reaches: bool

    @property
    def whole(self) -> bool:
        """Whether the layer alone makes the output."""
        return self.reaches and not self.crossing


def cut(graph: Graph, image: int, slot: int, output: int) -> Cut:
    """Cut a network behind a value; `image` and `output` are the numbers of its picture and its output."""
    after, of_image = _depending(graph, slot), _depending(graph, image)
    makers = {made: name for name, made in graph.inputs.items()}
    needed, seen, crossing, wanted = set[Step](), set[int](), dict[str, None](), [output]
    while wanted:
        value = wanted.pop()
        if value == slot or value in seen:
            continue
        seen.add(value)
        if value in of_image and value not in after:
            crossing[makers[value] if value in makers else graph.makers[value].name] = None
        elif value in graph.makers:
            needed.add(graph.makers[value])
            wanted.extend(graph.makers[value].inputs)
    steps = [step for step in graph.steps if step in needed]
    return Cut(Graph(steps), tuple(sorted(crossing)), output in after and output != slot)


def _depending(graph: Graph, slot: int) -> set[int]:
    """Return the numbers of a value and of all that is made of it."""
    found = {slot}
    for step in graph.steps:
        if not found.isdisjoint(step.inputs):
            found.update(step.outputs)
    return found


class Decoding:
    """The part of a `Probe` that runs the network in two halves: up to a layer, and from it on."""

    name: str
    input_shape: tuple[int | None, ...]
    layers: tuple[LayerInfo, ...]
    why_no_layers: str
    engine: Engine

    def encode(self, images: Any, layer: str) -> np.ndarray:
        """Return the codes of pictures, a layer's output: float32 (N, ...), for one Image too.

        Parameters
        ----------
        images : Image, list of them, or array
            Image objects are fitted; an array (N, H, W, C) must fit.
        layer : str
            Where the code is read. Tokens are not laid out as maps here, (N, tokens, C): `decode` takes all of them.
        """
        return self.engine.layer(self._as_batch(images), self.layer(layer).name, raw=True)

    def decode(self, codes: Any, layer: str) -> np.ndarray:
        """Return the network's output, float32 (N, ...), with codes put in the place of a layer's own.

        Parameters
        ----------
        codes : array_like
            (N, ...), as `encode` returns them.
        layer : str
            Whose output they stand for.

        Raises
        ------
        LayerError
            If there is no such layer, or if it does not make the output alone; the message says what else reaches it.
        SettingError
            If the codes do not have the shape of the layer's output, or are no numbers.
        """
        found = self.split(layer)
        batch = _checked(codes, found)
        engine = self.engine
        compiled = engine.function(("decode", found.name), lambda: _compile(engine, found))
        made = []
        with engine.lock:
            most = engine.rows or BATCH
            for start in range(0, len(batch), most):
                engine.calls += 1
                part = batch[start : start + most]
                padding = np.repeat(part[-1:], most - len(part) if engine.rows else 0, axis=0)
                with plainly(self.name):
                    answer = compiled(np.concatenate([part, padding])).numpy()
                made.append(answer[: len(part)])
        return np.concatenate(made)

    def split(self, layer: str | None = None) -> LayerInfo:
        """Return the layer behind which the network falls into encoder and decoder, checked.

        Parameters
        ----------
        layer : str, optional
            A layer's name; if None the bottleneck, the layer that is called a code or has the fewest numbers.

        Raises
        ------
        LayerError
            If the output is not made of that layer alone; the message names what crosses the cut, and where else to
            cut if that is possible.
        """
        if not self.layers:
            raise LayerError(f"{self.name} has no decoder that can be run by itself: {self.why_no_layers}")
        if layer is not None:
            found = self.layer(layer)
            whole = self._cut(found)
            if not whole.whole:
                raise LayerError(f"{_why_not(found.name, whole)}{_instead(self.decodable())}")
            return found
        known = self._with_sizes()
        wanted = layer_info.bottleneck(known)
        if wanted is not None and self._cut(wanted).whole:
            return self.layer(wanted.name)
        narrow = [layer for layer in known[:-1] if self._cut(layer).whole and self._is_narrow(layer)]
        found_at = layer_info.bottleneck((*narrow, known[-1]))
        if found_at is not None:
            return self.layer(found_at.name)
        reason = f": {_why_not(wanted.name, self._cut(wanted))}" if wanted is not None else "."
        raise LayerError(
            f"{self.name} has no bottleneck that its output is made of{reason}{_instead(self.decodable())}"
        )

    def decodable(self) -> tuple[LayerInfo, ...]:
        """Return the layers whose output alone makes the network's output, from the input to the output."""
        return tuple(layer for layer in self.layers if self._cut(layer).whole)

    def _cut(self, layer: LayerInfo) -> Cut:
        engine = self.engine
        return cut(engine.graph, engine.image, engine.slots[layer.name], engine.output)

    def _with_sizes(self) -> tuple[LayerInfo, ...]:
        """Return the layers with their shapes for a picture of 64 pixels a side, where the model takes any size."""
        height, width = self.input_shape[:2]
        if None not in (height, width):
            return self.layers
        engine = self.engine
        sizes = map_sizes(engine.graph, engine.image, (height or UNKNOWN_SIDE, width or UNKNOWN_SIDE))
        cells = {layer.name: sizes.get(engine.slots[layer.name]) for layer in self.layers}
        return tuple(
            replace(layer, shape=(*(cells[layer.name] or layer.shape[:-1]), layer.shape[-1]))
            for layer in self.layers
        )

    def _is_narrow(self, layer: LayerInfo) -> bool:
        """Return whether a layer holds fewer numbers than the picture, as far as that is known."""
        code, pixels = _count(layer.shape), _count(tuple(n or UNKNOWN_SIDE for n in self.input_shape))
        return code is not None and pixels is not None and code < pixels

    def layer(self, name: str) -> LayerInfo:
        """Return what is known of a layer."""
        raise NotImplementedError

    def _as_batch(self, images: Any) -> np.ndarray:
        """Return the pictures as the network gets them."""
        raise NotImplementedError


def _count(shape: tuple[int | None, ...]) -> int | None:
    return None if None in shape else math.prod(n for n in shape if n is not None)


def _why_not(name: str, found: Cut) -> str:
    if not found.reaches:
        return f"the output does not follow from the layer {name!r}."
    verb = "reaches" if len(found.crossing) == 1 else "reach"
    return f"the layer {name!r} does not make the output alone: {listed(found.crossing)} {verb} it past that layer."


def _instead(layers: Iterable[LayerInfo]) -> str:
    names = [layer.name for layer in layers]
    return f" These do: {listed(names)}." if names else " No layer does."


def _checked(codes: Any, layer: LayerInfo) -> np.ndarray:
    batch = np.asarray(codes, np.float32)
    fits = batch.ndim == 1 + len(layer.raw_shape) and all(
        wanted in (None, n) for wanted, n in zip(layer.raw_shape, batch.shape[1:], strict=True)
    )
    if not fits or not len(batch):
        raise SettingError(
            f"codes of {layer.name} must have the shape {sized(('N', *layer.raw_shape))}; got {sized(batch.shape)}."
        )
    if not np.isfinite(batch).all():
        raise SettingError(f"codes of {layer.name} must be numbers; some are NaN or infinite.")
    return batch


def _compile(engine: Engine, layer: LayerInfo) -> Any:
    import tensorflow as tf

    slot = engine.slots[layer.name]
    behind = cut(engine.graph, engine.image, slot, engine.output).graph
    kind = getattr(engine.graph.makers[slot].op, "compute_dtype", "float32")
    turned = engine.graph.channels_first

    @tf.function(input_signature=[tf.TensorSpec((None, *layer.raw_shape), tf.float32)], autograph=False)
    def decode(codes: Any) -> Any:
        with engine.lots.held():
            rows = tf.shape(codes)[0]
            feed = engine.held(rows)
            own = tf.transpose(codes, (0, 3, 1, 2)) if turned and codes.shape.rank == 4 else codes
            made = tf.cast(Values(behind, {**feed, slot: tf.cast(own, kind)})[engine.output], tf.float32)
            return tf.transpose(made, (0, 2, 3, 1)) if turned and made.shape.rank == 4 else made

    return traced(decode)
