"""An objective, turned into a number that the network computes for each image of a batch."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CnnvizError, TargetError
from ..objective import (
    ClassScore,
    Contrast,
    Custom,
    Direction,
    LayerEnergy,
    Matching,
    Mixture,
    Objective,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)

if TYPE_CHECKING:
    from .probe import Probe


@dataclass(frozen=True)
class Run:
    """One forward run, as the score functions see it: tensors, first axis N, computed when they are read."""

    image: Any
    find_output: Callable[[], Any]
    find_logits: Callable[[], Any]
    layer: Callable[[str], Any]

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


def score_of(target: Objective, probe: Probe) -> Score:
    """Return how to compute an objective; one compiled function serves all classes, and all units of a layer."""
    match target:
        case ClassScore():
            return _class_score(target, probe)
        case Unit():
            return _unit(target)
        case LayerEnergy(layer=name):
            return Score(("energy", name), (), lambda run, _: _mean(_float(run.layer(name)) ** 2) / 2)
        case ReconstructionError():
            return Score(
                ("reconstruction",), (), lambda run, _: _mean((_float(run.output) - _float(run.image)) ** 2)
            )
        case Similarity():
            return _similarity(target, probe)
        case Contrast(plus=plus, minus=minus):
            return _contrast(as_objective(plus), as_objective(minus), probe)
        case Custom():
            return Score(("custom", target.function), (), lambda run, _: _custom(target, run))
        case Direction():
            return _direction(target)
        case Matching():
            return _matching(target, probe)
        case Mixture():
            return _sum(list(zip(target.weights, target.objectives, strict=True)), probe)
    raise TargetError(f"{type(target).__name__} is not an objective that a network can be asked for.")


def top_score(probe: Probe) -> Score:
    """Return the logit of whichever class wins, by the same compiled function as that of a class by index."""
    return _logit(np.int32(-1), np.float32(1), probe)


def _class_score(target: ClassScore, probe: Probe) -> Score:
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
            lambda run, _: _column(run.output, 0) if target.index else 1 - _column(run.output, 0),
        )
    return Score(("chance",), (np.int32(target.index),), lambda run, feed: _column(run.output, feed[0]))


def _log_chance(target: ClassScore, probe: Probe) -> Score:
    single = _is_single(probe)
    squashed_alone = single or probe.squash == "sigmoid"
    sign = np.float32(-1 if single and target.index == 0 else 1)

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        if squashed_alone:
            return tf.math.log_sigmoid(_column(run.logits, feed[0]) * feed[1])
        return _column(tf.nn.log_softmax(run.logits), feed[0])

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
            logit, yes = _column(logits, 0), first[0] > 1 - first[0]
            return logit * tf.where(feed[0] < 0, tf.where(yes, 1.0, -1.0), feed[1])
        if first.shape.rank != 1:
            return _column(logits, feed[0])
        winner = tf.argmax(first, output_type=tf.int32)
        return _column(logits, tf.where(feed[0] < 0, winner, feed[0]))

    return Score(("logit",), (index, sign), compute)


def _unit(target: Unit) -> Score:
    channel = np.int32(-1 if target.channel is None else target.channel)
    place = np.array(target.position or (-1, -1), np.int32)
    every_channel, every_place = target.channel is None, target.position is None

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        maps = _float(run.layer(target.layer))
        if not every_place:
            maps = maps[:, feed[1][0], feed[1][1]]
        return _mean(maps if every_channel else _last(maps, feed[0]))

    return Score(("unit", target.layer, every_channel, every_place), (channel, place), compute)


def _similarity(target: Similarity, probe: Probe) -> Score:
    code = probe.code(target.reference, target.layer, pooled=target.pooled)
    if target.metric == "cosine" and not code.any():
        raise TargetError(
            f"the reference's code at {target.layer} is all zero: its cosine with anything is undefined."
        )

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        own = _float(run.layer(target.layer))
        if target.pooled:
            own = tf.reduce_mean(own, axis=(1, 2))
        own = tf.reshape(own, (tf.shape(own)[0], -1))
        if target.metric == "euclidean":
            return -_length(own - feed[0])
        dot = tf.linalg.matvec(own, feed[0])
        return dot if target.metric == "dot" else tf.math.divide_no_nan(dot, _length(own) * tf.norm(feed[0]))

    return Score(("similarity", target.layer, target.metric, target.pooled), (code,), compute)


def _length(vectors: Any) -> Any:
    """Return the lengths of vectors (N, n); the slope of a length of 0 is 0, where `tf.norm` has none."""
    import tensorflow as tf

    squared = tf.reduce_sum(vectors**2, axis=1)
    away = squared > 0
    return tf.where(away, tf.sqrt(tf.where(away, squared, 1.0)), 0.0)


def _contrast(plus: Objective | None, minus: Objective | None, probe: Probe) -> Score:
    return _sum([(sign, side) for sign, side in ((1.0, plus), (-1.0, minus)) if side is not None], probe)


def _sum(terms: list[tuple[float, Objective]], probe: Probe) -> Score:
    """Return the weighted sum of some objectives."""
    sides = [(weight, score_of(term, probe)) for weight, term in terms]
    feed = tuple(n for _, score in sides for n in score.feed)

    def compute(run: Run, given: tuple[Any, ...]) -> Any:
        total, start = 0.0, 0
        for weight, score in sides:
            total += weight * score.compute(run, given[start : start + len(score.feed)])
            start += len(score.feed)
        return total

    return Score(("sum", *((weight, score.key) for weight, score in sides)), feed, compute)


def _direction(target: Direction) -> Score:
    vector = np.array(target.vector, np.float32)
    ahead = (vector / np.linalg.norm(vector)).astype(np.float32)

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        return _mean(tf.tensordot(_float(run.layer(target.layer)), feed[0], 1)[..., None])

    return Score(("direction", target.layer), (ahead,), compute)


def _matching(target: Matching, probe: Probe) -> Score:
    answer = probe.activations(probe.fit(target.reference), target.layer)
    if not answer.any():
        raise TargetError(
            f"the reference's answer at {target.layer} is all zero, so there is nothing to match."
        )

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        own = _float(run.layer(target.layer))
        apart = tf.reduce_sum(tf.reshape((own - feed[0]) ** 2, (tf.shape(own)[0], -1)), axis=1)
        return -apart / tf.reduce_sum(feed[0] ** 2)

    return Score(("matching", target.layer), (answer,), compute)


def _custom(target: Custom, run: Run) -> Any:
    import tensorflow as tf

    output = run.output
    try:
        value = tf.convert_to_tensor(target.function(output))
    except CnnvizError:
        raise
    except Exception as error:
        raise TargetError(
            f"your function {target.name!r} failed on the model's output {tuple(output.shape)}; "
            f"write it with keras.ops or TensorFlow, not NumPy. It said: {str(error)[:300]}"
        ) from error
    if value.shape.rank != 1 or not value.shape.is_compatible_with(output.shape[:1]):
        raise TargetError(_not_one_each(target, tuple(value.shape)))
    return tf.cast(value, tf.float32)


def _not_one_each(target: Custom, shape: tuple[int | None, ...]) -> str:
    return f"your function {target.name!r} must return one number an image, shape (N,); got shape {shape}."


def _float(tensor: Any) -> Any:
    import tensorflow as tf

    return tf.cast(tensor, tf.float32)


def _mean(tensor: Any) -> Any:
    """Return the mean over all axes but the first."""
    import tensorflow as tf

    return tf.reduce_mean(tf.reshape(tensor, (tf.shape(tensor)[0], -1)), axis=1)


def _column(tensor: Any, index: Any) -> Any:
    """Return one class of (N, n), or its mean over places for (N, h, w, n)."""
    return _mean(_last(_float(tensor), index))


def _last(tensor: Any, index: Any) -> Any:
    import tensorflow as tf

    return tf.gather(tensor, index, axis=-1)[..., None]
