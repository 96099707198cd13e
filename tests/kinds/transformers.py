"""Vision transformers: a picture cut into patches, tokens that attend to one another, and a head that reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

SIDE, WIDTH, HEADS = 4, 8, 2


class Patches(layers.Layer):
    """Squares of a picture as rows, of a number that Keras does not work out beforehand."""

    def call(self, inputs: Any) -> Any:
        rows = ops.image.extract_patches(inputs, SIDE, padding="valid")
        return ops.reshape(rows, (ops.shape(rows)[0], -1, rows.shape[-1]))


class ClassToken(layers.Layer):
    """Puts learnt tokens before those of the picture, or after them."""

    def __init__(self, count: int = 1, last: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.count, self.last = count, last

    def build(self, shape: Any) -> None:
        self.token = self.add_weight(
            shape=(1, self.count, shape[-1]), initializer="random_normal", name="token"
        )

    def call(self, inputs: Any) -> Any:
        token = ops.repeat(self.token, ops.shape(inputs)[0], axis=0)
        return ops.concatenate([inputs, token] if self.last else [token, inputs], axis=1)


class Position(layers.Layer):
    """Adds to each token what is learnt of its place."""

    def build(self, shape: Any) -> None:
        self.place = self.add_weight(shape=(1, *shape[1:]), initializer="random_normal", name="place")

    def call(self, inputs: Any) -> Any:
        return inputs + self.place


def block(tokens: Any, name: str, attention: Any = None) -> Any:
    """Return tokens after attention and a small network, each added to what came in."""
    normal = layers.LayerNormalization(name=f"{name}_before")(tokens)
    attend = attention or layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"{name}_attention")
    tokens = layers.Add(name=f"{name}_attended")([tokens, attend(normal, normal)])
    hidden = layers.Dense(2 * WIDTH, activation="gelu", name=f"{name}_hidden")(
        layers.LayerNormalization(name=f"{name}_normal")(tokens)
    )
    return layers.Add(name=name)([tokens, layers.Dense(WIDTH, name=f"{name}_back")(hidden)])


def mean_head() -> keras.Model:
    """Return a transformer whose patches are cut by a layer of one's own, and whose head takes the mean of tokens."""
    keras.utils.set_random_seed(3)
    image = keras.Input((16, 16, 3), name="image")
    tokens = layers.Dense(WIDTH, name="embedded")(Patches(name="patches")(image))
    tokens = block(block(tokens, "block_0"), "block_1")
    pooled = layers.GlobalAveragePooling1D(name="mean")(tokens)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(pooled), name="mean_head")


def class_token(count: int = 1, last: bool = False, cut: str = "patches") -> keras.Model:
    """Return a transformer for oblong pictures, cut by a convolution, whose head reads a class token alone."""
    keras.utils.set_random_seed(4)
    image = keras.Input((12, 16, 3), name="image")
    maps = layers.Conv2D(WIDTH, SIDE, strides=SIDE, name=cut)(image)
    tokens = layers.Reshape((-1, WIDTH), name="rows")(maps)
    tokens = Position(name="placed")(ClassToken(count, last, name="with_token")(tokens))
    tokens = block(block(tokens, "block_0"), "block_1")
    read = layers.LayerNormalization(name="last_normal")(tokens)[:, -1 if last else 0]
    return keras.Model(image, layers.Dense(3, name="classes")(read), name="class_token")


KINDS: dict[str, Callable[[], keras.Model]] = {
    "transformer, mean of its tokens": mean_head,
    "transformer, class token": class_token,
}
