"""Models of volumes and of videos, of which one slice is explained while the others are held."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers


def of_volumes() -> keras.Model:
    """Return a classifier whose layers have half as many slices from the pooling on."""
    volume = keras.Input((4, 8, 8, 1))
    x = layers.Conv3D(3, 3, padding="same", activation="relu")(volume)
    x = layers.Conv3D(3, 3, padding="same", activation="relu")(layers.MaxPooling3D()(x))
    return keras.Model(volume, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling3D()(x)))


def of_videos() -> keras.Model:
    """Return a classifier that reads what a small network sees in each frame."""
    frame = keras.Input((8, 8, 3))
    seen = keras.Model(frame, layers.Conv2D(3, 3, strides=2, activation="relu")(frame))
    video = keras.Input((3, 8, 8, 3))
    x = layers.TimeDistributed(layers.GlobalAveragePooling2D())(layers.TimeDistributed(seen)(video))
    return keras.Model(video, layers.Dense(3, activation="softmax")(layers.LSTM(4)(x)))


KINDS: dict[str, Callable[[], keras.Model]] = {
    "volume, slice by slice": of_volumes,
    "video, frame by frame": of_videos,
}


def volume_of(model: keras.Model) -> np.ndarray | None:
    """Return a volume of noise for a model that takes one, else None."""
    shape = getattr(model, "input_shape", ())
    deep = isinstance(shape, tuple) and len(shape) == 5
    return np.random.default_rng(0).random(shape[1:]).astype("float32") if deep else None
