"""Moves pictures a little before the network looks, differently at each step, by the step's own seed."""

from __future__ import annotations

from math import pi
from typing import Any

from .settings import Shaking

MID = 0.5


def shaken(shaking: Shaking, pictures: Any, seed: Any) -> Any:
    """Return the pictures, each shifted, turned and scaled at random; `seed` is two whole numbers.

    What a moved pixel takes from its four neighbours passes back to them by the opposite move, which is exact for
    shifts inside the picture and close elsewhere.
    """
    import tensorflow as tf

    if shaking.still:
        return pictures
    height, width = pictures.shape[1], pictures.shape[2]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pictures, transforms=_moves(shaking, tf.shape(pictures)[0], height, width, seed),
        output_shape=tf.constant([height, width]), interpolation="BILINEAR",
        fill_mode={"reflect": "REFLECT", "wrap": "WRAP", "grey": "CONSTANT"}[shaking.beyond], fill_value=MID,
    )  # fmt: skip


def _moves(shaking: Shaking, count: Any, height: int, width: int, seed: Any) -> Any:
    """Return a projective transform (eight numbers) a picture: about the middle, whole pixels of shift."""
    import tensorflow as tf

    drawn = tf.random.stateless_uniform((count, 4), seed, -1.0, 1.0)
    turn, grown = drawn[:, 0] * (shaking.rotation * pi / 180), 1 + drawn[:, 1] * shaking.zoom
    right, down = tf.round(drawn[:, 2] * shaking.jitter), tf.round(drawn[:, 3] * shaking.jitter)
    cos, sin = tf.cos(turn) / grown, tf.sin(turn) / grown
    x, y = (width - 1) / 2 + right, (height - 1) / 2 + down
    zero = tf.zeros_like(cos)
    return tf.stack(
        [
            cos, -sin, (width - 1) / 2 - cos * x + sin * y,
            sin, cos, (height - 1) / 2 - sin * x - cos * y,
            zero, zero,
        ],
        axis=1,
    )  # fmt: skip
