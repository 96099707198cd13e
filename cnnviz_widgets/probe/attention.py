"""What each token of a layer of attention reads from which other: the weights of all heads, exact, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ModelError, listed
from .graph import Graph, Shape, Step, Values
from .layouts import ATTENDING, asking, given_in_order, open_doing
from .reach import kind_of
from .softmaxes import seen_inside
from .tokens import Tokens

TOLERANCE = 1e-3  # of the sum of a row, which is 1
HALF_TOLERANCE = 2e-2  # the same where the layer counts with 16 bits
_BY_HAND = {"Softmax", "Activation"}


@dataclass(frozen=True)
class AttentionLayer:
    """A layer in which tokens read from tokens.

    Attributes
    ----------
    name : str
        The layer.
    heads : int
        How many sets of weights it has.
    queries, keys : int
        How many tokens ask, and from how many they read; the same tokens in self-attention.
    query_tokens, key_tokens : Tokens or None
        How those tokens lie in the picture: ``grid`` (rows, columns), ``before`` and ``after`` (tokens that are no
        place); None if they are no places of the picture.
    """

    name: str
    heads: int
    queries: int
    keys: int
    query_tokens: Tokens | None
    key_tokens: Tokens | None


@dataclass(frozen=True, eq=False)
class Attending:
    """A step whose attention can be read.

    Attributes
    ----------
    step : Step
        The step.
    known : bool
        True for a layer of Keras, which is called again for its scores.
    seen : bool
        True for a layer whose author may have written attention in it: its call is looked into.
    """

    step: Step
    known: bool
    seen: bool = False


def attending(graph: Graph) -> tuple[Attending, ...]:
    """Return the steps that are attention, or may be: those of other authors are known by what they do."""
    found = []
    for step in graph.steps:
        if _is_attention(step.op):
            found.append(Attending(step, True))
        elif step.real and open_doing(step.op) and (graph.tokens or _on_rows(graph, step)):
            found.append(Attending(step, False, seen=True))
        elif step.real and kind_of(step.op) in _BY_HAND and graph.tokens and _returns_more(graph, step):
            found.append(Attending(step, False))
    return tuple(found)


def scores_of(graph: Graph, found: tuple[Attending, ...], values: Values, rows: Any) -> list[Any]:
    """Return the scores of each step, tensors (N, heads, queries, keys); one of size 0 where there are none.

    A layer that is asked for its scores is called once: what it makes goes on into the network. A second call would
    not see the masks, for Keras takes them off the tensors in the first.
    """
    made = []
    for one in found:
        scores = None
        if one.known or one.seen:
            outputs, scores = _asked(one.step, values) if one.known else _looked_into(graph, one.step, values)
            values.update(zip(one.step.outputs, outputs, strict=False))
        if not one.known and scores is None and _returns_more(graph, one.step):
            scores = next(_returned(graph, one.step, values), None)
        made.append(_by_head(scores, rows, _counts(graph, one.step)))
    return made


def layers_of(
    graph: Graph, found: tuple[Attending, ...], scores: list[np.ndarray]
) -> tuple[AttentionLayer, ...]:
    """Return what is known of the steps whose scores, (N, heads, queries, keys), are attention."""
    made = []
    for one, array in zip(found, scores, strict=True):
        if array.size and (one.known or _sums_to_one(one.step, array)):
            heads, queries, keys = array.shape[1:]
            own = _tokens(graph, one.step, queries, first=True), _tokens(graph, one.step, keys, first=False)
            made.append(AttentionLayer(one.step.name, heads, queries, keys, *own))
    return tuple(made)


def unread(found: tuple[Attending, ...], layers: tuple[AttentionLayer, ...]) -> str:
    """Return what is to be done for layers of other authors in which no attention was seen; nothing if there are none.

    Those are named that are attention by their class or name, else all.
    """
    known = {layer.name for layer in layers}
    steps = [one.step for one in found if one.seen and one.step.name not in known]
    steps = [step for step in steps if _called_attention(step)] or steps
    if not steps:
        return ""
    names = listed(step.name for step in steps)
    return (
        f"No weights between tokens are seen in {names}. If that is attention, let its call return them beside its "
        "output, (N, heads, tokens, tokens): return output, weights."
    )


def _called_attention(step: Step) -> bool:
    return isinstance(step.op, _kinds()) or "atten" in f"{type(step.op).__name__} {step.name}".lower()


def _kinds() -> tuple[type, ...]:
    import keras

    layers = keras.layers
    return layers.MultiHeadAttention, layers.GroupQueryAttention, layers.Attention  # additive is an Attention


def checked(step: Step, scores: np.ndarray) -> np.ndarray:
    """Return the scores of a picture, (heads, queries, keys), read-only.

    Raises
    ------
    ModelError
        If the weights of a token do not add up to 1, as they do not in a network with NaN weights.
    """
    if not _sums_to_one(step, scores):
        sums = scores.sum(axis=-1)
        raise ModelError(
            f"The attention of {step.name} cannot be read: the weights with which a token reads must add up to 1; "
            f"they add up to {sums.min():.3g} .. {sums.max():.3g}. Is it attention with a softmax, and are its weights "
            "numbers?"
        )
    scores.setflags(write=False)
    return scores


def _sums_to_one(step: Step, scores: np.ndarray) -> bool:
    half = "16" in str(getattr(step.op, "compute_dtype", ""))
    most = HALF_TOLERANCE if half else TOLERANCE
    sums = scores.sum(axis=-1)
    masked = sums == 0  # a query that a mask takes out reads from nothing
    off = np.abs(np.where(masked, 1, sums) - 1).max()
    return bool(off <= most and scores.min() >= 0 and not masked.all())


def _is_attention(op: Any) -> bool:
    """Return True for attention of Keras itself: a class derived from it may do otherwise."""
    return kind_of(op) in ATTENDING


def _returns_more(graph: Graph, step: Step) -> bool:
    return len(step.outputs) > 1 or step.outputs[0] in graph.lost


def _on_rows(graph: Graph, step: Step) -> bool:
    """Return True if a step takes rows, (N, tokens, C), which may be tokens."""
    return any(len(shape) == 2 for shape in _shapes_given(graph, step))


def _shapes_given(graph: Graph, step: Step) -> list[Shape]:
    makers = [graph.makers[slot] for slot in step.inputs if slot in graph.makers]
    return [maker.shape for maker in makers if maker.shape is not None]


def _counts(graph: Graph, step: Step) -> set[int | None]:
    """Return how many tokens there may be in a step: those of the network, and the rows that it takes itself."""
    own = {shape[0] for shape in _shapes_given(graph, step) if len(shape) == 2}
    return {tokens.count for tokens in graph.tokens.values()} | own | {None}


def _looked_into(graph: Graph, step: Step, values: Values) -> tuple[list[Any], Any]:
    """Return what a layer of any author makes, and the weights between tokens in it, if they are of one softmax."""
    outputs, found = seen_inside(step, values)
    counts = _counts(graph, step)
    between = [one.weights for one in found if _lies_between(one.weights, counts)]
    return outputs, between[0] if len(between) == 1 else None


def _lies_between(weights: Any, counts: set[int | None]) -> bool:
    """Return True if both axes of weights are of tokens; that of those that ask may stand before the heads."""
    shape = tuple(weights.shape)
    return shape[-1] in counts and (shape[-2] in counts or (len(shape) == 4 and shape[1] in counts))


def _asked(step: Step, values: Values) -> tuple[list[Any], Any]:
    """Return what a layer of Keras makes, and the scores with which it does."""
    import keras

    args, kwargs = step.given(values)
    already = kwargs.get("return_attention_scores") is True
    output, scores = _beside(step.op)(*args, **{**kwargs, "return_attention_scores": True})
    made = [output, scores] if already else [output]
    axes = getattr(step.op, "attention_axes", None)
    if axes is not None and len(axes) > 1:
        scores = _rows_of_places(scores, len(axes))
    whole = axes is None or len(axes) == len(output.shape) - 2
    return keras.tree.flatten(made), scores if whole else None


def _beside(layer: Any) -> Any:
    """Return a second object with a layer's weights and settings, which may return scores and may be written to.

    Flash attention refuses to return scores, and grouped attention notes on itself that it was asked for them.
    """
    twin = object.__new__(type(layer))
    twin.__dict__.update(vars(layer))
    if twin.__dict__.get("_flash_attention"):
        twin.__dict__["_flash_attention"] = False
    return twin


def _rows_of_places(scores: Any, axes: int) -> Any:
    """Return (N, heads, rows, columns, rows, columns) as (N, heads, queries, keys)."""
    import tensorflow as tf

    shape = tf.shape(scores)
    queries, keys = tf.reduce_prod(shape[2 : 2 + axes]), tf.reduce_prod(shape[2 + axes :])
    return tf.reshape(scores, (shape[0], shape[1], queries, keys))


def _returned(graph: Graph, step: Step, values: Values) -> Iterator[Any]:
    """Yield what a step makes that has the shape of attention between tokens."""
    counts = _counts(graph, step)
    for slot in step.outputs:
        made = values[slot]
        shape = tuple(getattr(made, "shape", ()))
        if len(shape) in (3, 4) and made.dtype.is_floating and set(shape[-2:]) <= counts:
            yield made


def _by_head(scores: Any, rows: Any, counts: set[int | None]) -> Any:
    """Return scores as float32 (N, heads, queries, keys); windows, of which a picture has several, give none."""
    import tensorflow as tf

    if scores is None or scores.shape.rank not in (3, 4):
        return tf.zeros((rows, 0, 0, 0))
    scores = tf.cast(scores, tf.float32)
    if scores.shape.rank == 3:
        shape = tf.shape(scores)  # the heads of a picture stand one behind the other
        many = tf.where(shape[0] % rows == 0, shape[0] // rows, 1)
        scores = tf.reshape(scores, (-1, many, shape[1], shape[2]))
    elif scores.shape[2] not in counts and scores.shape[1] in counts:
        scores = tf.transpose(scores, (0, 2, 1, 3))
    return tf.cond(tf.shape(scores)[0] == rows, lambda: scores, lambda: tf.zeros((rows, 0, 0, 0)))


def _tokens(graph: Graph, step: Step, count: int, first: bool) -> Tokens | None:
    """Return how the tokens that ask, or those that are read, lie in the picture."""
    known = _is_attention(step.op)
    given = [asking(step)[0 if first else 1]] if known else given_in_order(step)
    placed = [_placed(graph, slot) for slot in given]
    direct = [tokens for tokens in placed if tokens is not None and tokens.count == count]
    if direct or known:
        return direct[0] if direct else None
    before = {
        graph.tokens[slot]
        for earlier in graph.before(step.outputs[0])
        for slot in earlier.outputs
        if slot in graph.tokens and graph.tokens[slot].count == count
    }
    grids = {(tokens.grid, tokens.before, tokens.after) for tokens in before}
    return before.pop() if len(grids) == 1 else None


def _placed(graph: Graph, slot: int) -> Tokens | None:
    """Return how a value lies in the picture; maps are the tokens of their places."""
    if slot in graph.tokens:
        return graph.tokens[slot]
    step = graph.makers.get(slot)
    shape = graph.seen_shape(step.shape or ()) if step is not None else ()
    maps = len(shape) == 3 and slot not in graph.lost and None not in shape[:2]
    return Tokens((int(shape[0] or 1), int(shape[1] or 1))) if maps else None


def attention_of(
    found: tuple[Attending, ...], layers: tuple[AttentionLayer, ...], scores: list[np.ndarray]
) -> Mapping[str, np.ndarray]:
    """Return the scores of one picture by layer, float32 (heads, queries, keys)."""
    names = {layer.name for layer in layers}
    return {
        one.step.name: checked(one.step, array[0])
        for one, array in zip(found, scores, strict=True)
        if one.step.name in names
    }
