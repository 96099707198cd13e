"""What a score is: a number that the network computes for each image of a batch, and the means to write one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """One forward run, as the score functions see it: tensors, first axis N, computed when they are read.

    `layer` gives a layer's maps, tokens laid out as such; `as_made` what the layer itself makes.
    """

    image: Any
    find_output: Callable[[], Any]
    find_logits: Callable[[], Any]
    layer: Callable[[str], Any]
    as_made: Callable[[str], Any]

    @property
    def output(self) -> Any:
        """The model's own output, float32."""
        return self.find_output()

    @property
    def logits(self) -> Any:
        """The output before a final softmax or sigmoid, float32."""
        return self.find_logits()


@dataclass(frozen=True)
class Score:
    """What to compute (static, part of the compiled function's name) and the numbers to feed it."""

    key: Hashable
    feed: tuple[Any, ...]
    compute: Callable[[Run, tuple[Any, ...]], Any]


def as_float(tensor: Any) -> Any:
    """Return a tensor as float32."""
    import tensorflow as tf

    return tf.cast(tensor, tf.float32)


def mean(tensor: Any) -> Any:
    """Return the mean over all axes but the first."""
    import tensorflow as tf

    return tf.reduce_mean(tf.reshape(tensor, (tf.shape(tensor)[0], -1)), axis=1)


def column(tensor: Any, index: Any) -> Any:
    """Return one class of (N, n), or its mean over places for (N, h, w, n)."""
    return mean(last(as_float(tensor), index))


def last(tensor: Any, index: Any) -> Any:
    """Return one place of the last axis, kept as an axis of one."""
    import tensorflow as tf

    return tf.gather(tensor, index, axis=-1)[..., None]


def length(vectors: Any) -> Any:
    """Return the lengths of vectors (N, n); the slope of a length of 0 is 0, where `tf.norm` has none."""
    import tensorflow as tf

    squared = tf.reduce_sum(vectors**2, axis=1)
    away = squared > 0
    return tf.where(away, tf.sqrt(tf.where(away, squared, 1.0)), 0.0)
