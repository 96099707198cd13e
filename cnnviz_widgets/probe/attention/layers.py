"""What each token of a layer of attention reads from which other: the weights of all heads, exact, in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ModelError, listed
from ..graphs.graph import Graph, Step, Values
from ..tokens.layouts import asking, given_in_order
from ..tokens.tokens import Tokens
from .weights import Attending, counts_of, is_attention, placed, weights_of
from .windows import MOST_BYTES, Windows, sorted_by, traces

TOLERANCE = 1e-3  # of the sum of a row, which is 1
HALF_TOLERANCE = 2e-2  # the same where the layer counts with 16 bits


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
    windows : int
        How many windows the tokens are sorted into; a token reads inside of its own alone. 1 if there are none.
    """

    name: str
    heads: int
    queries: int
    keys: int
    query_tokens: Tokens | None
    key_tokens: Tokens | None
    windows: int = 1


def scores_of(graph: Graph, found: tuple[Attending, ...], values: Values, rows: Any) -> list[Any]:
    """Return the scores of each step, tensors (N, windows, heads, queries, keys); one of size 0 if there are none."""
    import tensorflow as tf

    made = [weights_of(graph, one, values, rows) for one in found]
    return [tf.zeros((rows, 0, 0, 0, 0)) if one is None else one.weights for one in made]


def traces_of(
    graph: Graph, found: tuple[Attending, ...], numbers: tuple[int, ...], values: Values, rows: Any
) -> list[Any]:
    """Return `traces` of the steps of some numbers by their sources, one after the other; of size 0 for none."""
    import tensorflow as tf

    made = []
    for k, one in enumerate(found):
        weighing = weights_of(graph, one, values, rows)  # each in turn, as a layer is called once
        if k in numbers:
            sources = sources_of(graph, one.step)
            square = weighing is not None and weighing.logits is not None
            told = traces(weighing.logits, values, sources) if weighing is not None and square else {}
            made += [told.get(slot, tf.zeros((rows, 0, 4))) for slot in sources]
    return made


def sources_of(graph: Graph, step: Step) -> tuple[int, ...]:
    """Return the numbers of the values before a step that are tokens or maps, in their order."""
    slots = [
        slot for earlier in graph.before(step.outputs[0]) if earlier is not step for slot in earlier.outputs
    ]
    return tuple(slot for slot in slots if placed(graph, slot) is not None)


def windows_of(
    graph: Graph, found: tuple[Attending, ...], scores: list[np.ndarray], told: list[np.ndarray]
) -> dict[str, Windows]:
    """Return how tokens are sorted into windows, by layer, for those of which it is found.

    Parameters
    ----------
    graph : Graph
        The network.
    found : tuple of Attending
        The steps.
    scores : list of numpy.ndarray
        Their scores.
    told : list of numpy.ndarray
        What `traces_of` gives for `windowed`.
    """
    rest, made = iter(told), {}
    for k in windowed(scores):
        step, (windows, _, size, _) = found[k].step, scores[k].shape[1:]
        arrays = {slot: next(rest)[0] for slot in sources_of(graph, step)}
        tokens = {slot: placed(graph, slot) or Tokens((0, 0)) for slot in arrays}
        one = sorted_by({s: a for s, a in arrays.items() if a.size}, tokens, windows, size, _is_half(step))
        if one is not None:
            made[step.name] = one
    return made


def windowed(scores: list[np.ndarray]) -> tuple[int, ...]:
    """Return the numbers of those scores that are of several windows of a picture."""
    return tuple(k for k, a in enumerate(scores) if a.size and a.shape[1] > 1 and a.shape[3] == a.shape[4])


def layers_of(
    graph: Graph, found: tuple[Attending, ...], scores: list[np.ndarray], windows: Mapping[str, Windows]
) -> tuple[AttentionLayer, ...]:
    """Return what is known of the steps whose scores, (N, windows, heads, queries, keys), are attention."""
    made = []
    for one, array in zip(found, scores, strict=True):
        name = one.step.name
        if not array.size or not (one.known or _sums_to_one(one.step, array)):
            continue
        _, several, heads, queries, keys = array.shape
        if several == 1 and (one.known or {queries, keys} <= counts_of(graph, one.step)):
            own = _tokens(graph, one.step, queries, first=True), _tokens(graph, one.step, keys, first=False)
            made.append(AttentionLayer(name, heads, queries, keys, *own))
        elif name in windows and heads * windows[name].tokens.count ** 2 * 4 <= MOST_BYTES:
            tokens = windows[name].tokens
            made.append(AttentionLayer(name, heads, tokens.count, tokens.count, tokens, tokens, several))
    return tuple(made)


def unplaced(
    found: tuple[Attending, ...], scores: list[np.ndarray], layers: tuple[AttentionLayer, ...]
) -> tuple[str, ...]:
    """Return the names of those that read inside of windows whose tokens are not found in the picture."""
    known = {layer.name for layer in layers}
    steps = [found[k].step for k in windowed(scores) if _sums_to_one(found[k].step, scores[k])]
    return tuple(step.name for step in steps if step.name not in known)


def unread(
    found: tuple[Attending, ...], layers: tuple[AttentionLayer, ...], in_windows: tuple[str, ...]
) -> str:
    """Return what is to be done for layers whose attention is not read; nothing if there are none.

    Of layers of other authors those are named that are attention by their class or name, else all.
    """
    import keras

    if in_windows:
        return (
            f"Attention inside of windows, in {listed(in_windows)}: which token stands where in which window is not "
            f"found, or a matrix of all tokens is larger than {MOST_BYTES >> 20} MiB. Use a class map, or let the "
            "layer's call return the weights between all tokens beside its output, (N, heads, tokens, tokens)."
        )
    known = {layer.name for layer in layers}
    own = [one.step for one in found if one.seen and isinstance(one.step.op, keras.Layer)]
    steps = [step for step in own if step.name not in known]
    named = [step for step in steps if _called_attention(step)]
    steps = named or ([] if layers else steps)
    if not steps:
        return ""
    return (
        f"No weights between tokens are seen in {listed(step.name for step in steps)}. If that is attention, let its "
        "call return them beside its output, (N, heads, tokens, tokens): return output, weights."
    )


def _called_attention(step: Step) -> bool:
    return isinstance(step.op, _kinds()) or "atten" in f"{type(step.op).__name__} {step.name}".lower()


def _kinds() -> tuple[type, ...]:
    import keras

    layers = keras.layers
    return layers.MultiHeadAttention, layers.GroupQueryAttention, layers.Attention  # additive is an Attention


def checked(step: Step, scores: np.ndarray, windows: Windows | None = None) -> np.ndarray:
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
    whole = scores[0] if windows is None else windows.spread(scores)
    whole.setflags(write=False)
    return whole


def _sums_to_one(step: Step, scores: np.ndarray) -> bool:
    most = HALF_TOLERANCE if _is_half(step) else TOLERANCE
    sums = scores.sum(axis=-1)
    masked = sums == 0  # a query that a mask takes out reads from nothing
    off = np.abs(np.where(masked, 1, sums) - 1).max()
    return bool(off <= most and scores.min() >= 0 and not masked.all())


def _is_half(step: Step) -> bool:
    return "16" in str(getattr(step.op, "compute_dtype", ""))


def _tokens(graph: Graph, step: Step, count: int, first: bool) -> Tokens | None:
    """Return how the tokens that ask, or those that are read, lie in the picture."""
    known = is_attention(step.op)
    given = [asking(step)[0 if first else 1]] if known else given_in_order(step)
    laid = [placed(graph, slot) for slot in given]
    direct = [tokens for tokens in laid if tokens is not None and tokens.count == count]
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


def attention_of(
    found: tuple[Attending, ...],
    layers: tuple[AttentionLayer, ...],
    scores: list[np.ndarray],
    windows: Mapping[str, Windows],
) -> Mapping[str, np.ndarray]:
    """Return the scores of one picture by layer, float32 (heads, queries, keys)."""
    names = {layer.name for layer in layers}
    return {
        one.step.name: checked(one.step, array[0], windows.get(one.step.name))
        for one, array in zip(found, scores, strict=True)
        if one.step.name in names
    }
