"""The score of a class: its logit, its probability, or the logarithm of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..objective import ClassScore
from .scoring import Run, Score, column

if TYPE_CHECKING:
    from .probe import Probe


def top_score(probe: Probe) -> Score:
    """Return the logit of whichever class wins, by the same compiled function as that of a class by index."""
    return _logit(np.int32(-1), np.float32(1), probe)


def class_score(target: ClassScore, probe: Probe) -> Score:
    """Return how to compute the score of a class."""
    if target.of == "log-probability":
        return _log_chance(target, probe)
    if target.of == "logit":
        single = _is_single(probe)
        return _logit(
            np.int32(0 if single else target.index),
            np.float32(-1 if single and target.index == 0 else 1),
            probe,
        )
    if _is_single(probe):
        return Score(
            ("chance", target.index),
            (),
            lambda run, _: column(run.output, 0) if target.index else 1 - column(run.output, 0),
        )
    return Score(("chance",), (np.int32(target.index),), lambda run, feed: column(run.output, feed[0]))


def _log_chance(target: ClassScore, probe: Probe) -> Score:
    single = _is_single(probe)
    squashed_alone = single or probe.squash == "sigmoid"
    sign = np.float32(-1 if single and target.index == 0 else 1)

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        if squashed_alone:
            return tf.math.log_sigmoid(column(run.logits, feed[0]) * feed[1])
        return column(tf.nn.log_softmax(run.logits), feed[0])

    return Score(("log chance",), (np.int32(0 if single else target.index), sign), compute)


def _is_single(probe: Probe) -> bool:
    """Return True for a yes-or-no model with one output: the score of "no" is minus that of "yes"."""
    return probe.classes == 2 and probe.outputs == 1


def _logit(index: np.int32, sign: np.float32, probe: Probe) -> Score:
    single = _is_single(probe)

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        logits, first = run.logits, run.output[0]
        if single:
            logit, yes = column(logits, 0), first[0] > 1 - first[0]
            return logit * tf.where(feed[0] < 0, tf.where(yes, 1.0, -1.0), feed[1])
        if first.shape.rank != 1:
            return column(logits, feed[0])
        winner = tf.argmax(first, output_type=tf.int32)
        return column(logits, tf.where(feed[0] < 0, winner, feed[0]))

    return Score(("logit",), (index, sign), compute)
