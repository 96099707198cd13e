"""Pictures written down as the numbers that are climbed, and back; pictures are 0 to 1 here, (N, H, W, C)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .settings import Space

# Square root of the covariance of red, green and blue in photographs, as published with Olah et al., Distill 2017.
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
AMPLITUDE = 4.0  # the same source's scale of the waves, before the squash
MARGIN = 0.01  # a squashed value reaches 0 and 1 only far away; photographs begin this far inside
FAINT = 0.01


def noise(space: Space, count: int, channels: int, seed: int, strength: float = FAINT) -> np.ndarray:
    """Return where `count` climbs begin: faint noise around mid-grey; each picture has noise of its own seed."""
    height, width = space.size
    shape = (channels, height, width // 2 + 1, 2) if space.kind == "fourier" else (height, width, channels)
    drawn = [
        np.random.default_rng((seed, k)).standard_normal(shape, dtype=np.float32) * np.float32(strength)
        for k in range(count)
    ]
    return np.stack(drawn) if space.kind == "fourier" else np.clip(np.stack(drawn) + np.float32(0.5), 0, 1)


def written(space: Space, pictures: np.ndarray) -> np.ndarray:
    """Return the numbers of given pictures, (N, H, W, C) from 0 to 1."""
    if space.kind == "pixels":
        return np.asarray(pictures, np.float32)
    inside = np.clip(pictures.astype(np.float64), MARGIN, 1 - MARGIN)
    waves = AMPLITUDE * np.log(inside / (1 - inside))
    if _mixes(space, pictures.shape[-1]):
        waves = waves @ np.linalg.inv(_mix().astype(np.float64)).T
    spectrum = np.fft.rfft2(np.moveaxis(waves, -1, 1)) / _scale(space)
    return np.stack([spectrum.real, spectrum.imag], axis=-1).astype(np.float32)


def shown(space: Space, numbers: Any) -> Any:
    """Return the pictures of some numbers, as tensors 0 to 1."""
    import tensorflow as tf

    if space.kind == "pixels":
        return numbers
    scaled = numbers * _scale(space)[..., None]
    waves = tf.signal.irfft2d(tf.complex(scaled[..., 0], scaled[..., 1]), list(space.size))
    return tf.transpose(tf.sigmoid(_mixed(space, waves / AMPLITUDE)), (0, 2, 3, 1))


def slope_by_numbers(space: Space, pictures: Any, slope: Any) -> Any:
    """Return the slope by the numbers, of the slope by the pictures that `shown` made of them.

    Backwards through a real wave, each frequency counts twice, but for those that are their own mirror images. This
    takes half of the time of TensorFlow's own way back.
    """
    import tensorflow as tf

    if space.kind == "pixels":
        return slope
    height, width = space.size
    waves = tf.transpose(slope * pictures * (1 - pictures), (0, 3, 1, 2))
    spectrum = tf.signal.rfft2d(_mixed(space, waves / AMPLITUDE, back=True))
    twice = np.full(width // 2 + 1, 2, np.float32)
    twice[0] = 1
    if width % 2 == 0:
        twice[-1] = 1
    return tf.bitcast(spectrum, tf.float32) * (_scale(space) * twice / (height * width))[..., None]


def kept_inside(space: Space, numbers: Any) -> Any:
    """Return numbers whose pictures are within 0 and 1; waves are by nature."""
    import tensorflow as tf

    return tf.clip_by_value(numbers, 0.0, 1.0) if space.kind == "pixels" else numbers


def _mixed(space: Space, waves: Any, back: bool = False) -> Any:
    """Return waves (N, C, H, W) as colours, or, on the way back, slopes by colours as slopes by waves."""
    import tensorflow as tf

    if not _mixes(space, waves.shape[1]):
        return waves
    mix = _mix().T if back else _mix()
    return tf.reshape(
        tf.constant(mix) @ tf.reshape(waves, (-1, 3, waves.shape[2] * waves.shape[3])), tf.shape(waves)
    )


def _mixes(space: Space, channels: int | None) -> bool:
    return space.decorrelated and channels == 3


def _mix() -> np.ndarray:
    """Return the colours' axes as columns, the longest of length 1."""
    return COLOURS / np.linalg.norm(COLOURS, axis=0).max()


def _scale(space: Space) -> np.ndarray:
    """Return the size of each wave, float32 (H, W // 2 + 1): the longer, the larger."""
    height, width = space.size
    rate = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    longest = 1 / max(height, width)
    return np.asarray(np.sqrt(height * width) / np.maximum(rate, longest) ** space.decay, np.float32)
