"""Tiny networks whose answer is no row of classes, with weights set by hand so that the answer is known."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

SIDE = 8
LETTERS = ("a", "b", "c")


def by_brightness(classes: int = 2) -> keras.Model:
    """Return a segmentation: class 1 wins where a grey picture is over 0.5, class 0 elsewhere; class 2 nowhere."""
    image = keras.Input((SIDE, SIDE, 1))
    maps = layers.Conv2D(2, 1, activation="relu", name="maps")
    scores = layers.Conv2D(classes, 1, name="scores")
    made = keras.Model(image, layers.Softmax(name="softmax")(scores(maps(image))), name="by_brightness")
    maps.set_weights([np.ones((1, 1, 1, 2), "float32"), np.zeros(2, "float32")])
    kernel, bias = np.zeros((1, 1, 2, classes), "float32"), np.full(classes, -50, "float32")
    kernel[..., 1] = 5
    bias[0], bias[1] = 0, -5
    scores.set_weights([kernel, bias])
    return made


def by_column() -> keras.Model:
    """Return a sequence of four steps, two columns of a grey picture each: the brighter, the surer of ``b``."""
    image = keras.Input((SIDE, SIDE, 1))
    maps = layers.Conv2D(1, 1, name="maps")
    steps = layers.Reshape((4, 1), name="steps")(
        layers.Permute((2, 1, 3))(layers.AveragePooling2D((SIDE, 2), name="pool")(maps(image)))
    )
    scores = layers.Dense(3, name="scores")
    made = keras.Model(image, layers.Softmax()(scores(steps)), name="by_column")
    maps.set_weights([np.ones((1, 1, 1, 1), "float32"), np.zeros(1, "float32")])
    scores.set_weights([np.array([[0, 10, 0]], "float32"), np.array([0, -5, -20], "float32")])
    return made


def doubled() -> keras.Model:
    """Return an image to image network: each pixel twice as bright, one channel, no smaller code."""
    image = keras.Input((SIDE, SIDE, 3))
    maps = layers.Conv2D(3, 1, name="maps")
    last = layers.Conv2D(3, 1, name="last")
    made = keras.Model(image, last(maps(image)), name="doubled")
    eye = np.eye(3, dtype="float32")[None, None]
    maps.set_weights([eye, np.zeros(3, "float32")])
    last.set_weights([2 * eye, np.zeros(3, "float32")])
    return made


def boxes() -> keras.Model:
    """Return two rows of a box, 0 1 2 3, and two class scores: the second row's class 1 is best."""
    image = keras.Input((SIDE, SIDE, 1))
    maps = layers.Conv2D(1, 1, activation="relu", name="maps")
    dense = layers.Dense(12, name="numbers")
    pooled = layers.GlobalAveragePooling2D()(maps(image))
    made = keras.Model(image, layers.Reshape((2, 6), name="rows")(dense(pooled)), name="boxes")
    maps.set_weights([np.ones((1, 1, 1, 1), "float32"), np.zeros(1, "float32")])
    bias = np.array([0, 1, 2, 3, 4, 0, 0, 1, 2, 3, 0, 5], "float32")
    dense.set_weights([np.zeros((1, 12), "float32"), bias])
    return made


def distance() -> keras.Model:
    """Return a pair: two pictures in, the distance of their codes of length 1 out."""
    code = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(2, 3, activation="relu", name="maps"),
            layers.Flatten(),
            layers.Dense(4, kernel_initializer=keras.initializers.RandomNormal(seed=1)),
            layers.UnitNormalization(),
        ],
        name="code",
    )
    one, other = keras.Input((SIDE, SIDE, 1), name="one"), keras.Input((SIDE, SIDE, 1), name="other")
    apart = keras.ops.sqrt(
        keras.ops.sum(keras.ops.square(code(one) - code(other)), axis=1, keepdims=True) + 1e-9
    )
    return keras.Model([one, other], apart, name="distance")
