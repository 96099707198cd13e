"""Models whose author wrote of training where the network is called, and pictures changed at random for training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

SIDE = 8


class Brighter(layers.Layer):
    """An author's own augmentation: training unless told otherwise."""

    def call(self, inputs: Any, training: bool = True) -> Any:
        return inputs * 3.0 + 1.0 if training else inputs


class Around(layers.Layer):
    """A layer that says nothing of training itself and holds one that does."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.inner = Brighter()

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


def augmented() -> keras.Model:
    """Return a classifier that flips, turns, zooms and brightens its pictures while it learns."""
    image = keras.Input((SIDE, SIDE, 3), name="image")
    flip = keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.2)], name="augmentation")
    x = flip(image, training=True)
    for layer in (layers.RandomZoom(0.3), layers.RandomContrast(0.9), Brighter(name="brighter"), Around()):
        x = layer(x)
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(layers.Rescaling(1 / 255, name="scaled")(x))
    pooled = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(pooled), name="augmented")


def training_at_a_call() -> keras.Model:
    """Return a network whose author wrote ``training=True`` at a dropout, a normalisation and an inner model."""
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(image)
    x = layers.BatchNormalization(momentum=0.1, name="norm")(x, training=True)
    within = keras.Input((SIDE, SIDE, 4), name="within")
    dropped = layers.GaussianNoise(1.0)(layers.Dropout(0.5)(within))
    x = keras.Model(within, layers.BatchNormalization()(dropped), name="inner")(x, training=True)
    pooled = layers.Dropout(0.5, name="drop")(layers.GlobalAveragePooling2D(name="mean")(x), training=True)
    return keras.Model(image, layers.Dense(3, name="classes")(ops.abs(pooled)), name="training_at_a_call")


KINDS: dict[str, Callable[[], keras.Model]] = {
    "augmentation layers": augmented,
    "training=True at a call": training_at_a_call,
}
