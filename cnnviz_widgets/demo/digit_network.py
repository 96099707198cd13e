"""The small digit network, whose last convolution holds one map a class."""

from __future__ import annotations

import keras
from keras import layers

DIGIT_NAMES = tuple("0123456789")


def digit_network() -> keras.Model:
    """Return the untrained network: 28x28x1 with values 0 to 255 in, ten probabilities out.

    Five ReLU convolutions come before one of ten filters without a ReLU, named ``class_maps``. The mean of
    a class's map over its positions is that class's score, so each map says where the evidence for a digit,
    or against it, lies (Lin, Chen and Yan, "Network In Network", ICLR 2014, arXiv:1312.4400, section 3.2).
    There is one pooling only, so that the maps stay at 14x14.
    """
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    x = _convolution(x, 16, "conv1a")
    x = _convolution(x, 32, "conv1b")
    x = layers.MaxPooling2D(name="pool1")(x)
    x = _convolution(x, 48, "conv2a")
    x = _convolution(x, 48, "conv2b")
    x = _convolution(x, 64, "conv2c")
    x = layers.Conv2D(len(DIGIT_NAMES), 3, padding="same", name="class_maps")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(image, layers.Softmax(name="softmax")(x), name="digit_classifier")


def _convolution(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(
        filters, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=name
    )(x)
