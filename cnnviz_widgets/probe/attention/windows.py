"""Attention inside of windows: which token of the picture stands where in which window, and the weights between all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graphs.graph import Values
from ..tokens.tokens import Tokens

MOST_BYTES = 2**28  # of the weights between all tokens of a layer
_OFF, _HALF_OFF = 1e-4, 1e-2  # how far from one multiple a gradient may be, with 32 and with 16 bits


@dataclass(frozen=True, eq=False)
class Windows:
    """How the tokens of a layer are sorted into windows.

    Attributes
    ----------
    tokens : Tokens
        The tokens, before they are sorted.
    place : numpy.ndarray
        (windows, tokens of a window) int: which token stands there, -1 where there is none, as in padding.
    """

    tokens: Tokens
    place: np.ndarray

    def spread(self, weights: np.ndarray) -> np.ndarray:
        """Return weights (windows, heads, n, n) as (heads, tokens, tokens), with 0 from one window to another."""
        count = self.tokens.count
        whole = np.zeros((weights.shape[1], count, count), np.float32)
        for window, own in zip(weights, self.place, strict=True):
            at = np.flatnonzero(own >= 0)
            whole[:, own[at][:, None], own[at]] = window[:, at[:, None], at]
        return whole


def traces(logits: Any, values: Values, slots: Sequence[int]) -> dict[int, Any]:
    """Return by how much the logits with which each place of the windows reads from itself move with values.

    What a place asks itself depends on the one token that stands there, so its gradient by the tokens tells
    which. All places are asked at once: as they are, and each with a digit of its number before it.

    Parameters
    ----------
    logits : tensor
        (N, windows, heads, n, n).
    values : Values
        The values of the run, which a graph is being traced of.
    slots : sequence of int
        Numbers of the values that may be the tokens.

    Returns
    -------
    dict of int to tensor
        By number, (N, tokens, 4): the gradient's own square, its two digits, and what is left over.
    """
    import tensorflow as tf

    own = tf.reduce_sum(tf.linalg.diag_part(logits), axis=2)
    own = tf.reshape(own, (tf.shape(own)[0], -1))
    number = tf.range(tf.shape(own)[1])
    base = _base(number)
    taken = [values[slot] for slot in slots]
    digits = (tf.ones_like(number), number // base, number % base)
    moved = [tf.gradients(tf.reduce_sum(own * tf.cast(digit, own.dtype)), taken) for digit in digits]
    return {
        slot: _told(*gradients)
        for slot, *gradients in zip(slots, *moved, strict=True)
        if gradients[0] is not None
    }


def _base(number: Any) -> Any:
    import tensorflow as tf

    return tf.cast(tf.math.ceil(tf.sqrt(tf.cast(tf.size(number), tf.float32))), number.dtype)


def _told(plain: Any, high: Any, low: Any) -> Any:
    """Return of three gradients (N, ..., C) what they tell of each token, (N, tokens, 4)."""
    import tensorflow as tf

    shape = tf.shape(plain)
    plain, high, low = (
        tf.cast(tf.reshape(each, (shape[0], -1, shape[-1])), tf.float64) for each in (plain, high, low)
    )
    square = tf.reduce_sum(plain**2, axis=-1)
    digits = [tf.math.divide_no_nan(tf.reduce_sum(each * plain, -1), square) for each in (high, low)]
    rest = [
        tf.reduce_sum((each - digit[..., None] * plain) ** 2, -1)
        for each, digit in zip((high, low), digits, strict=True)
    ]
    left = tf.math.divide_no_nan(tf.add_n(rest), square)
    return tf.cast(tf.stack([tf.cast(square > 0, tf.float64), *digits, left], axis=-1), tf.float32)


def sorted_by(
    told: Mapping[int, np.ndarray], tokens: Mapping[int, Tokens], windows: int, size: int, half: bool
) -> Windows | None:
    """Return how tokens are sorted into windows, by the earliest value of which each token stands at one place.

    Parameters
    ----------
    told : mapping
        Of `traces`, for one picture: (tokens, 4) by number.
    tokens : mapping
        How those values lie in the picture.
    windows, size : int
        How many windows there are, and how many tokens in each.
    half : bool
        Whether the layer computes with 16 bits.
    """
    base = math.ceil(math.sqrt(windows * size))
    for slot, array in told.items():
        any_at_all, high, low, left = array.astype(np.float64).T
        digits = np.round([high, low])
        sure = left.max() <= (_HALF_OFF if half else _OFF) and np.abs(digits - [high, low]).max() < 0.2
        place = (digits[0] * base + digits[1]).astype(int)
        known = tokens[slot].count == len(place) and any_at_all.all()
        if (
            sure
            and known
            and len(set(place)) == len(place)
            and 0 <= place.min() <= place.max() < windows * size
        ):
            found = np.full(windows * size, -1)
            found[place] = np.arange(len(place))
            return Windows(tokens[slot], found.reshape(windows, size))
    return None
