"""The small vision transformer of clothes, out of Keras' own layers."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

SIDE, PATCH = 28, 4
TOKENS = (SIDE // PATCH) ** 2
WIDTH, HEADS, BLOCKS = 32, 4, 4


def transformer_network(classes: int = 10) -> keras.Model:
    """Return the untrained network: 28x28x1 with values 0 to 1 in, one probability a class out.

    A. Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021, arXiv:2010.11929, made small: 7x7 patches of
    4x4 pixels, and a class token before them, pass four blocks of attention with four heads. ``placed`` adds to each
    token what is learnt of its place; since the class token comes as zeros, that is all it is made of. The head reads
    the class token alone.
    """
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Conv2D(WIDTH, PATCH, strides=PATCH, name="patches")(image)
    x = layers.Reshape((TOKENS, WIDTH), name="tokens")(x)
    x = layers.ZeroPadding1D((1, 0), name="class_token")(x)
    x = layers.EinsumDense("btc,cd->btd", (TOKENS + 1, WIDTH), bias_axes="td", name="placed")(x)
    for number in range(1, BLOCKS + 1):
        x = _block(x, f"block_{number}")
    x = layers.LayerNormalization(name="normal")(x)
    x = layers.Cropping1D((0, TOKENS), name="read")(x)
    x = layers.Flatten(name="class_code")(x)
    x = layers.Dense(classes, name="scores")(x)
    return keras.Model(image, layers.Softmax(name="softmax")(x), name="transformer")


def _block(x: Any, name: str) -> Any:
    """Return tokens after attention and a dense layer of twice the width, each added to what came in."""
    normal = layers.LayerNormalization(name=f"{name}_normal")(x)
    attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"{name}_attention")
    x = layers.Add(name=f"{name}_attended")([x, attention(normal, normal)])
    wide = layers.LayerNormalization(name=f"{name}_normal_2")(x)
    wide = layers.Dense(2 * WIDTH, activation="gelu", name=f"{name}_wide")(wide)
    return layers.Add(name=name)([x, layers.Dense(WIDTH, name=f"{name}_narrow")(wide)])
