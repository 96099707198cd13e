"""Scores: a number that the network computes for each image of a batch, made from an objective."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CnnvizError, TargetError
from ..objectives import (
    ClassScore,
    Contrast,
    Custom,
    Direction,
    LayerEnergy,
    Matching,
    Mixture,
    Objective,
    Output,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)
from ..regions import Box, Mask
from .runnable_model import RunnableModel


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


def top_score(probe: RunnableModel) -> Score:
    """Return the score of whichever class wins, by the same compiled function as that of a class by index."""
    return _logit(np.int32(-1), np.float32(1), probe)


def class_score(target: ClassScore, probe: RunnableModel) -> Score:
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


def _logit_of(run: Run, probe: RunnableModel, sign: Any) -> Any:
    return _rows(run.logits, probe) * sign


def _chance(run: Run, probe: RunnableModel, sign: Any) -> Any:
    import tensorflow as tf

    output = _rows(run.output, probe)
    if probe.scale == "log-probability":
        return tf.exp(output)
    if probe.squash:
        return output if not _is_single(probe) else 0.5 + (output - 0.5) * sign
    if _apart(probe):
        return tf.sigmoid(_logit_of(run, probe, sign))
    return tf.where(_shares(output), output, tf.nn.softmax(output))


def _log_chance(run: Run, probe: RunnableModel, sign: Any) -> Any:
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


def _rows(tensor: Any, probe: RunnableModel) -> Any:
    """Return (N, ..., n); a row of class scores as one, whatever axes of length 1 it has."""
    import tensorflow as tf

    return tf.reshape(tensor, (tf.shape(tensor)[0], -1)) if probe.gives_classes else tensor


def _apart(probe: RunnableModel) -> bool:
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


def _is_single(probe: RunnableModel) -> bool:
    """Return True for a yes-or-no model with one output: the score of "no" is minus that of "yes"."""
    return probe.classes == 2 and probe.outputs == 1


def _logit(index: np.int32, sign: np.float32, probe: RunnableModel) -> Score:
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


def score_of(target: Objective, probe: RunnableModel) -> Score:
    """Return how to compute an objective; one compiled function serves all classes, and all units of a layer."""
    match target:
        case ClassScore():
            return class_score(target, probe)
        case Output(indices=indices):
            return _output(indices)
        case Unit():
            return _unit(target)
        case LayerEnergy(layer=name):
            return Score(("energy", name), (), lambda run, _: mean(as_float(run.layer(name)) ** 2) / 2)
        case ReconstructionError():
            return _reconstruction(probe.rebuilt_from)
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


def _reconstruction(like: str) -> Score:
    def compute(run: Run, _: tuple[Any, ...]) -> Any:
        given = run.layer(like) if like else run.image
        return mean((as_float(run.output) - as_float(given)) ** 2)

    return Score(("reconstruction", like), (), compute)


def _output(indices: tuple[int, ...]) -> Score:
    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        rest, output = tf.ones_like(feed[0]), run.output
        output = output[:, None] if output.shape.rank == 1 else output
        return mean(tf.slice(output, tf.concat([[0], feed[0]], 0), tf.concat([[-1], rest], 0)))

    return Score(("number", len(indices)), (np.array(indices, np.int32),), compute)


def _unit(target: Unit) -> Score:
    channel = np.int32(-1 if target.channel is None else target.channel)
    place = np.array(target.position or (-1, -1), np.int32)
    every_channel, every_place = target.channel is None, target.position is None

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        maps = as_float(run.layer(target.layer))
        if not every_place:
            maps = maps[:, feed[1][0], feed[1][1]]
        return mean(maps if every_channel else last(maps, feed[0]))

    return Score(("unit", target.layer, every_channel, every_place), (channel, place), compute)


def _similarity(target: Similarity, probe: RunnableModel) -> Score:
    code = probe.code(target.reference, target.layer, pooled=target.pooled)
    if target.metric == "cosine" and not code.any():
        raise TargetError(
            f"the reference's code at {target.layer} is all zero: its cosine with anything is undefined."
        )

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        own = as_float(run.layer(target.layer))
        if target.pooled:
            own = tf.reduce_mean(own, axis=(1, 2))
        own = tf.reshape(own, (tf.shape(own)[0], -1))
        if target.metric == "euclidean":
            return -length(own - feed[0])
        dot = tf.linalg.matvec(own, feed[0])
        return dot if target.metric == "dot" else tf.math.divide_no_nan(dot, length(own) * tf.norm(feed[0]))

    return Score(("similarity", target.layer, target.metric, target.pooled), (code,), compute)


def _contrast(plus: Objective | None, minus: Objective | None, probe: RunnableModel) -> Score:
    return _sum([(sign, side) for sign, side in ((1.0, plus), (-1.0, minus)) if side is not None], probe)


def _sum(terms: list[tuple[float, Objective]], probe: RunnableModel) -> Score:
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

        return mean(tf.tensordot(as_float(run.layer(target.layer)), feed[0], 1)[..., None])

    return Score(("direction", target.layer), (ahead,), compute)


def _matching(target: Matching, probe: RunnableModel) -> Score:
    answer = probe.activations(probe.fit(target.reference), target.layer)
    if not answer.any():
        raise TargetError(
            f"the reference's answer at {target.layer} is all zero, so there is nothing to match."
        )

    def compute(run: Run, feed: tuple[Any, ...]) -> Any:
        import tensorflow as tf

        own = as_float(run.layer(target.layer))
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
