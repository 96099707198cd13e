"""In which order the channels of a picture arrive somewhere in a network, found by changing one at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CLEAR = 2.0  # how much more than any other the channel moves that a picture's channel has become


def channel_order(
    run: Callable[[np.ndarray], np.ndarray], shape: tuple[int, int, int], span: tuple[float, float]
) -> tuple[int, ...] | None:
    """Return for each channel of a picture which channel it has become; None if channels were mixed.

    Parameters
    ----------
    run : callable
        Takes pictures float32 (N, H, W, C) and returns maps (N, h, w, C), channels last.
    shape : tuple of int
        Of the pictures to try, (H, W, C).
    span : tuple of float
        Lowest and highest value of a picture.
    """
    low, high = span
    channels = shape[2]
    noise = np.random.default_rng(0).uniform(0.3, 0.7, shape) * (high - low) + low
    pictures = np.repeat(noise.astype(np.float32)[None], 1 + channels, axis=0)
    for channel in range(channels):
        pictures[1 + channel, ..., channel] += np.float32(0.2 * (high - low))
    try:
        made = np.asarray(run(pictures), np.float64)
    except Exception:  # what a user's function does not take tells nothing of its order
        return None
    if made.ndim != 4 or made.shape[0] != len(pictures) or made.shape[-1] != channels:
        return None
    moved = np.abs(made[1:] - made[:1]).mean(axis=(1, 2))
    order = moved.argmax(axis=1)
    best = np.take_along_axis(moved, order[:, None], axis=1)[:, 0]
    others = moved.copy()
    np.put_along_axis(others, order[:, None], 0.0, axis=1)
    clear = np.isfinite(moved).all() and (best > 0).all() and (best >= CLEAR * others.max(axis=1)).all()
    return tuple(int(k) for k in order) if clear and len(set(order)) == channels else None
