"""Patches put into pictures, and a layer of every kind that may run them."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

import cnnviz_widgets as cnnviz

CLOSE = 1e-5  # of the range of the answers


def covered(image: cnnviz.Image, patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the picture with each patch put in, (N, H, W, C)."""
    made = np.repeat(image.pixels[None], len(places), axis=0)
    for picture, patch, (top, left) in zip(made, patches, places, strict=True):
        picture[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
    return made


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    scale = max(float(np.ptp(expected)), float(np.abs(expected).max()) / 10, 1e-6)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * scale)


def everywhere(size: tuple[int, int], patch: tuple[int, int]) -> np.ndarray:
    """Return some places: all corners, and a few between."""
    rows, columns = (
        sorted({0, (n - k) // 3, (n - k) // 2, max(n - k - 1, 0), n - k})
        for n, k in zip(size, patch, strict=True)
    )
    return np.array([(row, column) for row in rows for column in columns])


KINDS: dict[str, Callable[[], Any]] = {
    "convolution": lambda: layers.Conv2D(3, 3, activation="relu"),
    "same convolution": lambda: layers.Conv2D(3, (3, 4), padding="same", activation="elu"),
    "strided convolution": lambda: layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False),
    "sparse convolution": lambda: layers.Conv2D(3, 1, strides=2),
    "sparse convolution of wide steps": lambda: layers.Conv2D(3, 2, strides=(3, 4), padding="same"),
    "strided valid convolution": lambda: layers.Conv2D(3, (2, 3), strides=(2, 3)),
    "dilated convolution": lambda: layers.Conv2D(3, 3, dilation_rate=2, padding="same"),
    "grouped convolution": lambda: layers.Conv2D(4, 3, groups=2, padding="same"),
    "depthwise convolution": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    "strided depthwise convolution": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
    "separable convolution": lambda: layers.SeparableConv2D(
        4, 3, strides=2, padding="same", activation="relu"
    ),
    "normalised separable convolution": lambda: keras.Sequential(
        [layers.SeparableConv2D(4, 3, padding="same", use_bias=False), layers.BatchNormalization()]
    ),
    "transposed convolution": lambda: layers.Conv2DTranspose(
        3, 3, strides=2, padding="same", activation="relu"
    ),
    "valid transposed convolution": lambda: layers.Conv2DTranspose(3, 4, strides=3),
    "transposed convolution with gaps": lambda: layers.Conv2DTranspose(3, 2, strides=3, padding="same"),
    "maximum pooling": lambda: layers.MaxPooling2D(),
    "same maximum pooling": lambda: layers.MaxPooling2D(3, strides=2, padding="same"),
    "sparse maximum pooling": lambda: layers.MaxPooling2D(1, strides=2),
    "average pooling": lambda: layers.AveragePooling2D((2, 3), strides=2),
    "same average pooling": lambda: layers.AveragePooling2D(3, strides=1, padding="same"),
    "nearest upsampling": lambda: layers.UpSampling2D((2, 3)),
    "bilinear upsampling": lambda: layers.UpSampling2D((3, 2), interpolation="bilinear"),
    "zero padding": lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
    "cropping": lambda: layers.Cropping2D(((2, 1), (1, 3))),
    "normalisation": lambda: layers.BatchNormalization(),
    "channel softmax": lambda: layers.Softmax(),
    "channel layer normalisation": lambda: layers.LayerNormalization(),
    "rescaling": lambda: layers.Rescaling(2.0, offset=[0.1, 0.2, 0.3, 0.4]),
    "shared slopes": lambda: layers.PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform"),
    "dropout": lambda: layers.Dropout(0.5),
    "dense over channels": lambda: layers.Dense(3, activation="tanh"),
}


def randomise(model: keras.Model, seed: int) -> keras.Model:
    """Give every weight that begins at a constant a random value."""
    source = np.random.default_rng(seed)
    for weight in model.weights:
        if np.ptp(weight.numpy()) == 0:
            weight.assign(source.uniform(0.5, 1.5, weight.shape) * (1 if "var" in weight.path else 0.5))
    return model


def between(kind: Callable[[], Any], size: tuple[int, int] = (13, 16)) -> keras.Model:
    """Return a model with one layer between two convolutions."""
    keras.utils.set_random_seed(3)
    image = keras.Input((*size, 2), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="before")(image)
    x = kind()(x)
    x = layers.Conv2D(2, 3, padding="same", name="after")(x)
    return randomise(keras.Model(image, x), 0)
