"""The class weights on maps that are averaged over all places, which is what class activation mapping reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ModelError
from .graphs.graph import Graph, Step
from .kernels import kernel_values
from .output.head import Head
from .pre_activation import own_activation

_PASSED_ON = {"Dropout", "Flatten", "Reshape", "Identity", "Squeeze", "SpatialDropout2D", "Cast"}


@dataclass(frozen=True)
class Pooled:
    """A classifier that ends in: maps, mean over all places, weighted sum.

    Attributes
    ----------
    layer : str
        The layer whose maps are averaged.
    weights : numpy.ndarray
        float32 (K, n): weight of each map in each logit; the identity if the means are the logits.
    bias : numpy.ndarray
        float32 (n,).
    """

    layer: str
    weights: np.ndarray
    bias: np.ndarray


def pooled_head(graph: Graph, head: Head, name: str) -> Pooled:
    """Return the averaged maps and their class weights.

    Raises
    ------
    ModelError
        If the logits are not a weighted sum of averaged maps; the message names Grad-CAM.
    """
    dense, step = None, head.twin.step if head.twin is not None else graph.makers.get(head.slot)
    while step is not None:
        pooling = is_mean_over_places(step, graph)
        if graph.slices and type(step.op).__name__ == "GlobalAveragePooling3D":
            raise ModelError(
                f"CAM adds up to the score over all slices that {name} averages, so the map of one slice alone is not "
                "its share of the score. Use Grad-CAM."
            )
        if pooling:
            return _found(graph, step, dense, name)
        weighted = linear_weights(step)
        if weighted is not None and dense is None and _is_linear(step, head):
            dense = weighted
        elif type(step.op).__name__ not in _PASSED_ON:
            break
        step = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
    raise ModelError(_why_not(name))


def _why_not(name: str) -> str:
    return (
        f"CAM needs a classifier that ends in global average pooling and at most one dense layer; {name} does not. "
        "Use Grad-CAM, which works on any network."
    )


def _found(graph: Graph, pooling: Step, dense: tuple[np.ndarray, np.ndarray] | None, name: str) -> Pooled:
    maps = graph.makers.get(pooling.inputs[0])
    if maps is None:
        raise ModelError(_why_not(name))
    if dense is not None:
        return Pooled(maps.name, *dense)
    channels = graph.seen_shape(maps.shape or ())[-1] or 0
    return Pooled(maps.name, np.eye(channels, dtype=np.float32), np.zeros(channels, np.float32))


def _is_linear(step: Step, head: Head) -> bool:
    """Return True if nothing but the head's own softmax or sigmoid follows the weighted sum."""
    import keras

    own = own_activation(step.op)
    return own is keras.activations.linear or (head.twin is not None and step is head.twin.step)


def is_weighted_sum(step: Step) -> bool:
    """Return True for a dense layer or a 1x1 convolution, whatever its activation."""
    import keras

    op = step.op
    if type(op) is keras.layers.Conv2D:
        return tuple(op.kernel_size) == (1, 1) and op.groups == 1
    return type(op) is keras.layers.Dense


def linear_weights(step: Step) -> tuple[np.ndarray, np.ndarray] | None:
    """Return weights (K, n) and bias (n,) of a dense layer or a 1x1 convolution, else None."""
    import keras

    op = step.op
    if not is_weighted_sum(step):
        return None
    if type(op) is keras.layers.Dense:
        kernel = np.asarray(keras.ops.convert_to_numpy(op.kernel), np.float32)
    else:
        kernel = kernel_values(op)[0, 0]  # type: ignore[index]
    plain = op.bias is None or not op.use_bias
    bias = np.zeros(kernel.shape[1]) if plain else keras.ops.convert_to_numpy(op.bias)
    return kernel, np.asarray(bias, np.float32)


def is_mean_over_places(step: Step, graph: Graph) -> bool:
    """Return True if a step is the mean of maps over all their places."""
    op, kind = step.op, type(step.op).__name__
    if kind == "GlobalAveragePooling2D":
        return True
    tokens = graph.tokens.get(step.inputs[0]) if step.inputs else None
    if tokens is not None:
        over_tokens = kind == "Mean" and getattr(op, "axis", None) in (1, -2, [1], (1,), [-2], (-2,))
        return not tokens.extra and (kind == "GlobalAveragePooling1D" or over_tokens)
    maps = graph.makers.get(step.inputs[0]) if len(step.inputs) == 1 else None
    if maps is None or maps.shape is None or len(maps.shape) != 3:
        return False
    places = (2, 3) if graph.channels_first else (1, 2)
    if kind == "AveragePooling2D":
        size: Any = maps.shape[1:] if graph.channels_first else maps.shape[:2]
        return tuple(op.pool_size) == tuple(size)
    axis = getattr(op, "axis", None)
    return kind == "Mean" and isinstance(axis, tuple | list) and tuple(a % 4 for a in axis) == places
