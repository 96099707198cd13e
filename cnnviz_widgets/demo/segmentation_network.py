"""The network of the segmenter: a small U-Net."""

from __future__ import annotations

import keras
from keras import layers

from .scenes import SCENE_CLASSES, SCENE_SIDE


def segmentation_network() -> keras.Model:
    """Return the untrained network: 96x96x3 with values 0 to 255 in, the probability of each class at each pixel out.

    Convolutions with batch normalization and ReLU go down to 12x12 and up again, with a bridge at every size on the
    way (Ronneberger, Fischer and Brox, "U-Net", MICCAI 2015, arXiv:1505.04597). The layer ``class_scores`` holds the
    logits of every pixel, ``softmax`` makes probabilities of them.
    """
    image = keras.Input((SCENE_SIDE, SCENE_SIDE, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(image)
    half = _convolution(x, 16, "down_1", stride=2)
    half = _convolution(half, 16, "down_1b")
    quarter = _convolution(half, 32, "down_2", stride=2)
    quarter = _convolution(quarter, 32, "down_2b")
    x = _convolution(quarter, 64, "down_3", stride=2)
    x = _convolution(x, 64, "bottom")
    x = _convolution(x, 64, "bottom_b")
    x = layers.Concatenate(name="bridge_2")([layers.UpSampling2D(name="double_3")(x), quarter])
    x = _convolution(x, 32, "up_2")
    x = layers.Concatenate(name="bridge_1")([layers.UpSampling2D(name="double_2")(x), half])
    x = _convolution(x, 24, "up_1")
    x = layers.UpSampling2D(interpolation="bilinear", name="double_1")(x)
    x = layers.Conv2D(len(SCENE_CLASSES), 3, padding="same", name="class_scores")(x)
    return keras.Model(image, layers.Softmax(name="softmax")(x), name="segmenter")


def _convolution(x: keras.KerasTensor, filters: int, name: str, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False, name=name)(x)
    return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(x))
