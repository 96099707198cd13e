"""The pulls that keep a climbing picture calm, a number for every pixel."""

from __future__ import annotations

from typing import Any

from .settings import Penalties

MID = 0.5


def pull(penalties: Penalties, pictures: Any) -> Any:
    """Return how each pixel is pulled, (N, H, W, C): minus the slope of the penalties, of about 1 for a weight of 1.

    The penalties are sums over pixels, so that a pixel's pull does not depend on how large the picture is.
    """
    pulls = penalties.blur * _to_blurred(pictures) if penalties.blur else 0.0
    if penalties.variation:
        pulls -= penalties.variation * _slope_of_variation(pictures)
    if penalties.greyness:
        pulls -= penalties.greyness * 2 * (pictures - penalties.ground)
    if penalties.extremes:  # the slope of the power six over twelve; a product is faster than a power
        away = 2 * (pictures - MID)
        squared = away * away
        pulls -= penalties.extremes * squared * squared * away
    return pulls


def _slope_of_variation(pictures: Any) -> Any:
    """Return the slope of half the sum of the differences of neighbours."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        down, right = _steps(pictures)
        total = (tf.reduce_sum(tf.abs(down)) + tf.reduce_sum(tf.abs(right))) / 2
    return tape.gradient(total, pictures)


def _to_blurred(pictures: Any) -> Any:
    """Return minus the slope of half the squared difference from the blurred pictures.

    Blurring with a mirrored border is a symmetric matrix, so its way back is blurring again.
    """
    grain = pictures - blurred(pictures)
    return blurred(grain) - grain


def blurred(pictures: Any) -> Any:
    """Return the pictures, each pixel replaced by a weighted mean of 5 x 5, the border mirrored."""
    import tensorflow as tf

    channels = pictures.shape[-1]
    row = tf.constant([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    kernel = tf.tile((row[:, None] * row[None])[..., None, None], (1, 1, channels, 1))
    padded = tf.pad(pictures, [(0, 0), (2, 2), (2, 2), (0, 0)], mode="SYMMETRIC")
    return tf.nn.depthwise_conv2d(padded, kernel, (1, 1, 1, 1), "VALID")


def _steps(pictures: Any) -> tuple[Any, Any]:
    """Return the differences of neighbours, downwards and to the right."""
    return pictures[:, 1:] - pictures[:, :-1], pictures[:, :, 1:] - pictures[:, :, :-1]
