"""Kinds of answer: masks, steps, boxes, numbers, embeddings, pictures of another size, and pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

SIDE = 8


def _maps(side: int | None = SIDE, channels: int = 3, name: str = "seen") -> tuple[Any, Any]:
    image = keras.Input((side, side, channels), name="image")
    return image, layers.Conv2D(4, 3, padding="same", activation="relu", name=name)(image)


def u_net(
    taken: int = 1, given: int = 1, activation: str | None = "sigmoid", side: int | None = SIDE
) -> keras.Model:
    """Return a network of two sizes with a skip connection past the smaller one."""
    image, early = _maps(side, taken, "down_1")
    small = layers.Conv2D(4, 3, padding="same", activation="relu", name="down_2")(
        layers.MaxPooling2D()(early)
    )
    both = layers.Concatenate(name="both")([layers.UpSampling2D()(small), early])
    late = layers.Conv2D(4, 3, padding="same", activation="relu", name="up_1")(both)
    return keras.Model(image, layers.Conv2D(given, 1, activation=activation, name="last")(late))


def steps() -> keras.Model:
    """Return a reader of four steps, three letters and a blank each."""
    image, x = _maps()
    x = layers.Reshape((4, -1))(
        layers.Permute((2, 1, 3), name="turned")(layers.MaxPooling2D(2, name="pool")(x))
    )
    x = layers.GRU(5, return_sequences=True, name="read")(x)
    return keras.Model(image, layers.Dense(4, activation="softmax", name="letters")(x))


def boxes() -> keras.Model:
    """Return sixteen boxes of four coordinates and three class scores."""
    image, x = _maps()
    x = layers.Conv2D(7, 3, strides=2, padding="same", name="rows_as_maps")(x)
    return keras.Model(image, layers.Reshape((-1, 7), name="rows")(x))


def key_points() -> keras.Model:
    """Return three points, by their shares of height and width."""
    image, x = _maps()
    model = keras.Model(image, layers.Dense(6, activation="sigmoid")(layers.GlobalAveragePooling2D()(x)))
    model.compile(loss="mse")
    return model


def encoder() -> keras.Model:
    """Return an embedding of length 1."""
    image, x = _maps()
    x = layers.Dense(6, name="last_sum")(layers.Flatten()(x))
    return keras.Model(image, layers.UnitNormalization(name="unit")(x), name="encoder")


def enlarger() -> keras.Model:
    """Return pictures of any size, made twice as large."""
    image, x = _maps(None)
    return keras.Model(image, layers.Conv2DTranspose(3, 4, strides=2, padding="same", name="larger")(x))


def pair() -> keras.Model:
    """Return the distance of two pictures' embeddings, one number without an axis of its own."""
    branch = encoder()
    left, right = keras.Input((SIDE, SIDE, 3), name="left"), keras.Input((SIDE, SIDE, 3), name="right")
    apart = branch(left) - branch(right)
    return keras.Model([left, right], ops.sqrt(ops.sum(apart**2, axis=1) + 1e-9), name="pair")


KINDS: dict[str, Callable[[], keras.Model]] = {
    "one mask": u_net,
    "classes at steps": steps,
    "rows of boxes": boxes,
    "key points": key_points,
    "embedding": encoder,
    "enlarged picture": enlarger,
    "pair of pictures": pair,
}
