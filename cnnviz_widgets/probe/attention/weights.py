"""The weights of attention in a run: asked for, seen in a layer's call or returned, by picture, window and head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..graphs.graph import Graph, Shape, Step, Values
from ..receptive_field import kind_of
from ..tokens.layouts import ATTENDING, open_doing
from ..tokens.tokens import Tokens
from .softmax import Weighing, inside

_BY_HAND = {"Softmax", "Activation"}
_RANKS = (3, 4, 5)  # (N, queries, keys), with heads, and with windows before those


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
        if is_attention(step.op):
            found.append(Attending(step, True))
        elif step.real and open_doing(step.op) and (graph.tokens or _on_rows(graph, step)):
            found.append(Attending(step, False, seen=True))
        elif step.real and kind_of(step.op) in _BY_HAND and _returns_more(graph, step):
            found.append(Attending(step, False))
    return tuple(found)


def is_attention(op: Any) -> bool:
    """Return True for attention of Keras itself: a class derived from it may do otherwise."""
    return kind_of(op) in ATTENDING


def weights_of(graph: Graph, one: Attending, values: Values, rows: Any) -> Weighing | None:
    """Return the weights of a step and their logits, (N, windows, heads, queries, keys); None if there are none.

    A layer that is asked for its scores is called once: what it makes goes on into the network. A second call would
    not see the masks, for Keras takes them off the tensors in the first.
    """
    counts, weighing = counts_of(graph, one.step), None
    if one.known:
        weighing = _asked(one.step, values)
    elif one.seen:
        weighing = _looked_into(one.step, values, counts)
    if weighing is None and not one.known and _returns_more(graph, one.step):
        weighing = next(_returned(one, values, counts), None)
    if weighing is None:
        return None
    logits = None if weighing.logits is None else _laid_out(weighing.logits, rows, counts)
    return Weighing(_laid_out(weighing.weights, rows, counts), logits)


def counts_of(graph: Graph, step: Step) -> set[int | None]:
    """Return how many tokens there may be in a step: those of the network, and the rows that it takes itself."""
    own = {shape[0] for shape in _shapes_given(graph, step) if len(shape) == 2}
    return {tokens.count for tokens in graph.tokens.values()} | own | {None}


def placed(graph: Graph, slot: int) -> Tokens | None:
    """Return how a value lies in the picture; maps are the tokens of their places."""
    if slot in graph.tokens:
        return graph.tokens[slot]
    step = graph.makers.get(slot)
    shape = graph.seen_shape(step.shape or ()) if step is not None else ()
    maps = len(shape) == 3 and slot not in graph.lost and None not in shape[:2]
    return Tokens((int(shape[0] or 1), int(shape[1] or 1))) if maps else None


def _returns_more(graph: Graph, step: Step) -> bool:
    return len(step.outputs) > 1 or step.outputs[0] in graph.lost


def _on_rows(graph: Graph, step: Step) -> bool:
    """Return True if a step takes rows, (N, tokens, C), which may be tokens."""
    return any(len(shape) == 2 for shape in _shapes_given(graph, step))


def _shapes_given(graph: Graph, step: Step) -> list[Shape]:
    makers = [graph.makers[slot] for slot in step.inputs if slot in graph.makers]
    return [maker.shape for maker in makers if maker.shape is not None]


def _looked_into(step: Step, values: Values, counts: set[int | None]) -> Weighing | None:
    """Return the weights in the call of a layer of any author, if they are of one softmax."""
    outputs, found = inside(step, values, lambda: step.call(values))
    values.update(zip(step.outputs, outputs, strict=False))
    between = [one for one in found if _lies_between(one.weights, counts)]
    return between[0] if len(between) == 1 else None


def _lies_between(weights: Any, counts: set[int | None]) -> bool:
    """Return True if both axes of weights are of tokens; that of those that ask may stand before the heads."""
    shape = tuple(weights.shape)
    if shape[-1] == shape[-2] and shape[0] is None:
        return True  # of windows, perhaps
    return shape[-1] in counts and (shape[-2] in counts or (len(shape) == 4 and shape[1] in counts))


def _asked(step: Step, values: Values) -> Weighing | None:
    """Call a layer of Keras for what it makes and the scores with which it does, and return those."""
    import keras

    def call() -> tuple[Any, Any]:
        args, kwargs = step.given(values)
        output, scores = _beside(step.op)(*args, **{**kwargs, "return_attention_scores": True})
        already = kwargs.get("return_attention_scores") is True
        values.update(
            zip(step.outputs, keras.tree.flatten([output, scores] if already else output), strict=False)
        )
        return output, scores

    (output, scores), found = inside(step, values, call)
    axes = getattr(step.op, "attention_axes", None)
    if axes is not None and len(axes) != len(output.shape) - 2:
        return None
    if axes is not None and len(axes) > 1:
        return Weighing(_rows_of_places(scores, len(axes)), None)
    logits = [one.logits for one in found if one.weights.shape.rank == scores.shape.rank]
    return Weighing(scores, logits[0] if len(logits) == 1 else None)


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


def _returned(one: Attending, values: Values, counts: set[int | None]) -> Iterator[Weighing]:
    """Yield what a step makes that has the shape of attention between tokens."""
    alone = not one.seen and len(one.step.inputs) == 1
    for slot in one.step.outputs:
        made = values[slot]
        shape = tuple(getattr(made, "shape", ()))
        square = alone and len(shape) in _RANKS and shape[-1] == shape[-2]  # of windows, perhaps
        if len(shape) in _RANKS and made.dtype.is_floating and (square or set(shape[-2:]) <= counts):
            yield Weighing(made, values[one.step.inputs[0]] if alone else None)


def _laid_out(scores: Any, rows: Any, counts: set[int | None]) -> Any:
    """Return scores as float32 (N, windows, heads, queries, keys); pictures that have no windows are one."""
    import tensorflow as tf

    scores = tf.cast(scores, tf.float32)
    known, shape = scores.shape, tf.shape(scores)
    if known.rank == 5:
        scores = tf.reshape(scores, (shape[0] * shape[1], shape[2], shape[3], shape[4]))
    elif known.rank == 3 and known[1] in counts:  # the heads of a picture stand one behind the other
        many = tf.where(shape[0] % rows == 0, shape[0] // rows, 1)
        scores = tf.reshape(scores, (-1, many, shape[1], shape[2]))
    elif known.rank == 3:
        scores = scores[:, None]
    elif known[2] not in counts and known[1] in counts:
        scores = tf.transpose(scores, (0, 2, 1, 3))
    shape = tf.shape(scores)
    return tf.cond(
        shape[0] % rows == 0,
        lambda: tf.reshape(scores, (rows, shape[0] // rows, shape[1], shape[2], shape[3])),
        lambda: tf.zeros((rows, 0, 0, 0, 0)),
    )
