"""Finds how a user's `preprocess` maps a picture's values, so that pictures can be climbed in the user's own range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ModelError

SIDE = 8
MISSED = 1e-4


@dataclass(frozen=True)
class Outlet:
    """How a picture from 0 to 1 becomes what the network takes: ``picture @ mix + shift``, channel by channel."""

    mix: tuple[tuple[float, ...], ...]
    shift: tuple[float, ...]

    def __call__(self, pictures: Any) -> Any:
        """Return pictures (N, H, W, C) as the network takes them."""
        import tensorflow as tf

        mix = np.array(self.mix, np.float32)
        alone = np.diag(np.diag(mix))
        if (mix == alone).all():
            return pictures * tf.constant(np.diag(mix)) + tf.constant(self.shift)
        return tf.einsum("nhwc,cd->nhwd", pictures, tf.constant(mix)) + tf.constant(self.shift)


def outlet_of(
    preprocess: Callable[[np.ndarray], np.ndarray] | None, channels: int, low: float, high: float
) -> Outlet:
    """Return the map from pictures of 0 to 1 to what the network takes.

    Without `preprocess` that is ``low + (high - low) * picture``. With it, the map is read off plain pictures and
    checked on a random one.

    Raises
    ------
    ModelError
        If `preprocess` does more than to weigh, swap and shift the channels of each pixel.
    """
    span = np.float32(high - low)
    if preprocess is None:
        return _outlet(np.eye(channels) * span, np.full(channels, low))
    plain = np.full((1 + channels, SIDE, SIDE, channels), low, np.float32)
    for channel in range(channels):
        plain[1 + channel, ..., channel] = high
    ends = np.asarray(preprocess(plain), np.float64).mean(axis=(1, 2))
    mix, shift = ends[1:] - ends[0], ends[0]
    trial = np.random.default_rng(0).random((1, SIDE, SIDE, channels))
    expected = trial @ mix + shift
    made = np.asarray(preprocess((trial * span + low).astype(np.float32)), np.float64)
    if np.abs(made - expected).max() > MISSED * max(np.abs(mix).max(), 1e-6):
        raise ModelError(
            "preprocess does more than to weigh and shift the colours of each pixel, so pictures cannot be made "
            "through it. Put it into the model as layers (Rescaling, Normalization, ...), and leave preprocess out."
        )
    return _outlet(mix, shift)


def _outlet(mix: np.ndarray, shift: np.ndarray) -> Outlet:
    return Outlet(tuple(tuple(float(x) for x in row) for row in mix), tuple(float(x) for x in shift))
