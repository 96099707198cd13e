"""An objective, turned into a number that the network computes for each image of a batch."""

from __future__ import annotations

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
    Output,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)
from .class_scores import class_score
from .scoring import Run, Score, as_float, last, length, mean

if TYPE_CHECKING:
    from .probe import Probe


def score_of(target: Objective, probe: Probe) -> Score:
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


def _similarity(target: Similarity, probe: Probe) -> Score:
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

        return mean(tf.tensordot(as_float(run.layer(target.layer)), feed[0], 1)[..., None])

    return Score(("direction", target.layer), (ahead,), compute)


def _matching(target: Matching, probe: Probe) -> Score:
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
