"""What the numbers of an output are whose end cannot be looked through, found by running the network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..graphs.graph import Graph, Shape, Values
from ..relu_rules import is_relu
from .head import Head

UNKNOWN_SIDE = 64
AMPLITUDES = (
    0.0,
    1.0,
    -30.0,
    255.0,
    -255.0,
    3e4,
    -3e4,
)  # of noise: plain numbers leave 0 to 1 at one of these


def measured(head: Head, graph: Graph, image: int, output: int, made: Shape) -> Head:
    """Return the head with what its numbers turn out to be, where the graph does not tell.

    Rows of several numbers that are shares of 1 for any noise are probabilities by a softmax, those that stay within 0
    and 1, however loud the noise is, by a sigmoid. The network is run once, on a few pictures of noise.

    Parameters
    ----------
    head : Head
        As found in the graph.
    graph : Graph
        The network.
    image, output : int
        Numbers of its picture and of its output.
    made : tuple
        Shape of the output without the batch axis, channels last.
    """
    if head.scale or not made or made[-1] is None:
        return head
    own = next(graph.input_shapes[name] for name, slot in graph.inputs.items() if slot == image)
    if made[-1] == 1 and list(graph.input_shapes.values()).count(own) > 1:
        return replace(head, scale="logit")  # beside no picture at all, a distance of codes of length 1 is 1
    maker = graph.makers.get(output)
    if maker is not None and is_relu(maker):
        return replace(head, scale="logit")  # one that is silent for noise stays within 0 and 1 as well
    rows = _answers(graph, image, output)
    if rows is None or not np.isfinite(rows).all() or rows.min() < 0 or rows.max() > 1:
        return replace(head, scale="logit")
    rows = np.moveaxis(rows, 1, -1) if graph.channels_first and rows.ndim == 4 else rows
    if rows.shape[-1] > 1 and np.abs(rows.sum(axis=-1) - 1).max() < 1e-3:
        return replace(head, squash="softmax", scale="probability")
    lengths = np.sqrt((rows**2).sum(axis=-1))
    one_row = all(n == 1 for n in made[:-1])
    if not one_row or np.abs(lengths - 1).max() < 1e-3 or np.ptp(rows) == 0:
        return replace(head, scale="logit")
    return replace(head, squash="sigmoid", scale="probability")


def _answers(graph: Graph, image: int, output: int) -> np.ndarray | None:
    """Return the output for noise, float32 (N, ...); None if the network does not take it."""
    import keras
    import tensorflow as tf

    source, feed = np.random.default_rng(0), dict[int, Any]()
    count = graph.batch or len(AMPLITUDES)
    try:
        for name, slot in graph.inputs.items():
            side = UNKNOWN_SIDE if slot == image else 1
            shape = (count, *(n or side for n in graph.input_shapes[name]))
            given = np.zeros(shape, np.float32)
            if slot == image:
                loud = np.resize(np.array(AMPLITUDES[::-1], np.float32), count)
                given = source.uniform(0, 1, shape).astype(np.float32) * loud.reshape(
                    -1, *(1,) * (len(shape) - 1)
                )
            kind = graph.input_types[name]
            given = given if "float" in kind else np.clip(given, 0, 255)
            feed[slot] = tf.cast(tf.constant(given), kind)
        with keras.StatelessScope():
            return np.asarray(tf.cast(Values(graph, feed)[output], tf.float32))
    except Exception:  # what the network does not take tells nothing of its answers
        return None
