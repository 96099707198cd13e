"""Tiny models whose answers can be worked out by hand."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tests.models import SIDE


def linear(weights: np.ndarray, bias: float = 0.0) -> keras.Model:
    """Return a model whose one score is sum(weights * x) + bias, for weights (H, W, C)."""
    image = keras.Input(weights.shape, name="image")
    dense = layers.Dense(1, name="score")
    model = keras.Model(image, dense(layers.Flatten()(image)), name="linear")
    dense.set_weights([weights.reshape(-1, 1), np.array([bias])])
    return model


def two_class_linear(weights: np.ndarray) -> keras.Model:
    """Return a softmax classifier whose logits are plus and minus sum(weights * x)."""
    image = keras.Input(weights.shape, name="image")
    dense = layers.Dense(2, activation="softmax", name="classes")
    model = keras.Model(image, dense(layers.Flatten()(image)), name="two_class_linear")
    flat = weights.reshape(-1, 1)
    dense.set_weights([np.concatenate([flat, -flat], axis=1), np.zeros(2)])
    return model


def averaging(kernel: np.ndarray, dense_weights: np.ndarray, side: int = SIDE) -> keras.Model:
    """Return 1x1 convolution (C, K), mean over places, dense (K, n): Grad-CAM is worked out in one line."""
    image = keras.Input((side, side, kernel.shape[0]), name="image")
    maps = layers.Conv2D(kernel.shape[1], 1, use_bias=False, name="maps")
    dense = layers.Dense(dense_weights.shape[1], use_bias=False, name="classes")
    pooled = layers.GlobalAveragePooling2D(name="mean")(maps(image))
    model = keras.Model(image, layers.Softmax(name="softmax")(dense(pooled)), name="averaging")
    maps.set_weights([kernel[None, None]])
    dense.set_weights([dense_weights])
    return model


def one_pixel_reader(height: int, width: int, row: int, column: int) -> keras.Model:
    """Return a model whose one score is the value of one pixel."""
    weights = np.zeros((height, width, 1), np.float32)
    weights[row, column] = 1
    return linear(weights)


def constant(side: int = SIDE) -> keras.Model:
    """Return a model with one convolution whose scores are the same for every picture."""
    image = keras.Input((side, side, 3), name="image")
    maps = layers.Conv2D(2, 3, padding="same", name="maps")(image)
    dense = layers.Dense(2, kernel_initializer="zeros", name="classes")
    return keras.Model(image, dense(layers.GlobalAveragePooling2D()(maps)), name="constant")
