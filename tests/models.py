"""Tiny models, one of every kind that a user may bring, and pictures for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from cnnviz_widgets import Image

SIDE = 8


def picture(
    height: int = SIDE, width: int = SIDE, channels: int = 3, seed: int = 0, high: float = 1.0
) -> Image:
    """Return a random picture with values from 0 to `high`."""
    values = np.random.default_rng(seed).uniform(0, high, (height, width, channels))
    return Image(values.astype(np.float32), (0.0, high), f"random {seed}")


def autoencoder() -> keras.Model:
    """Return a model that rebuilds its picture from a code of 4 x 4 x 2."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    code = layers.Conv2D(2, 3, strides=2, padding="same", activation="tanh", name="encoded")(image)
    wide = layers.UpSampling2D(name="wide")(code)
    made = layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="rebuilt")(wide)
    return keras.Model(image, made, name="autoencoder")


def _trunk(image: Any) -> Any:
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="conv_1")(image)
    x = layers.BatchNormalization(name="norm_1")(x)
    x = layers.ReLU(name="relu_1")(x)
    x = layers.MaxPooling2D(name="pool_1")(x)
    return layers.Conv2D(5, 3, padding="same", activation="relu", name="conv_2")(x)


def functional(shape: tuple[int | None, ...] = (SIDE, SIDE, 3), head: str = "softmax") -> keras.Model:
    """Return a small functional classifier of three classes, the same each time."""
    keras.utils.set_random_seed(7)
    image = keras.Input(shape, name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    return keras.Model(image, layers.Dense(3, activation=head, name="classes")(pooled), name="functional")


def base(shape: tuple[int | None, ...] = (SIDE, SIDE, 3)) -> keras.Model:
    """Return the same without softmax, to be put into other models."""
    image = keras.Input(shape, name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    return keras.Model(image, layers.Dense(3, name="logits")(pooled), name="base")


def _sequential_layers() -> list[Any]:
    return [
        layers.Conv2D(4, 3, activation="relu", name="conv_1"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(3, activation="softmax", name="classes"),
    ]


def sequential() -> keras.Model:
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), *_sequential_layers()], name="sequential")


def sequential_called() -> keras.Model:
    model = keras.Sequential(_sequential_layers(), name="sequential_called")
    model(np.zeros((1, SIDE, SIDE, 3), np.float32))
    return model


def sequential_unbuilt() -> keras.Model:
    return keras.Sequential(_sequential_layers(), name="sequential_unbuilt")


def base_and_softmax() -> keras.Model:
    return keras.Sequential([base(), layers.Softmax(name="softmax")], name="base_and_softmax")


def model_in_model_in_model() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    middle = keras.Model(image, layers.ReLU(name="positive")(base()(image * 1.0)), name="middle")
    outer = keras.Input((SIDE, SIDE, 3), name="picture")
    scores = layers.Dense(3, activation="softmax", name="classes")(middle(outer))
    return keras.Model(outer, scores, name="model_in_model_in_model")


def shared_layer() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    shared = layers.Conv2D(3, 3, padding="same", activation="tanh", name="shared")
    pooled = layers.GlobalAveragePooling2D(name="mean")(shared(shared(image)))
    return keras.Model(
        image, layers.Dense(3, activation="softmax", name="classes")(pooled), name="shared_layer"
    )


def shared_model() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    twin = base()
    both = layers.Concatenate(name="both")([twin(image), twin(1.0 - image)])
    return keras.Model(
        image, layers.Dense(3, activation="softmax", name="classes")(both), name="shared_model"
    )


def two_inputs() -> keras.Model:
    image, age = keras.Input((SIDE, SIDE, 3), name="image"), keras.Input((2,), name="age")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    both = layers.Concatenate(name="both")([pooled, age])
    return keras.Model(
        [image, age], layers.Dense(3, activation="softmax", name="classes")(both), name="two_inputs"
    )


def dict_inputs() -> keras.Model:
    given = {
        "photo": keras.Input((SIDE, SIDE, 3), name="photo"),
        "kind": keras.Input((1,), dtype="int32", name="kind"),
    }
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(given["photo"]))
    kind = layers.Flatten(name="flat")(layers.Embedding(4, 2, name="kinds")(given["kind"]))
    scores = layers.Dense(3, activation="softmax", name="classes")(layers.Concatenate()([pooled, kind]))
    return keras.Model(given, scores, name="dict_inputs")


def dict_outputs() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    made = {
        "label": layers.Dense(3, activation="softmax", name="classes")(pooled),
        "angle": layers.Dense(1, name="turn")(pooled),
    }
    return keras.Model(image, made, name="dict_outputs")


def with_policy(policy: str) -> Callable[[], keras.Model]:
    def make() -> keras.Model:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            return functional()
        finally:
            keras.config.set_dtype_policy(before)

    return make


def single_logit() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    return keras.Model(image, layers.Dense(1, activation="sigmoid", name="yes")(pooled), name="single_logit")


def single_score() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    return keras.Model(image, layers.Dense(1, name="price")(pooled), name="single_score")


def segmentation() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    made = layers.Conv2D(4, 1, activation="softmax", name="classes")(_trunk(image))
    return keras.Model(image, made, name="segmentation")


def no_convolution() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Dense(6, activation="relu", name="hidden")(layers.Flatten(name="flat")(image))
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x), name="no_convolution")


def ops_softmax() -> keras.Model:
    image = keras.Input((SIDE, SIDE, 3), name="image")
    pooled = layers.GlobalAveragePooling2D(name="mean")(_trunk(image))
    return keras.Model(image, ops.softmax(layers.Dense(3, name="logits")(pooled)), name="ops_softmax")


class Subclassed(keras.Model):
    """A model written as a class: Keras records nothing of what happens in `call`."""

    def __init__(self) -> None:
        super().__init__(name="subclassed")
        self.conv = layers.Conv2D(4, 3, activation="relu")
        self.pool = layers.GlobalAveragePooling2D()
        self.classes = layers.Dense(3, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.classes(self.pool(self.conv(inputs)))


def subclassed() -> keras.Model:
    model = Subclassed()
    model(np.zeros((1, SIDE, SIDE, 3), np.float32))
    return model


class Closed(Subclassed):
    """The same, with its layers inside of a loop: what they make in there cannot be had outside."""

    def call(self, inputs: Any) -> Any:
        return tf.map_fn(lambda one: super(Closed, self).call(one[None])[0], inputs)


def closed() -> keras.Model:
    model = Closed()
    model.name = "closed"
    model(np.zeros((1, SIDE, SIDE, 3), np.float32))
    return model


def channels_first() -> keras.Model:
    image = keras.Input((3, SIDE, SIDE), name="image")
    x = layers.Conv2D(4, 3, data_format="channels_first", name="conv_1")(image)
    pooled = layers.GlobalAveragePooling2D(data_format="channels_first", name="mean")(x)
    return keras.Model(
        image, layers.Dense(3, activation="softmax", name="classes")(pooled), name="channels_first"
    )


def frozen_and_compiled() -> keras.Model:
    model = functional()
    model.trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


ZOO: dict[str, Callable[[], keras.Model]] = {
    "functional": functional,
    "Sequential": sequential,
    "Sequential, built by its first call": sequential_called,
    "Sequential, not built": sequential_unbuilt,
    "Sequential([base, Softmax()])": base_and_softmax,
    "model in model in model": model_in_model_in_model,
    "shared layer": shared_layer,
    "shared model": shared_model,
    "two inputs": two_inputs,
    "dict of inputs": dict_inputs,
    "dict of outputs": dict_outputs,
    "mixed_float16": with_policy("mixed_float16"),
    "float64": with_policy("float64"),
    "greyscale": lambda: functional((SIDE, SIDE, 1)),
    "non-square": lambda: functional((SIDE, 12, 3)),
    "variable size": lambda: functional((None, None, 3)),
    "one sigmoid": single_logit,
    "one score": single_score,
    "logits without softmax": lambda: functional(head="linear"),
    "keras.ops.softmax": ops_softmax,
    "image output": autoencoder,
    "maps as output": segmentation,
    "no convolution": no_convolution,
    "subclassed": subclassed,
    "channels_first": channels_first,
    "frozen and compiled": frozen_and_compiled,
}
