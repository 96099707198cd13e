"""Which token layers still matter: those of whose places the output depends, not of the class token alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..graphs.graph import Graph, Step
from ..receptive_field import kind_of
from .layouts import ATTENDING, asking, open_doing
from .tokens import Tokens


def places_read(graph: Graph, output: int) -> set[int]:
    """Return the numbers of the values on whose places an output depends.

    A head that reads the class token alone depends on no place of the last block. What it depends on is followed
    back: layers that treat each token by itself pass on which tokens are needed, attention needs all tokens that are
    read, whoever asks. A step that takes some tokens out, and one whose doing can only be tried, is tried with a tape.

    Parameters
    ----------
    graph : Graph
        The network, its tokens found.
    output : int
        Number of the value that is looked at.
    """
    whole, some = {output}, set[int]()  # all of it needed; of its tokens only those that are no place
    for step in reversed(graph.before(output)):
        if whole.intersection(step.outputs):
            for slot, needed in _taken(graph, step):
                (whole if needed else some).add(slot)
        elif some.intersection(step.outputs):
            for slot, needed in _passed_back(graph, step):
                (whole if needed else some).add(slot)
    return whole


def _taken(graph: Graph, step: Step) -> Iterator[tuple[int, bool]]:
    """Yield the inputs of a step, and whether their places are needed, where all that it makes is."""
    for slot in step.inputs:
        tokens = graph.tokens.get(slot)
        leaves = tokens is not None and tokens.extra > 0 and step.outputs[0] not in graph.tokens
        yield slot, not (leaves and tokens is not None and _reads_no_place(graph, step, slot, tokens))


def _passed_back(graph: Graph, step: Step) -> Iterator[tuple[int, bool]]:
    """Yield the same where only the tokens that are no place are needed."""
    kind = kind_of(step.op)
    asks = asking(step)[0] if kind in ATTENDING else -1
    only_asks = asks >= 0 and asking(step)[1] != asks
    for slot in step.inputs:
        if kind in ATTENDING:
            yield slot, not (slot == asks and only_asks)
        elif open_doing(step.op):
            tokens = graph.tokens.get(slot)
            yield slot, tokens is None or not _reads_no_place(graph, step, slot, tokens)
        else:
            yield slot, slot not in graph.tokens


def _reads_no_place(graph: Graph, step: Step, slot: int, tokens: Tokens) -> bool:
    """Return True if what a step makes, of tokens those that are no place, has no slope by the places of an input."""
    import keras
    import tensorflow as tf

    noise = _noise(graph, step)
    if noise is None:
        return False
    given, made_of = (
        {one: tf.constant(values) for one, values in noise.items()},
        graph.tokens.get(step.outputs[0]),
    )
    try:
        with keras.StatelessScope(), tf.GradientTape() as tape:
            tape.watch(given[slot])
            made: Any = tf.cast(step.call(given)[0], tf.float32) ** 2
            total = tf.reduce_sum(made)
            if made_of is not None:
                total -= tf.reduce_sum(made_of.maps(made))
        slope = tape.gradient(total, given[slot])
    except Exception:  # a layer of anyone's may refuse noise: then all of it counts
        return False
    return slope is not None and not np.any(tokens.maps(tf.convert_to_tensor(slope)).numpy())


def _noise(graph: Graph, step: Step) -> dict[int, np.ndarray] | None:
    """Return numbers for all inputs of a step; None if the shape of one is not known."""
    rng, found = np.random.default_rng(0), dict[int, np.ndarray]()
    for slot in step.inputs:
        made_by = graph.makers.get(slot)
        if made_by is None or made_by.shape is None or slot != made_by.outputs[0]:
            return None
        tokens = graph.tokens.get(slot)
        sides = [
            n
            for n in (made_by.shape if tokens is None else (tokens.count, *made_by.shape[1:]))
            if n is not None
        ]
        if len(sides) < len(made_by.shape):
            return None
        kind = getattr(made_by.op, "compute_dtype", "float32")
        found[slot] = rng.normal(size=(1, *sides)).astype(kind)
    return found
