"""The score of a class: its logit, its probability, or the logarithm of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TargetError
from ..objective import Box, ClassScore, Mask
from .scoring import Run, Score, column, last, mean

if TYPE_CHECKING:
    from .probe import Probe


def top_score(probe: Probe) -> Score:
    """Return the score of whichever class wins, by the same compiled function as that of a class by index."""
    return _logit(np.int32(-1), np.float32(1), probe)


def class_score(target: ClassScore, probe: Probe) -> Score:
    """Return how to compute the score of a class; one compiled function serves all classes and places of a kind."""
    single = _is_single(probe)
    index = np.int32(0 if single else probe.first_class + target.number)
    sign = np.float32(-1 if single and target.number == 0 else 1)
    if target.at is None and target.of == probe.scale and probe.gives_classes:
        return _logit(index, sign, probe)
    kind, feed = _place(target.at)

    def compute(run: Run, given: tuple[Any, ...]) -> Any:
        values = _SCORES[target.of](run, probe, given[1])
        return _mean_at(last(values, given[0]), kind, given[2:])

    return Score(("class", target.of, kind, len(feed and feed[0])), (index, sign, *feed), compute)


def _logit_of(run: Run, probe: Probe, sign: Any) -> Any:
    return _rows(run.logits, probe) * sign


def _chance(run: Run, probe: Probe, sign: Any) -> Any:
    import tensorflow as tf

    output = _rows(run.output, probe)
    if probe.scale == "log-probability":
        return tf.exp(output)
    if probe.squash:
        return output if not _is_single(probe) else 0.5 + (output - 0.5) * sign
    if _apart(probe):
        return tf.sigmoid(_logit_of(run, probe, sign))
    return tf.where(_shares(output), output, tf.nn.softmax(output))


def _log_chance(run: Run, probe: Probe, sign: Any) -> Any:
    import tensorflow as tf

    if probe.scale == "log-probability":
        return _rows(run.output, probe)
    if probe.scale == "probability":
        return tf.math.log(tf.maximum(_chance(run, probe, sign), np.float32(1e-30)))
    if _apart(probe):
        return tf.math.log_sigmoid(_logit_of(run, probe, sign))
    if probe.squash:
        return tf.nn.log_softmax(_rows(run.logits, probe))
    output = _rows(run.output, probe)
    safe = tf.maximum(output, np.float32(1e-30))
    return tf.where(_shares(output), tf.math.log(safe), tf.nn.log_softmax(output))


_SCORES = {"logit": _logit_of, "probability": _chance, "log-probability": _log_chance}


def _rows(tensor: Any, probe: Probe) -> Any:
    """Return (N, ..., n); a row of class scores as one, whatever axes of length 1 it has."""
    import tensorflow as tf

    return tf.reshape(tensor, (tf.shape(tensor)[0], -1)) if probe.gives_classes else tensor


def _apart(probe: Probe) -> bool:
    """Return True if each class has a probability of its own, by a sigmoid of the model or one that is meant."""
    return _is_single(probe) or probe.squash == "sigmoid" or probe.task == "multilabel"


def _shares(output: Any) -> Any:
    """Return whether rows of numbers are shares of 1 already."""
    import tensorflow as tf

    whole = tf.abs(tf.reduce_sum(output, axis=-1, keepdims=True) - 1) < 1e-3
    return whole & (tf.reduce_min(output, axis=-1, keepdims=True) >= 0)


def _place(at: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the kind of a place and the numbers that say which one it is."""
    match at:
        case None:
            return "everywhere", ()
        case Mask(places=places):
            return "mask", (places.astype(np.float32) / np.float32(np.count_nonzero(places)),)
        case Box(top=top, left=left, height=height, width=width):
            return "box", (np.array([top, left], np.int32), np.array([height, width], np.int32))
        case int():
            return "box", (np.array([at], np.int32), np.ones(1, np.int32))
        case tuple():
            return "box", (np.array(at, np.int32), np.ones(len(at), np.int32))
    raise TargetError(f"the place {at!r} is not resolved yet: use probe.target(target, image).")


def _mean_at(values: Any, kind: str, given: tuple[Any, ...]) -> Any:
    """Return the mean of (N, ..., 1) over some of its places."""
    import tensorflow as tf

    if kind == "box":
        begin, size = (
            tf.concat([[first], part, [last]], 0)
            for part, (first, last) in zip(given, ((0, 0), (-1, 1)), strict=True)
        )
        return mean(tf.slice(values, begin, size))
    if kind == "mask":
        weights = given[0][None, ..., None]
        return tf.reduce_sum(
            tf.reshape(tf.where(weights > 0, values, 0.0) * weights, (tf.shape(values)[0], -1)), axis=1
        )
    return mean(values)


def _is_single(probe: Probe) -> bool:
    """Return True for a yes-or-no model with one output: the score of "no" is minus that of "yes"."""
    return probe.classes == 2 and probe.outputs == 1


def _logit(index: np.int32, sign: np.float32, probe: Probe) -> Score:
    single = _is_single(probe)

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        logits = _rows(run.logits, probe)
        if single:
            logit = column(logits, 0)
            yes = logit > (0.5 if probe.scale == "probability" else 0.0)
            side = tf.where(feed[0] < 0, tf.where(yes, 1.0, -1.0), feed[1])
            return 0.5 + (logit - 0.5) * side if probe.scale == "probability" else logit * side
        winner = tf.argmax(_rows(run.output, probe)[0], output_type=tf.int32)
        return column(logits, tf.where(feed[0] < 0, winner, feed[0]))

    return Score(("logit",), (index, sign), compute)
