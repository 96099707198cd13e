"""Models and layers that are written as classes, with and without a way to look inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tests import models
from tests.models import SIDE


class Small(keras.Model):
    """Two convolutions and a head, with an operation between."""

    def __init__(self) -> None:
        super().__init__(name="small")
        self.first = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")
        self.second = layers.Conv2D(5, 3, padding="same", name="second")
        self.drop = layers.Dropout(0.5, name="drop")
        self.head = layers.Dense(3, activation="softmax", name="head")

    def call(self, pictures: Any, training: bool = False) -> Any:
        maps = ops.relu(self.second(self.first(pictures)) + 0.1)
        return self.head(self.drop(ops.mean(maps, axis=(1, 2)), training=training))


class Block(layers.Layer):
    """A residual block."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.inner = layers.Conv2D(3, 3, padding="same", activation="relu", name="inner")

    def call(self, maps: Any) -> Any:
        return maps + self.inner(maps)


def blocks() -> keras.Model:
    keras.utils.set_random_seed(4)
    image = keras.Input((SIDE, SIDE, 3))
    shared = Block(name="block")
    pooled = layers.GlobalAveragePooling2D()(shared(shared(image)))
    return keras.Model(image, layers.Dense(3, name="classes")(pooled), name="blocks")


class Flow(Small):
    """The same with a weight of its own, Python's flow and plain TensorFlow between the layers."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(3, name="head")

    def build(self, _: Any) -> None:
        self.scale = self.add_weight(shape=(4,), initializer="random_normal", name="scale")

    def call(self, pictures: Any, training: bool = False) -> Any:
        maps = self.first(pictures)
        maps = tf.nn.relu(self.second(maps * self.scale)) if maps.shape[1] > 4 else maps
        self.meanwhile()
        rows = tf.reshape(maps, (tf.shape(maps)[0], -1, 5))
        return tf.nn.softmax(self.head(self.drop(tf.reduce_max(rows, axis=1), training=training)))

    def meanwhile(self) -> None:
        """Do nothing."""


def with_flow() -> Flow:
    keras.utils.set_random_seed(5)
    model = Flow()
    model(np.zeros((1, SIDE, SIDE, 3), np.float32))
    return model


KINDS: dict[str, Callable[[], keras.Model]] = {
    "written as a class, TensorFlow between layers": with_flow,
    "layers made of layers": blocks,
    "written as a class, closed": models.closed,
}
