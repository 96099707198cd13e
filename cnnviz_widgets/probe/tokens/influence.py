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
    read, whoever asks. A step that takes some tokens out is tried with a tape.

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
        else:
            yield slot, open_doing(step.op) or slot not in graph.tokens


def _reads_no_place(graph: Graph, step: Step, slot: int, tokens: Tokens) -> bool:
    """Return True if what a step makes has no slope by the places among its tokens."""
    import keras
    import tensorflow as tf

    made_by = graph.makers.get(slot)
    if made_by is None or len(step.inputs) != 1 or made_by.shape is None or made_by.shape[-1] is None:
        return False
    noise = np.random.default_rng(0).normal(size=(1, tokens.count, made_by.shape[-1]))
    given = tf.constant(noise, getattr(made_by.op, "compute_dtype", "float32"))
    try:
        with keras.StatelessScope(), tf.GradientTape() as tape:
            tape.watch(given)
            made: Any = step.call({slot: given})[0]
            total = tf.reduce_sum(tf.cast(made, tf.float32) ** 2)
        slope = tape.gradient(total, given)
    except Exception:  # a layer of anyone's may refuse noise: then all of it counts
        return False
    return slope is not None and not np.any(tokens.maps(tf.convert_to_tensor(slope)).numpy())
