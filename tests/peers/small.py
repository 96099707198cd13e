"""The small network and picture that the reference arrays were made with; the same wherever it is built."""

from __future__ import annotations

import keras
import numpy as np

INDEX = 2


def network() -> keras.Model:
    """Return two convolutions with ReLU, a pooling, and four plain scores."""
    image = keras.Input((16, 20, 3), name="image")
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="conv_1")(image)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    x = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="conv_2")(x)
    x = keras.layers.Flatten(name="flat")(x)
    model = keras.Model(image, keras.layers.Dense(4, name="scores")(x), name="small")
    source = np.random.default_rng(21)
    model.set_weights(
        [source.normal(0, 0.2, weight.shape).astype(np.float32) for weight in model.get_weights()]
    )
    return model


def pixels() -> np.ndarray:
    """Return a picture, float32 (16, 20, 3) from 0 to 1."""
    return np.random.default_rng(22).uniform(0, 1, (16, 20, 3)).astype(np.float32)
