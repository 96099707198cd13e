"""Pictures that a network crops, mirrors or moves inside: no class map at another place without a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz

SIDE = 32
MOVING: dict[str, Callable[[Any], Any]] = {
    "a mirror by a slice": lambda x: x[:, :, ::-1],
    "a mirror": lambda x: ops.flip(x, axis=1),
    "TensorFlow's mirror": layers.Lambda(tf.image.flip_left_right),
    "a quarter turn": layers.Lambda(tf.image.rot90),
    "a crop": layers.Cropping2D(((8, 0), (0, 0))),
    "a crop of the middle": layers.CenterCrop(24, 24),
    "a slice": lambda x: x[:, :16, :16],
    "a wide margin": layers.ZeroPadding2D(((16, 0), (16, 0))),
    "a roll": lambda x: ops.roll(x, 8, axis=2),
}
STAYING: dict[str, Callable[[Any], Any]] = {
    "channels in the order of Caffe": lambda x: keras.applications.vgg16.preprocess_input(x),
    "a range": layers.Rescaling(1 / 255),
    "a function of pixels": layers.Lambda(lambda x: tf.sqrt(x)),
    "a mirror of channels": lambda x: x[..., ::-1],
    "another size": layers.Resizing(24, 24),
    "every second pixel": lambda x: x[:, ::2, ::2],
    "a margin": layers.ZeroPadding2D(2),
}


def network(before: Callable[[Any], Any]) -> keras.Model:
    """Return a network that answers to what is bright, behind something done to the picture."""
    keras.utils.set_random_seed(1)
    picture = keras.Input((SIDE, SIDE, 3))
    maps = layers.Conv2D(4, 3, padding="same", activation="relu", kernel_initializer="ones", name="conv")(
        before(picture)
    )
    row = layers.GlobalAveragePooling2D()(maps)
    return keras.Model(picture, layers.Dense(2, kernel_initializer="ones", name="classes")(row))


def bright(down: int, across: int) -> np.ndarray:
    pixels = np.full((SIDE, SIDE, 3), 0.3, np.float32)
    pixels[down : down + 3, across : across + 3] = 1.0
    return pixels


@pytest.mark.parametrize("what", MOVING)
def test_maps_of_a_picture_that_is_moved_inside_are_not_laid_over_the_picture(what: str) -> None:
    probe = cnnviz.Probe(network(MOVING[what]), task="multiclass")
    assert any("crops, mirrors or moves the picture" in note for note in probe.notes)
    assert not probe.layer("conv").places
    assert not probe.has_maps
    with pytest.raises(
        cnnviz.LayerError, match=r"crops, mirrors or moves the picture.*Saliency, Occlusion and RISE"
    ):
        cnnviz.GradCAM(target=1)(probe, bright(6, 6))


@pytest.mark.parametrize("what", STAYING)
def test_maps_of_a_picture_that_stays_where_it_is_show_its_places(what: str) -> None:
    probe = cnnviz.Probe(network(STAYING[what]), task="multiclass", value_range=(0, 255))
    assert not any("moves the picture" in note for note in probe.notes)
    heat = cnnviz.GradCAM(target=1, layer="conv")(probe, (bright(6, 22) * 255).astype(np.uint8))
    down, across = np.unravel_index(heat.values.argmax(), heat.values.shape)
    rows, columns = heat.values.shape
    assert abs((down + 0.5) / rows - 7.5 / SIDE) < 0.1
    assert abs((across + 0.5) / columns - 23.5 / SIDE) < 0.1
    assert probe.layer("conv").places


def test_an_input_of_text_beside_a_cropped_picture_hides_nothing() -> None:
    picture, text = keras.Input((SIDE, SIDE, 3)), keras.Input((1,), dtype="string")
    words = layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(text)
    maps = layers.Conv2D(4, 3, name="conv")(layers.Cropping2D(((8, 0), (0, 0)))(picture))
    row = layers.Concatenate()([layers.GlobalAveragePooling2D()(maps), words])
    probe = cnnviz.Probe(keras.Model([picture, text], layers.Dense(3, activation="softmax")(row)))
    assert not probe.layer("conv").places
    assert any("is held at no text" in note for note in probe.notes)


@pytest.mark.parametrize("above", [0.5, 100.0, 1000.0])
def test_a_threshold_moves_nothing(above: float) -> None:
    probe = cnnviz.Probe(network(layers.Lambda(lambda x: tf.cast(x > above, tf.float32))), task="multiclass")
    assert probe.layer("conv").places


def test_saliency_of_a_mirrored_picture_shows_the_pictures_own_places() -> None:
    keras.utils.set_random_seed(2)
    picture = keras.Input((SIDE, SIDE, 3))
    left = layers.Flatten()(layers.Cropping2D(((0, 0), (0, 24)))(picture[:, :, ::-1]))
    probe = cnnviz.Probe(keras.Model(picture, layers.Dense(2)(left)), task="multiclass")
    values = cnnviz.Saliency(target=1)(probe, bright(6, 6)).values
    assert values[:, 24:].any()
    assert not values[:, :24].any()
