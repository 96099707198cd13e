"""The network of the autoencoder: a question's own layers and names, in the spelling of Keras 3."""

from __future__ import annotations

from typing import NamedTuple

import keras
from keras import layers

from .clothes import SIDE


class Widths(NamedTuple):
    """Filters of the encoder's four convolutions; the last is the number of the code's channels."""

    conv_0: int = 16
    conv_1: int = 32
    conv_2: int = 32
    conv_3: int = 16


def autoencoder_network(
    shape: tuple[int, int, int] = (SIDE, SIDE, 1), widths: Widths | None = None
) -> keras.Model:
    """Return the untrained network: a picture with values 0 to 1 in, its reconstruction out.

    Four times a convolution with ELU and a pooling that halves the size lead to ``encoded``, a sixteenth of the
    picture's height and width; three convolutions, each with a doubling, and ``conv_decoded`` lead back. A last
    doubling of the size follows ``conv_decoded``, so every 2 x 2 pixels of the reconstruction are equal.

    Parameters
    ----------
    shape : tuple of int
        (height, width, channels); height and width must be multiples of 16 for the output to fit the input.
    widths : Widths, optional
        How many filters each convolution has.

    Source: a question of 2018 on Data Science Stack Exchange, "How to visualize convolutional network focus on
    autoencoder?" (33100), which leaves the widths open.
    """
    wide = widths or Widths()
    image = keras.Input(shape, name="input_img_")
    x = layers.MaxPooling2D(padding="same", name="pool_0_e")(_convolution(image, wide.conv_0, "conv_0_e"))
    x = layers.MaxPooling2D(padding="same", name="pool_1_e")(_convolution(x, wide.conv_1, "conv_1_e"))
    x = layers.MaxPooling2D(padding="same", name="pool_2_e")(_convolution(x, wide.conv_2, "conv_2_e"))
    x = layers.MaxPooling2D(padding="same", name="encoded")(_convolution(x, wide.conv_3, "conv_3_e"))
    x = layers.UpSampling2D(name="up_0_d")(_convolution(x, wide.conv_1, "conv_0_d"))
    x = layers.UpSampling2D(name="up_1_d")(_convolution(x, wide.conv_1, "conv_1_d"))
    x = layers.UpSampling2D(name="up_2_d")(_convolution(x, wide.conv_2, "conv_2_d"))
    x = layers.UpSampling2D(name="decoded")(_convolution(x, shape[2], "conv_decoded"))
    return keras.Model(image, x, name="autoencoder")


def _convolution(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(filters, 3, padding="same", activation="elu", name=name)(x)
